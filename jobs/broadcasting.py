"""A broadcast's progress, shown to who sent it in one message that is edited until the end (C7)."""

from sqlalchemy import Connection
from sqlmodel import Session

from handlers.broadcast import progress_words
from handlers.inbox import sealed
from handlers.kit.chat import Context, rows
from handlers.kit.messages import Outbound
from handlers.texts import render
from models.broadcasts import Broadcast, progress_of, running_broadcasts
from models.contacts import Contact
from models.database import session_on
from models.messages import Priority
from models.outbox import Outgoing, first_about, queue


def track(connection: Connection, context: Context) -> int:
    """Show how far the running broadcasts have come; return how many messages that takes."""
    with session_on(connection) as session:
        return sum(_show(session, context, broadcast) for broadcast in running_broadcasts(session))


def _show(session: Session, context: Context, broadcast: Broadcast) -> int:
    """Queue the progress message, or its next edit when the last one has gone and something has changed."""
    now, progress = context.clock.now(), progress_of(session, broadcast)
    contact = session.get(Contact, broadcast.contact_id) if broadcast.contact_id else None
    about = f"progress:{broadcast.id}"
    first = first_about(session.connection(), contact.id or 0, about) if contact else None
    if contact is None or (first is not None and first.given_up):
        return _end(session, context, broadcast, over=not progress.waiting)
    # Where free text has its time, messages cannot be edited, and each costs: only the end is told there.
    if contact.free_until_ms is not None and progress.waiting:
        return 0
    if str(progress) == broadcast.shown or (first is not None and first.waiting):
        return 0
    words, buttons = progress_words(broadcast, progress)
    message = Outbound(render(words, contact.language), rows(buttons, contact.language))
    message.replaces = first.provider_id if first else None
    body = sealed(context, message)
    queue(
        session.connection(),
        now,
        [Outgoing(contact.channel, contact.id or 0, Priority.REPLY, body, now, about)],
    )
    broadcast.shown = str(progress)
    session.add(broadcast)
    _end(session, context, broadcast, over=not progress.waiting)
    return 1


def _end(session: Session, context: Context, broadcast: Broadcast, *, over: bool) -> int:
    if over:
        broadcast.ended_at = context.clock.now()
        session.add(broadcast)
    return 0
