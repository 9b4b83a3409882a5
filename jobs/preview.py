"""What a month would send: planned day by day, as the schedule does it, and all of it undone.

As things stand: whatever is reported, answered, visited or ended before a reminder leaves is not said any more, so
fewer may leave than are shown. Days that are over show what was planned on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from jobs.planning import SUBJECTS, steps, take_step
from models.children import Child
from models.errors import GentingError
from models.months import Month, local_day, local_instant
from models.payouts import Payout, last_month_opened
from models.people import Person
from models.programme import Programme
from models.reasons import at, reason
from models.reminders import (
    TOLD_TOGETHER,
    ReminderKind,
    can_be_told,
    last_reminder,
    reminders_after,
    reminders_planned_between,
)
from models.statements import instant

LONGEST_STAGE = timedelta(days=80)
"""What begins so long before the month may still be said in it, or has been said by then."""

FURTHEST = 60
"""So many months ahead something can be said about."""

WHY = {
    ReminderKind.PAYOUT_SOON: "the aid is due within three days and not reported",
    ReminderKind.PAYOUT_DUE: "the aid is due and not reported",
    ReminderKind.PAYOUT_LATE: "the aid is three days late and not reported",
    ReminderKind.PAYOUT_OVERDUE: "the aid is ten days late and not reported",
    ReminderKind.FAMILY_NOTICE: "aid is on its way to the child",
    ReminderKind.FAMILY_CONFIRM: "a transfer was reported three days ago and the family has said nothing",
    ReminderKind.CHECK_IN: "the month's nutrition check-in is open",
    ReminderKind.CHECK_IN_AGAIN: "the check-in has waited three days for an answer",
    ReminderKind.VISIT: "the child has not been visited this month",
    ReminderKind.RENEWAL: "the pledge ends soon and nobody has said what then",
    ReminderKind.RENEWAL_LAST: "the pledge ends within a week and nobody has said what then",
    ReminderKind.DIGEST: "a week begins",
    ReminderKind.MONTH_START: "a month begins",
    ReminderKind.REPORT: "the report of the month before is ready",
    ReminderKind.NUDGE: "has signed up some time ago and supports no child yet",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What is said on a day for one kind and period: `reminders` in so many `messages`, by channel.

    `unreachable`: so many more have the reason and no chat, or want no messages.
    """

    day: date
    kind: ReminderKind
    period: str
    reminders: int
    messages: int
    channels: dict[str, int]
    unreachable: int = 0
    is_planned: bool = False

    @property
    def to(self) -> str:
        """Whose role it is to be told."""
        about = SUBJECTS.get(self.kind)
        return "coordinator" if about is Person else "family" if about in {Child, Payout} else "foster parent"

    @property
    def why(self) -> str:
        """The reason, in words."""
        return WHY[self.kind]


def preview(connection: Connection, programme: Programme, now: datetime, month: Month) -> list[Line]:
    """Return what a month says, day by day. Nothing of it is kept. Raises GentingError for a month too far ahead."""
    today = local_day(now, programme.zone)
    if Month.of(today).distance(month) > FURTHEST:
        raise GentingError(f"{month} is more than five years ahead")
    found = list(_planned(connection, programme, month))
    undone = connection.begin_nested()
    try:
        day = max(today, month.first_day - LONGEST_STAGE)
        seen: set[tuple[ReminderKind, str]] = set()
        while day <= month.last_day:
            lines = list(_on(connection, programme, day, now, seen))
            found += lines if day >= month.first_day else []
            day += timedelta(days=1)
    finally:
        undone.rollback()
    return sorted(found, key=lambda line: (line.day, line.to, list(ReminderKind).index(line.kind)))


def _planned(connection: Connection, programme: Programme, month: Month) -> Iterator[Line]:
    """Yield what has been planned in the month already."""
    begins = local_instant(month.first_day, datetime.min.time(), programme.zone)
    ends = local_instant(month.plus(1).first_day, datetime.min.time(), programme.zone)
    by_key: dict[tuple[date, ReminderKind, str], dict[str, tuple[int, int]]] = {}
    for planned_ms, kind, period, channel, reminders, people in reminders_planned_between(
        connection, begins, ends
    ):
        day = local_day(instant(planned_ms), programme.zone)
        counts = by_key.setdefault((day, kind, period), {})
        before = counts.get(channel, (0, 0))
        counts[channel] = before[0] + reminders, before[1] + people
    for (day, kind, period), counts in by_key.items():
        yield _line(day, kind, period, counts, is_planned=True)


def _on(
    connection: Connection,
    programme: Programme,
    day: date,
    now: datetime,
    seen: set[tuple[ReminderKind, str]],
) -> Iterator[Line]:
    """Plan a day; yield what it adds. `seen` are the kinds and periods that earlier days had."""
    moment = max(now, local_instant(day, programme.schedule.remind_at, programme.zone))
    before = last_reminder(connection)
    without_chat = {}
    for step in steps(programme, day, last_month_opened(connection, Month.of(day))):
        rest = take_step(connection, programme, moment, step)
        while rest is not None:
            rest = take_step(connection, programme, moment, rest)
        if not isinstance(step.what, Month) and (key := (step.what.kind, step.what.period)) not in seen:
            seen.add(key)
            why = reason(*key)
            untold = why.query.where(~can_be_told(why.person)).subquery()
            without_chat[key] = connection.execute(
                select(func.count()).select_from(untold), at(moment)
            ).scalar_one()
    counts: dict[tuple[ReminderKind, str], dict[str, tuple[int, int]]] = {}
    for kind, period, channel, reminders, people in reminders_after(connection, before):
        counts.setdefault((kind, period), {})[channel] = reminders, people
    for key in [*counts, *(key for key, untold in without_chat.items() if untold and key not in counts)]:
        yield _line(day, *key, counts.get(key, {}), unreachable=without_chat.get(key, 0))


def _line(
    day: date,
    kind: ReminderKind,
    period: str,
    counts: dict[str, tuple[int, int]],
    *,
    unreachable: int = 0,
    is_planned: bool = False,
) -> Line:
    together = kind in TOLD_TOGETHER
    channels = {channel: people if together else n for channel, (n, people) in sorted(counts.items())}
    return Line(
        day,
        kind,
        period,
        reminders=sum(n for n, _ in counts.values()),
        messages=sum(channels.values()),
        channels=channels,
        unreachable=unreachable,
        is_planned=is_planned,
    )
