"""What a platform reports about messages that it had taken: how far they came, and which of them failed after all."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from handlers.kit.messages import Outbound
from jobs.channel import ChannelError, Reports
from jobs.endings import Endings, held_template
from models.contacts import Contact
from models.dispatches import Rank, Reference, note, note_failure, reported_failure, resume_template
from models.held import release_held_everywhere
from models.messages import Outcome, Priority, outbox
from models.outbox import OutboxMessage, Postponed, mark

_OVER = (int(Outcome.SENT), int(Outcome.HELD))
"""Rows whose message had left; one that waits for its turn again is left alone."""

HALTED_FOR = timedelta(minutes=15)
"""So long a message waits whose failure halts the sending: another server's sender may not have heard of it."""


def take_report(
    connection: Connection,
    endings: Endings,
    platform_id: str,
    reference: Reference | None,
    rank: Rank | None,
    failure: tuple[int, ChannelError] | None,
    *,
    category: str | None = None,
    billable: bool | None = None,
) -> None:
    """Write down a report; a failure leads to what a refusal would have led to, once however often it comes.

    One that comes before its message is marked as sent waits in `dispatch` for that (`fail_if_reported`).
    """
    now = endings.clock.now()
    note(connection, now, platform_id, reference, rank or Rank.ACCEPTED, category=category, billable=billable)
    if failure is None:
        return
    code, error = failure
    outbox_id = note_failure(connection, platform_id, code)
    if outbox_id is not None:
        _fail(connection, endings, outbox_id, error, now)


def fail_if_reported(
    connection: Connection, endings: Endings, outbox_id: int, platform_ids: Collection[str], reports: Reports
) -> None:
    """A message has just been marked as sent: was its failure reported before that?"""
    code = reported_failure(connection, platform_ids)
    if code is not None:
        _fail(connection, endings, outbox_id, reports.meaning(code), endings.clock.now())


def template_allowed(connection: Connection, now: datetime, name: str) -> int:
    """The platform allows a template again: what was held for it leaves; return how many."""
    resume_template(connection, name)
    return release_held_everywhere(connection, now, held_template(name))


def _fail(
    connection: Connection, endings: Endings, outbox_id: int, error: ChannelError, now: datetime
) -> None:
    contact = Contact.__table__  # type: ignore[attr-defined] # SQLModel adds it
    row = connection.execute(
        select(outbox, contact.c.address, contact.c.language)
        .join(contact, contact.c.id == outbox.c.contact_id)
        .where(outbox.c.id == outbox_id)
    ).first()
    if row is None or row.body is None or row.outcome not in _OVER:
        return
    body = endings.keys.open(bytes(row.body))
    message = OutboxMessage(
        id=row.id,
        contact_id=row.contact_id,
        address=row.address,
        body=body,
        attempts=row.attempts,
        priority=Priority(row.priority),
        language=row.language,
        reminder_id=row.reminder_id,
    )
    ending, also = endings.of(message, Outbound.load(json.loads(body)), error)
    if error.halt:
        ending = Postponed(outbox_id, now + HALTED_FOR, error.reason)
    mark(connection, now, [ending])
    if also is not None:
        also(connection)
