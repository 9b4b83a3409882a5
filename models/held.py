"""Messages that do not leave as they were queued: held until something happens, or sent to another chat instead."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from models.contacts import Contact
from models.messages import Outcome, Priority, outbox
from models.outbox import WINDOW
from models.statements import Statement, milliseconds
from models.told import told_in

HELD_FOR = timedelta(days=7)
"""What waits for somebody to write is given up after so long."""

_RELEASE = (
    "UPDATE outbox SET outcome = 0, not_before_ms = :now, done_ms = NULL, error = NULL,"
    " priority = CASE WHEN priority > 0 THEN -1 ELSE priority END,"  # `OPENED`: asked for now, and self-started still
    " body = CASE WHEN reminder_id IS NULL THEN body END"  # a reminder is written anew, so that it is true then
    " WHERE outcome = 4 AND error = :why AND "
)
_release = Statement(text(_RELEASE + "contact_id = :contact_id"))
_OPENED = (
    "(id = :id OR with_id = :id)"
    " AND EXISTS (SELECT 1 FROM contact WHERE contact.id = outbox.contact_id AND free_until_ms > :now)"
)
_release_opened = Statement(text(_RELEASE + _OPENED))


def release_held(connection: Connection, now: datetime, contact_id: int, why: str = WINDOW) -> int:
    """Let what was held for this chat leave; return how many."""
    count: int = _release(connection, now=milliseconds(now), contact_id=contact_id, why=why).rowcount
    return count


def release_opened(connection: Connection, now: datetime, outbox_id: int) -> int:
    """Let a message leave that has just been held, if the person wrote while its template was on its way."""
    count: int = _release_opened(connection, now=milliseconds(now), id=outbox_id, why=WINDOW).rowcount
    return count


def release_held_everywhere(connection: Connection, now: datetime, why: str) -> int:
    """Let what was held for this reason leave, in every chat; return how many."""
    return connection.execute(
        update(outbox)
        .where(outbox.c.outcome == int(Outcome.HELD), outbox.c.error == why)
        .values(outcome=0, not_before_ms=milliseconds(now), done_ms=None, error=None)
    ).rowcount


def give_up_held(connection: Connection, now: datetime) -> int:
    """Give up what has been held too long; return how many."""
    return connection.execute(
        update(outbox)
        .where(outbox.c.outcome == int(Outcome.HELD), outbox.c.done_ms < milliseconds(now - HELD_FOR))
        .values(outcome=int(Outcome.FAILED), done_ms=milliseconds(now), error="nobody wrote in seven days")
    ).rowcount


def reroute(connection: Connection, now: datetime, outbox_id: int) -> bool:
    """Queue what is no reply anew for another chat of the same person; False without one, or if it has moved before.

    With a message go those for which it spoke. A reply is never moved: it belongs to the dialog of its own chat; nor is
    what was withdrawn while it was being sent.
    """
    rows = connection.execute(
        select(outbox)
        .where(
            or_(outbox.c.id == outbox_id, outbox.c.with_id == outbox_id),
            outbox.c.outcome != int(Outcome.WITHDRAWN),
            outbox.c.priority >= int(Priority.NOTICE),
            outbox.c.rerouted_from.is_(None),
        )
        .order_by(outbox.c.id)
    ).all()
    other = _other_chat(connection, rows[0].id) if rows else None
    if other is None:
        return False
    connection.execute(outbox.insert(), [_moved(row, other, milliseconds(now)) for row in rows])
    return True


def _other_chat(connection: Connection, outbox_id: int) -> Any:
    """Return the chat (id, channel) for what cannot be said in a message's own; None when its person has no other."""
    own, contact = aliased(Contact), Contact.__table__  # type: ignore[attr-defined] # SQLModel adds it
    query = (
        select(contact.c.id, contact.c.channel)
        .join_from(outbox, own, col(own.id) == outbox.c.contact_id)
        .join(contact, contact.c.id == told_in(col(own.person_id), apart_from=col(own.id)))
        .where(outbox.c.id == outbox_id)
    )
    return connection.execute(query).first()


def _moved(row: Any, other: Any, now_ms: int) -> dict[str, Any]:
    """Return an outbox row as it is queued in another chat; when it was begun stays with it (`models.overtaken`)."""
    return {
        "channel": other.channel,
        "contact_id": other.id,
        "priority": row.priority,
        "body": row.body,
        "queued_ms": row.queued_ms,
        "not_before_ms": max(row.not_before_ms, now_ms),
        "leased_until_ms": 0,
        "attempts": 0,
        "outcome": int(Outcome.WAITING),
        "rerouted_from": row.contact_id,
        "reminder_id": row.reminder_id,
        "about": row.about,
    }
