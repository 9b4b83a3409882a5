"""A message that cannot be said where it was queued goes to the chat that its person has chosen."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from models.database import Database, in_session
from models.held import reroute
from models.keys import KeyRing
from models.messages import Priority, outbox
from models.outbox import Outgoing, queue
from tests.builders import a_contact, a_person, id_of
from tests.clock import MONDAY_MORNING


@pytest.mark.parametrize("chosen", [None, 1, 2])
def test_the_chosen_chat_comes_before_the_one_used_longest(
    database: Database, keys: KeyRing, chosen: int | None
) -> None:
    def chats(session: Session) -> list[int]:
        person = a_person(session, keys)
        found = [
            a_contact(session, keys, channel=name, person=person)
            for name in ("whatsapp", "telegram", "telegram")
        ]
        if chosen is not None:
            found[chosen].preferred_at = MONDAY_MORNING - timedelta(days=1)
            session.add(found[chosen])
        session.flush()
        return [id_of(one) for one in found]

    ids = database.submit(in_session(chats)).result()
    message = Outgoing("whatsapp", ids[0], Priority.NOTICE, keys.seal(b"{}"), MONDAY_MORNING)
    database.submit(lambda c: queue(c, MONDAY_MORNING, [message])).result()
    queued = database.submit(lambda c: c.execute(select(outbox.c.id)).scalar_one()).result()
    assert database.submit(lambda c: reroute(c, MONDAY_MORNING, queued)).result()
    rows = database.submit(
        lambda c: c.execute(select(outbox.c.contact_id).order_by(outbox.c.id)).scalars().all()
    ).result()
    assert rows == [ids[0], ids[chosen or 1]]
