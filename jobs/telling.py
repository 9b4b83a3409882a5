"""Telling somebody, in their waking hours, what has happened without anyone asking."""

from sqlmodel import Session

from handlers.inbox import sealed
from handlers.kit.chat import Context
from handlers.kit.messages import NEWS, Outbound
from handlers.texts import Words, render
from models.contacts import contact_for
from models.messages import Priority
from models.outbox import Outgoing, queue


def tell(session: Session, context: Context, person_id: int, words: Words, about: str | None = None) -> None:
    """Queue news for somebody's waking hours, if they have a chat; `about` names the row it concerns (`child:24`)."""
    if contact := contact_for(session, person_id):
        now, programme = context.clock.now(), context.programme
        message = Outbound(render(words, contact.language), template=(NEWS, [programme.district.name]))
        waking = programme.next_waking_hour(now)
        news = Outgoing(
            contact.channel, contact.id or 0, Priority.NOTICE, sealed(context, message), waking, about
        )
        queue(session.connection(), now, [news])
