"""Which reminders fall due: dates here, reasons in `models.reasons`.

On any day each event of a month (the aid's due day, the check-in) is in at most one of its stages, from the friendly
word before to the urgent one after. Whoever plans on that day, early, late, twice or on two servers, enters that
stage's reminders once; a stage that passed while the server slept is not made up for, because the next one says more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    Insert,
    Integer,
    String,
    and_,
    bindparam,
    inspect,
    literal,
)
from sqlmodel import col

from models.checkins import LATE_DAYS
from models.children import Child
from models.inserts import LOOKED_OVER, first_without, insert_missing_on
from models.months import Month
from models.payouts import Payout, open_month
from models.people import FosterParent, Person
from models.pledges import Pledge
from models.programme import Programme
from models.reasons import at, reason
from models.reminders import Reminder, ReminderKind, ReminderState, can_be_told
from models.statements import milliseconds

AHEAD = timedelta(days=3)
"""The friendly word comes so long before the aid is due."""

NUDGE_DAY = 20
"""The day of the month from which those who have signed up and give nothing are told of children who wait."""

CHUNK = 500
"""Subjects planned in one transaction: the write lock stays short (docs/decisions.md)."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A kind of reminder whose time it is, in which period; `ends_on` is the first day on which it is too late."""

    kind: ReminderKind
    period: str
    ends_on: date


def stages(programme: Programme, today: date) -> list[Stage]:
    """Return the stages in which the events of the months around a day are."""
    this = Month.of(today)
    found = [*_week(today)]
    for month in (this.plus(-2), this.plus(-1), this, this.plus(1)):
        found += _stages_of(programme, month)
    found += _renewals(programme, today)
    return [stage for stage, begins in found if begins <= today < stage.ends_on]


Dated = tuple[Stage, date]
"""A stage and the day on which it begins."""


def _stages_of(programme: Programme, month: Month) -> Iterator[Dated]:
    """The stages of one month's events; those of one event follow each other without a gap or an overlap."""
    due, next_due = programme.due_on(month), programme.due_on(month.plus(1))
    late, overdue = due + timedelta(days=3), due + timedelta(days=10)
    asked, begun = programme.check_in_on(month), month.plus(1).first_day
    answered_by = min(asked + timedelta(days=10), begun + timedelta(days=LATE_DAYS))
    for kind, begins, ends_on in (
        (ReminderKind.PAYOUT_SOON, due - AHEAD, due),
        (ReminderKind.PAYOUT_DUE, due, late),
        (ReminderKind.PAYOUT_LATE, late, overdue),
        (ReminderKind.PAYOUT_OVERDUE, overdue, next_due - AHEAD),
        (ReminderKind.FAMILY_NOTICE, due, due + timedelta(days=7)),
        (ReminderKind.FAMILY_CONFIRM, month.first_day, month.first_day + timedelta(days=75)),
        (ReminderKind.CHECK_IN, asked, asked + timedelta(days=3)),
        (ReminderKind.CHECK_IN_AGAIN, asked + timedelta(days=3), answered_by),
        (ReminderKind.VISIT, programme.visit_on(month), begun),
        (ReminderKind.MONTH_START, month.first_day, month.day(8)),
        (ReminderKind.REPORT, first_working_day(month), month.day(8)),
        (ReminderKind.NUDGE, month.day(NUDGE_DAY), month.plus(1).first_day),
    ):
        yield Stage(kind, str(month), ends_on), begins


def first_working_day(month: Month) -> date:
    """Return a month's first day from Monday to Friday (public holidays are not known here)."""
    first = month.first_day
    return first + timedelta(days=(7 - first.weekday()) % 7 if first.weekday() > 4 else 0)


def _renewals(programme: Programme, today: date) -> Iterator[Dated]:
    """Terms that end soon; the period is their last month."""
    for ahead in range(4):
        last = Month.of(today).plus(ahead)
        over = last.last_day + timedelta(days=1)
        final = over - timedelta(days=7)
        begins = over - timedelta(days=programme.schedule.renew_days)
        if begins < final:
            yield Stage(ReminderKind.RENEWAL, str(last), final), begins
        yield Stage(ReminderKind.RENEWAL_LAST, str(last), over), final


