"""A clock that stands still until a test moves it, and one that goes on from where it was set."""

from datetime import UTC, datetime, timedelta
from time import monotonic

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


class RunningClock(FixedClock):
    """Goes on with the machine's seconds: for whole conversations, where a send that failed is tried again later."""

    def __init__(self, now: datetime = MONDAY_MORNING) -> None:
        super().__init__(now)
        self._since = monotonic()

    def now(self) -> datetime:
        """Return the instant at which it was set, and what has passed since."""
        return self._now + timedelta(seconds=monotonic() - self._since)

    def advance(self, by: timedelta) -> datetime:
        """Move on (or back); return the new instant."""
        return self.set(self.now() + by)

    def set(self, now: datetime) -> datetime:
        """Go on from another instant."""
        self._since = monotonic()
        return super().set(now)
