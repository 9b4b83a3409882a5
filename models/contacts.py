"""A person's address on a channel. A contact may talk before it belongs to a person.

Addresses (a chat id, a phone number) are sealed and found by their blind index. The row is the lock of its chat: on
PostgreSQL an update takes it `FOR UPDATE`. A platform may know its people by two names, a number and an id of its
own, and show either: the second is the `alias`.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Index, or_
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select, update

from models.audit import last_act, record
from models.columns import Instant, Sealed
from models.inserts import insert_missing
from models.keys import KeyRing
from models.people import Person


class Contact(SQLModel, table=True):
    """One chat.

    `unreachable_at`: the platform said for good that nothing arrives there. `free_until_ms` (epoch): where a
    platform limits what may be said, free text may be sent until then. `preferred_at`: when its person chose this
    chat for reminders.
    """

    __table_args__ = (
        UniqueConstraint("channel", "address_index"),
        Index("contact_alias", "channel", "alias_index"),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=12)
    address_index: str = Field(max_length=32)
    address: str = Field(sa_type=Sealed)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    language: str = Field(default="id", max_length=2)
    created_at: datetime = Field(sa_type=Instant)
    unreachable_at: datetime | None = Field(default=None, sa_type=Instant)
    alias: str | None = Field(default=None, sa_type=Sealed)
    alias_index: str | None = Field(default=None, max_length=32)
    free_until_ms: int | None = Field(default=None, sa_type=BigInteger)
    preferred_at: datetime | None = Field(default=None, sa_type=Instant)


PREFERRED_FIRST = (col(Contact.preferred_at).desc().nulls_last(), col(Contact.id))
"""Of a person's chats the one chosen last comes first, else the one used longest."""

LINK_SETTLES = timedelta(days=1)
"""Until then a newly linked chat proves nothing."""


def contacts_of(session: Session, person_id: int, *, even_if_off: bool = False) -> list[Contact]:
    """Return the chats in which a person can be told things now: none when they opted out (`/stop`).

    The one in which they are told things comes first (`PREFERRED_FIRST`).

    `even_if_off`: for an answer to what they have asked themselves.
    """
    query = select(Contact).where(Contact.person_id == person_id, col(Contact.unreachable_at).is_(None))
    if not even_if_off:
        query = query.join(Person, col(Contact.person_id) == col(Person.id))
        query = query.where(col(Person.messages_off_at).is_(None))
    return list(session.exec(query.order_by(*PREFERRED_FIRST)))


def contact_for(session: Session, person_id: int, *, even_if_off: bool = False) -> Contact | None:
    """Return the one chat in which a person is told things: the chosen one, else the one used longest."""
    return next(iter(contacts_of(session, person_id, even_if_off=even_if_off)), None)


def second_contact(session: Session, now: datetime, person_id: int, channel: str) -> Contact | None:
    """Return a person's chat on another channel, where they prove that they are themselves; the one known longest.

    One linked within the last day does not count: whoever has got hold of one chat could have linked it just now.
    """
    elsewhere = [one for one in contacts_of(session, person_id, even_if_off=True) if one.channel != channel]
    for contact in sorted(elsewhere, key=lambda one: one.id or 0):
        linked_at = last_act(session, "linked", f"contact:{contact.id}")
        if linked_at is None or linked_at <= now - LINK_SETTLES:
            return contact
    return None


def linked(session: Session, now: datetime, contact_id: int, person: Person) -> None:
    """A chat has shown by a code from another one that it is the same person's."""
    belongs_to(session, contact_id, person)
    record(session, now, person.id, "linked", f"contact:{contact_id}")


def prefer(session: Session, now: datetime, contact_id: int) -> None:
    """Tell this chat's person things here from now on."""
    session.exec(update(Contact).where(col(Contact.id) == contact_id).values(preferred_at=now))


def belongs_to(session: Session, contact_id: int, person: Person) -> None:
    """Tie a chat to a person."""
    session.exec(update(Contact).where(col(Contact.id) == contact_id).values(person_id=person.id))


def speak(session: Session, contact_id: int, language: str) -> None:
    """Use another language in this chat."""
    session.exec(update(Contact).where(col(Contact.id) == contact_id).values(language=language))


def mark_unreachable(connection: Connection, now: datetime, contact_id: int) -> None:
    """Nothing arrives in this chat any more: blocked, deactivated, gone."""
    connection.execute(update(Contact).where(col(Contact.id) == contact_id).values(unreachable_at=now))


def mark_reachable(connection: Connection, contact_id: int) -> None:
    """The person is back."""
    connection.execute(update(Contact).where(col(Contact.id) == contact_id).values(unreachable_at=None))


def open_window(connection: Connection, contact_id: int, until_ms: int) -> None:
    """Free text may be sent to this chat until then; an older message that comes late changes nothing."""
    until = col(Contact.free_until_ms)
    connection.execute(
        update(Contact)
        .where(col(Contact.id) == contact_id, or_(until.is_(None), until < until_ms))
        .values(free_until_ms=until_ms)
    )


def close_window(connection: Connection, contact_id: int) -> None:
    """The platform says that free text is not allowed any more, whatever we thought."""
    connection.execute(update(Contact).where(col(Contact.id) == contact_id).values(free_until_ms=0))


def settle_address(
    connection: Connection, keys: KeyRing, now: datetime, channel: str, address: str, also: str | None
) -> str:
    """Return the address under which a sender is known who may go by `address` and, if given, by `also`.

    Learns the second name, and prefers `address` as the one to write to. A sender never seen before is added.
    """
    first, second = keys.index(address), keys.index(also) if also else None
    rows = _known_by(connection, channel, {first, second} - {None})
    by_alias = next((row for row in rows if second and row.alias_index == second), None)
    by_address = next((row for row in rows if row.address_index == first), None)
    by_also = next((row for row in rows if row.address_index == second), None)
    known = by_alias or by_address or by_also
    if known is None:
        alias = next((row for row in rows if row.alias_index == first), None)
        if alias is None:
            _add(connection, now, channel, (address, first), (also, second))
            return address
        return str(alias.address)
    taken = by_address is not None and by_address.id != known.id
    if second is None or taken:
        return str(known.address)
    if (known.address_index, known.alias_index) != (first, second):
        connection.execute(
            update(Contact)
            .where(col(Contact.id) == known.id)
            .values(address=address, address_index=first, alias=also, alias_index=second)
        )
    return address


def _known_by(connection: Connection, channel: str, indexes: set[str | None]) -> list[Any]:
    contact = Contact.__table__  # type: ignore[attr-defined] # SQLModel adds it
    query = (
        contact.select()
        .where(
            contact.c.channel == channel,
            or_(contact.c.address_index.in_(indexes), contact.c.alias_index.in_(indexes)),
        )
        .order_by(contact.c.id)
    )
    return list(connection.execute(query))


def _add(
    connection: Connection,
    now: datetime,
    channel: str,
    address: tuple[str, str],
    alias: tuple[str | None, str | None],
) -> None:
    connection.execute(
        insert_missing(connection, Contact).values(
            channel=channel,
            address=address[0],
            address_index=address[1],
            alias=alias[0],
            alias_index=alias[1],
            language="id",
            created_at=now,
        )
    )
