"""What must not leave although it is claimed: its person opted out, its child is silent, its broadcast was stopped.

What waits is taken back at once (`models.quiet`). But a message can come back to the outbox later: it was told to
wait, reported as failed hours after it had left, moved to another chat, or queued by another server's transaction in
that very moment. So what we began is looked at once more in the moment of sending. Only what was queued before the
event is concerned: an answer to who opted out, and what was approved about a silent child, are queued after it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlmodel import Session, col

from models.broadcasts import Broadcast
from models.children import Child
from models.contacts import Contact
from models.database import session_on
from models.messages import Priority
from models.outbox import OutboxMessage
from models.people import Person
from models.quiet import is_hushed
from models.statements import milliseconds


def overtaken(connection: Connection, now: datetime, claimed: Sequence[OutboxMessage]) -> dict[int, str]:
    """Return which of the claimed messages must not leave any more: outbox id -> why."""
    begun = [message for message in claimed if message.priority is not Priority.REPLY]
    if not begun:
        return {}
    people = _people(connection, {message.contact_id for message in begun})
    found: dict[int, str] = {}
    for message in begun:
        person_id, off_ms = people.get(message.contact_id, (None, None))
        if off_ms is not None and message.queued_ms < off_ms:
            found[message.id] = "opted out"
        elif message.about and (why := _event(connection, now, message, message.about, person_id)):
            found[message.id] = why
    return found


def _people(connection: Connection, contact_ids: set[int]) -> dict[int, tuple[int, int | None]]:
    """Return whose chats these are, and since when (epoch ms) they want to be told nothing."""
    query = (
        select(col(Contact.id), col(Person.id), col(Person.messages_off_at))
        .join_from(Contact, Person, col(Contact.person_id) == col(Person.id))
        .where(col(Contact.id).in_(contact_ids))
    )
    return {
        contact_id: (person_id, milliseconds(off_at) if off_at else None)
        for contact_id, person_id, off_at in connection.execute(query)
        if contact_id is not None and person_id is not None
    }


def _event(
    connection: Connection, now: datetime, message: OutboxMessage, about: str, person_id: int | None
) -> str:
    """Return what has happened to what a message is about; empty when it may leave."""
    kind, _, number = about.partition(":")
    if kind == "broadcast":
        stopped = select(col(Broadcast.stopped_at)).where(col(Broadcast.id) == int(number))
        return "stopped" if connection.execute(stopped).scalar() is not None else ""
    if kind == "child" and person_id is not None:
        with session_on(connection) as session:
            return _hushed(session, now, message, about, person_id)
    return ""


def _hushed(session: Session, now: datetime, message: OutboxMessage, about: str, person_id: int) -> str:
    child = session.get(Child, int(about.partition(":")[2]))
    since = child.silent_since if child else None
    if since is not None and message.queued_ms >= milliseconds(since):
        return ""
    return "silence" if is_hushed(session, about, person_id, now) else ""
