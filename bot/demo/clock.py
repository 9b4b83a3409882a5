"""The demo's clock: begins on a Monday morning in Belitung and runs on from there."""

from datetime import UTC, datetime, timedelta

from models.clock import SystemClock

BEGINS = datetime(2025, 10, 13, 2, 0, tzinfo=UTC)
"""Monday 13 October 2025, 09.00 WIB: the day after 92 of 237 was counted, well inside the waking hours."""


class DemoClock:
    """The machine's clock, moved to where the demo begins."""

    def __init__(self, begins: datetime = BEGINS) -> None:
        self._machine = SystemClock()
        self._offset: timedelta = begins - self._machine.now()

    def now(self) -> datetime:
        """Return the demo's present instant."""
        return self._machine.now() + self._offset
