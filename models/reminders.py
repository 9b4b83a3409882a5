"""Reminders: what is due to be said, once for each (kind, subject, period) (invariant 4).

Planned when its time has come, queued to the outbox in waking hours, written when it is sent. A reminder whose
reason has gone in between (paid, answered, ended, silenced) is withdrawn: reason and words are looked at in the
moment of sending (`models.reasons`, `handlers.reminders`).
"""

from collections.abc import Iterator
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Index,
    SmallInteger,
    SQLColumnExpression,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlmodel import Field, SQLModel, col

from models.columns import words
from models.contacts import Contact
from models.messages import Outcome, Priority, outbox
from models.outbox import NOT_OVER
from models.people import Person
from models.statements import milliseconds
from models.told import told_in


class ReminderKind(StrEnum):
    """What is said, and what `subject_id` then is. Those of the same event follow each other, rising in urgency."""

    PAYOUT_SOON = "payout_soon"  # pledge
    PAYOUT_DUE = "payout_due"  # pledge
    PAYOUT_LATE = "payout_late"  # pledge
    PAYOUT_OVERDUE = "payout_overdue"  # pledge
    FAMILY_NOTICE = "family_notice"  # child
    FAMILY_CONFIRM = "family_confirm"  # payout
    CHECK_IN = "check_in"  # child
    CHECK_IN_AGAIN = "check_in_again"  # child
    VISIT = "visit"  # pledge
    RENEWAL = "renewal"  # pledge
    RENEWAL_LAST = "renewal_last"  # pledge
    DIGEST = "digest"  # person
    MONTH_START = "month_start"  # person
    REPORT = "report"  # person
    NUDGE = "nudge"  # person


TOLD_TOGETHER = frozenset(ReminderKind) - {
    ReminderKind.FAMILY_CONFIRM,
    ReminderKind.DIGEST,
    ReminderKind.MONTH_START,
    ReminderKind.REPORT,
    ReminderKind.NUDGE,
}
"""Kinds of which several to one person, of one period, leave as one message (`models.joined`)."""


class ReminderState(IntEnum):
    """Where a reminder stands; how its sending ended stands in the outbox."""

    PLANNED = 0
    QUEUED = 1
    WITHDRAWN = 2


