"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2025, 10, 13, 3, 0, tzinfo=UTC)
"""13 October 2025, 10.00 WIB: inside the waking hours and the first round."""


class FixedClock:
    """A `models.clock.Clock` that a test holds in its hand."""

    def __init__(self, now: datetime = MONDAY_MORNING) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant at which the clock stands."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on (or back); return the new instant."""
        self._now += by
        return self._now

    def set(self, now: datetime) -> datetime:
        """Stand at another instant."""
        self._now = now.astimezone(UTC)
        return self._now
