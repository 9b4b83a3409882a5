"""Reminders: what is due to be said, once for each (kind, subject, period) (invariant 4).

Planned when its time has come, queued to the outbox in waking hours, written when it is sent. A reminder whose
reason has gone in between (paid, answered, ended, silenced) is withdrawn: reason and words are looked at in the
moment of sending (`models.reasons`, `handlers.reminders`).
"""

from datetime import date, datetime
from enum import IntEnum, StrEnum

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    Index,
    SmallInteger,
    UniqueConstraint,
    bindparam,
    select,
    text,
    update,
)
from sqlmodel import Field, SQLModel, col

from models.columns import words
from models.messages import Outcome, Priority, outbox
from models.statements import milliseconds


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


_outbox_row = text(
    "INSERT INTO outbox (channel, contact_id, priority, queued_ms, not_before_ms, leased_until_ms, attempts,"
    " outcome, reminder_id)"
    " SELECT c.channel, c.id, :priority, :now, :now, 0, 0, 0, r.id"
    " FROM reminder r JOIN person p ON p.id = r.person_id"
    " JOIN contact c ON c.id = (SELECT min(k.id) FROM contact k"
    "  WHERE k.person_id = r.person_id AND k.unreachable_at IS NULL)"
    " WHERE r.state = 0 AND r.ends_on > :today AND p.messages_off_at IS NULL AND r.id <= :last"
)
_queued = text(
    "UPDATE reminder SET state = 1 WHERE state = 0 AND id <= :last"
    " AND EXISTS (SELECT 1 FROM outbox o WHERE o.reminder_id = reminder.id AND o.outcome = 0)"
)


def queue_planned(connection: Connection, now: datetime, today: date, most: int = 2_000) -> int:
    """Queue the planned reminders of people who can be reached, oldest first; return how many were looked at.

    To one chat each: a person with several has one that is written to. Call it in waking hours only.
    """
    ids = list(
        connection.execute(
            select(col(Reminder.id)).where(col(Reminder.state) == 0).order_by(col(Reminder.id)).limit(most)
        ).scalars()
    )
    if not ids:
        return 0
    values = {"now": milliseconds(now), "today": today, "last": ids[-1], "priority": int(Priority.REMINDER)}
    connection.execute(_outbox_row.bindparams(bindparam("today", type_=Date())), values)
    connection.execute(_queued, {"last": ids[-1]})
    return len(ids)


def withdraw_late(connection: Connection, today: date) -> int:
    """Withdraw what nobody could be told in time (no chat, or opted out); return how many."""
    return connection.execute(
        update(Reminder)
        .where(col(Reminder.state) == ReminderState.PLANNED, col(Reminder.ends_on) <= today)
        .values(state=int(ReminderState.WITHDRAWN), outcome="nobody reached")
    ).rowcount


def withdraw(connection: Connection, now: datetime, reminder_id: int, why: str) -> None:
    """Take a reminder back whose reason has gone, with its message."""
    connection.execute(
        update(Reminder)
        .where(col(Reminder.id) == reminder_id)
        .values(state=int(ReminderState.WITHDRAWN), outcome=why[:20])
    )
    connection.execute(
        update(outbox)
        .where(outbox.c.reminder_id == reminder_id, outbox.c.outcome == int(Outcome.WAITING))
        .values(outcome=int(Outcome.WITHDRAWN), done_ms=milliseconds(now), error=why[:200])
    )
