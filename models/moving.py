"""A chat that goes on at another address: somebody's number changed, a Telegram group became a supergroup.

Where a chat has begun at the new address already, the two are one from then on. The old address may be given to
somebody else (a number is, after some months), so the old chat's row keeps its person, for the books and for an
erasure, but under an address that nobody writes from.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlmodel import col, update

from models.bounces import give_up_chat
from models.contacts import Contact, linked
from models.conversations import drop_state
from models.database import session_on
from models.held import release_opened
from models.keys import KeyRing
from models.messages import outbox
from models.outbox import NOT_OVER
from models.people import Person

_contact = Contact.__table__  # type: ignore[attr-defined] # SQLModel adds it


def change_address(
    connection: Connection,
    keys: KeyRing,
    now: datetime,
    contact_id: int,
    address: str,
    alias: str | None = None,
) -> None:
    """A chat has another address now, and another second name if one is given.

    A chat that began there already takes the person over, unless it is somebody else's, and what has not left.
    """
    old = connection.execute(_contact.select().where(_contact.c.id == contact_id)).one()
    at_address = _contact.select().where(
        _contact.c.channel == old.channel,
        _contact.c.address_index == keys.index(address),
        _contact.c.id != contact_id,
    )
    there = connection.execute(at_address.with_for_update()).first()
    if there is None:
        _write(connection, contact_id, _names(keys, address, alias))
        return
    if there.person_id is None and old.person_id is not None:
        _take_over(connection, now, old, there)
    if old.person_id is None or there.person_id in {None, old.person_id}:
        _move_messages(connection, now, old, there)
    else:
        give_up_chat(connection, now, contact_id, "the new address is somebody else's")
    second_name = alias or there.alias or old.alias
    _retire(connection, keys, now, contact_id)
    _write(connection, there.id, _names(keys, there.address, second_name))


def _names(keys: KeyRing, address: str, alias: str | None) -> dict[str, str]:
    names = {"address": address, "address_index": keys.index(address)}
    return names | ({"alias": alias, "alias_index": keys.index(alias)} if alias else {})


def _take_over(connection: Connection, now: datetime, old: Any, there: Any) -> None:
    """Make the chat at the new address the person's; like one linked by a code it proves nothing for a day."""
    values = {"language": old.language, "preferred_at": old.preferred_at}
    _write(connection, there.id, values)
    with session_on(connection) as session:
        linked(session, now, there.id, session.get_one(Person, old.person_id))


def _move_messages(connection: Connection, now: datetime, old: Any, there: Any) -> None:
    """Let what has not left leave to the new address; also what is being sent, in case that it must wait."""
    moved = connection.execute(
        update(outbox)
        .where(outbox.c.contact_id == old.id, outbox.c.outcome.in_(NOT_OVER))
        .values(contact_id=there.id)
        .returning(outbox.c.id)
    )
    for outbox_id in sorted(moved.scalars()):
        release_opened(connection, now, outbox_id)


def _retire(connection: Connection, keys: KeyRing, now: datetime, contact_id: int) -> None:
    """Leave the old address, and the dialog that ran there, to nobody."""
    gone = {"alias": None, "alias_index": None, "unreachable_at": now, "preferred_at": None}
    _write(connection, contact_id, gone | _names(keys, f"former:{contact_id}", None))
    drop_state(connection, contact_id)


def _write(connection: Connection, contact_id: int, values: dict[str, Any]) -> None:
    connection.execute(update(Contact).where(col(Contact.id) == contact_id).values(**values))
