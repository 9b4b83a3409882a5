"""The demo's clock: begins on a Monday morning in Belitung, runs on from there, and can be moved forward."""

from datetime import UTC, datetime, time, timedelta

from models.clock import SystemClock
from models.months import Month, local_day
from models.programme import Programme

BEGINS = datetime(2025, 10, 13, 2, 0, tzinfo=UTC)
"""Monday 13 October 2025, 09.00 WIB: the day after 92 of 237 was counted, well inside the waking hours."""


class DemoClock:
    """The machine's clock, moved to where the demo begins. May be read and set in any thread."""

    def __init__(self, begins: datetime = BEGINS) -> None:
        self._machine = SystemClock()
        self._offset: timedelta = begins - self._machine.now()

    def now(self) -> datetime:
        """Return the demo's present instant."""
        return self._machine.now() + self._offset

    def set(self, now: datetime) -> None:
        """Go on from another instant."""
        self._offset = now - self._machine.now()


MORNING = time(9, 0)


def next_payout_morning(programme: Programme, now: datetime) -> datetime:
    """Return 09.00 local time of the first day after today on which the month's aid falls due, in UTC."""
    today = local_day(now, programme.zone)
    this_month = Month.of(today)
    due = next(day for n in range(2) if (day := programme.due_on(this_month.plus(n))) > today)
    return datetime.combine(due, MORNING, programme.zone).astimezone(UTC)