def _week(today: date) -> Iterator[Dated]:
    """The coordinators' weekly digest, from Monday on."""
    monday = today - timedelta(days=today.weekday())
    year, week, _ = monday.isocalendar()
    yield Stage(ReminderKind.DIGEST, f"{year}-W{week:02d}", monday + timedelta(days=7)), monday


SUBJECTS = {
    ReminderKind.FAMILY_NOTICE: Child,
    ReminderKind.CHECK_IN: Child,
    ReminderKind.CHECK_IN_AGAIN: Child,
    ReminderKind.FAMILY_CONFIRM: Payout,
    ReminderKind.DIGEST: Person,
    ReminderKind.MONTH_START: Person,
    ReminderKind.REPORT: Person,
    ReminderKind.NUDGE: FosterParent,
}
"""Whose keys `subject_id` holds; pledges' for the other kinds."""


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of planning that fits into one short transaction: payouts of a month, or a stage, after an id."""

    what: Stage | Month
    after: int = 0


def steps(programme: Programme, today: date, opened: Month | None = None) -> list[Step]:
    """Return the pieces of a day's planning: the months that are owed, then the stages.

    `opened` is the last month in the ledger: whatever lies between it and today is opened too.
    """
    first = min(Month.of(today).plus(-1), opened or Month.of(today))
    months = first.until(Month.of(today + AHEAD))
    return [Step(month) for month in months] + [Step(stage) for stage in stages(programme, today)]


def take_step(connection: Connection, programme: Programme, now: datetime, step: Step) -> Step | None:
    """Do a piece; return what is left of it, None when that is all."""
    if isinstance(step.what, Month):
        last = open_month(connection, programme, step.what, step.after, CHUNK)
        return None if last is None else Step(step.what, last)
    return plan_stage(connection, now, step.what, step.after)


def plan_stage(connection: Connection, now: datetime, stage: Stage, after: int = 0) -> Step | None:
    """Enter a stage's reminders for the next CHUNK subjects that may have none; return what is left."""
    number = inspect(SUBJECTS.get(stage.kind, Pledge)).primary_key[0]
    entered = and_(col(Reminder.kind) == stage.kind, col(Reminder.period) == stage.period)
    candidates = reason(stage.kind, stage.period).candidates
    start, highest = first_without(connection, number, col(Reminder.subject_id), entered, after, candidates)
    if start is None:
        upto = after + LOOKED_OVER
    else:
        after, upto = start - 1, start - 1 + CHUNK
        values = {"after": after, "upto": upto, "too_late_on": stage.ends_on, "now_ms": milliseconds(now)}
        connection.execute(
            _entering(connection.dialect.name, stage.kind, stage.period), {**values, **at(now)}
        )
    return Step(stage, upto) if upto < highest else None


@lru_cache(maxsize=200)
def _entering(dialect: str, kind: ReminderKind, period: str) -> Insert:
    """Return the INSERT of a kind's missing reminders in a period, for the subjects from `after` to `upto`.

    Kept, as reasons are: all planners of a period ask the same.
    """
    why = reason(kind, period)
    here = why.query.where(
        why.subject > bindparam("after", type_=Integer),
        why.subject <= bindparam("upto", type_=Integer),
        can_be_told(why.person),
    )
    missing = here.add_columns(
        literal(kind, String),
        literal(period, String),
        bindparam("too_late_on", type_=Date),
        bindparam("now_ms", type_=BigInteger),
        literal(int(ReminderState.PLANNED), Integer),
        literal(""),
    )
    columns = ["subject_id", "person_id", "kind", "period", "ends_on", "planned_ms", "state", "outcome"]
    return insert_missing_on(dialect, Reminder).from_select(columns, missing)