class Reminder(SQLModel, table=True):
    """One thing to be said to one person. `ends_on`: the first day on which it would be too late."""

    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "period"),
        Index(
            "reminder_planned",
            "id",
            sqlite_where=text("state = 0"),
            postgresql_where=text("state = 0"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: ReminderKind = Field(sa_type=words(ReminderKind))
    subject_id: int
    period: str = Field(max_length=10, description="2026-01, or 2026-W03")
    person_id: int = Field(foreign_key="person.id", index=True)
    ends_on: date
    planned_ms: int = Field(sa_type=BigInteger)
    state: int = Field(default=ReminderState.PLANNED, sa_type=SmallInteger)
    outcome: str = Field(default="", max_length=20, description="why it was withdrawn")


_to_outbox = insert(outbox).from_select(
    [
        "channel",
        "contact_id",
        "priority",
        "queued_ms",
        "not_before_ms",
        "leased_until_ms",
        "attempts",
        "outcome",
        "reminder_id",
    ],
    select(
        col(Contact.channel),
        col(Contact.id),
        literal(int(Priority.REMINDER)),
        bindparam("now", type_=BigInteger),
        bindparam("now", type_=BigInteger),
        literal(0),
        literal(0),
        literal(int(Outcome.WAITING)),
        col(Reminder.id),
    )
    .join_from(Reminder, Person, col(Person.id) == col(Reminder.person_id))
    .join(Contact, col(Contact.id) == told_in(col(Reminder.person_id)))
    .where(col(Reminder.state) == int(ReminderState.PLANNED), col(Person.messages_off_at).is_(None))
    .where(col(Reminder.ends_on) > bindparam("today", type_=Date))
    .where(col(Reminder.id).in_(bindparam("ids", expanding=True))),
)
_queued = text(
    "UPDATE reminder SET state = 1 WHERE state = 0 AND id IN :ids"
    " AND EXISTS (SELECT 1 FROM outbox o WHERE o.reminder_id = reminder.id AND o.outcome = 0)"
).bindparams(bindparam("ids", expanding=True))
_left_over = text(
    "UPDATE reminder SET state = 2, outcome = 'nobody to tell' WHERE state = 0 AND id IN :ids"
).bindparams(bindparam("ids", expanding=True))


def can_be_told(person_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Condition: the person of that id (a column of the asking query) has a chat, and has not opted out."""
    told = (
        select(col(Contact.id))
        .join_from(Contact, Person, col(Contact.person_id) == col(Person.id))
        .where(col(Contact.person_id) == person_id, col(Contact.unreachable_at).is_(None))
        .where(col(Person.messages_off_at).is_(None))
    )
    return told.correlate_except(Contact, Person).exists()


def queue_planned(connection: Connection, now: datetime, today: date, most: int) -> int:
    """Queue up to `most` planned reminders, oldest first; return how many. Call it in waking hours only.

    Each goes to one chat: the one that its person prefers, of several. Those whose time has passed, or whose
    person has left or opted out since they were planned, are withdrawn. Two servers may do it at once (the one that
    has the office, and one that has lost it and does not know yet): each takes reminders that the other has not locked.
    """
    planned = select(col(Reminder.id)).where(col(Reminder.state) == int(ReminderState.PLANNED))
    mine = planned.order_by(col(Reminder.id)).limit(most).with_for_update(skip_locked=True)
    ids = connection.execute(mine).scalars().all()
    if not ids:
        return 0
    connection.execute(_to_outbox, {"now": milliseconds(now), "today": today, "ids": ids})
    connection.execute(_queued, {"ids": ids})
    connection.execute(_left_over, {"ids": ids})
    return len(ids)


def last_reminder(connection: Connection) -> int:
    """Return the newest reminder's id; 0 when there is none."""
    return connection.execute(select(func.max(col(Reminder.id)))).scalar() or 0


def reminders_after(connection: Connection, after: int) -> Iterator[tuple[ReminderKind, str, str, int, int]]:
    """Count the reminders with an id above `after`: (kind, period, channel, how many, to how many people)."""
    for _, *counted in _counted(connection, col(Reminder.id) > after, literal(0)):
        yield tuple(counted)


def reminders_planned_between(
    connection: Connection, begins: datetime, ends: datetime
) -> Iterator[tuple[int, ReminderKind, str, str, int, int]]:
    """Count what was planned from an instant until before another, as `reminders_after`, by the moment (epoch ms)."""
    planned_ms = col(Reminder.planned_ms)
    between = and_(planned_ms >= milliseconds(begins), planned_ms < milliseconds(ends))
    yield from _counted(connection, between, planned_ms)


def _counted(
    connection: Connection, which: ColumnElement[bool], moment: SQLColumnExpression[int]
) -> Iterator[Any]:
    what = (moment, col(Reminder.kind), col(Reminder.period), func.coalesce(col(Contact.channel), "-"))
    query = (
        select(*what, func.count(), func.count(func.distinct(col(Reminder.person_id))))
        .outerjoin_from(Reminder, Contact, col(Contact.id) == told_in(col(Reminder.person_id)))
        .where(which)
        .group_by(*what)
    )
    for row in connection.execute(query):
        yield tuple(row)


def queue_elsewhere(connection: Connection, contact_id: int) -> None:
    """Plan again what just failed in a chat that is gone, for its person's other chats, if there are."""
    failed = select(outbox.c.reminder_id).where(
        outbox.c.contact_id == contact_id, outbox.c.outcome == int(Outcome.FAILED)
    )
    other = select(col(Contact.id)).where(
        col(Contact.person_id) == col(Reminder.person_id), col(Contact.unreachable_at).is_(None)
    )
    # Moved to another chat already (`models.held.reroute`), now or some days ago: a second row would tell it twice.
    elsewhere = select(outbox.c.id).where(
        outbox.c.reminder_id == col(Reminder.id), outbox.c.outcome != int(Outcome.FAILED)
    )
    connection.execute(
        update(Reminder)
        .where(col(Reminder.id).in_(failed), col(Reminder.state) == int(ReminderState.QUEUED))
        .where(other.correlate(Reminder).exists(), ~elsewhere.correlate(Reminder).exists())
        .values(state=int(ReminderState.PLANNED))
    )


def withdraw(connection: Connection, now: datetime, reminder_id: int, why: str) -> None:
    """Take a reminder back whose reason has gone, with its message."""
    connection.execute(
        update(Reminder)
        .where(col(Reminder.id) == reminder_id)
        .values(state=int(ReminderState.WITHDRAWN), outcome=why[:20])
    )
    connection.execute(
        update(outbox)
        .where(outbox.c.reminder_id == reminder_id, outbox.c.outcome.in_(NOT_OVER))
        .values(outcome=int(Outcome.WITHDRAWN), done_ms=milliseconds(now), error=why[:200])
    )
