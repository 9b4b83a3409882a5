"""A person's address on a channel. A contact may talk before it belongs to a person.

Addresses (a Telegram chat id, later a phone number) are sealed and found by their blind index. The row is the
lock of its chat: on PostgreSQL an update takes it `FOR UPDATE`.
"""

from datetime import datetime

from sqlalchemy import Connection
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select, update

from models.columns import Instant, Sealed
from models.keys import KeyRing
from models.people import Person


class Contact(SQLModel, table=True):
    """One chat. `unreachable_at`: the platform said for good that nothing arrives there."""

    __table_args__ = (UniqueConstraint("channel", "address_index"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=12)
    address_index: str = Field(max_length=32)
    address: str = Field(sa_type=Sealed)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    language: str = Field(default="id", max_length=2)
    created_at: datetime = Field(sa_type=Instant)
    unreachable_at: datetime | None = Field(default=None, sa_type=Instant)


def contacts_of(session: Session, person_id: int, *, even_if_off: bool = False) -> list[Contact]:
    """Return the chats in which a person can be told things now: none when they opted out (`/stop`).

    `even_if_off`: for an answer to what they have asked themselves.
    """
    query = select(Contact).where(Contact.person_id == person_id, col(Contact.unreachable_at).is_(None))
    if not even_if_off:
        query = query.join(Person, col(Contact.person_id) == col(Person.id))
        query = query.where(col(Person.messages_off_at).is_(None))
    return list(session.exec(query.order_by(col(Contact.id))))


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


def move(connection: Connection, keys: KeyRing, contact_id: int, address: str) -> None:
    """The platform gave the chat another address (a Telegram group became a supergroup)."""
    connection.execute(
        update(Contact)
        .where(col(Contact.id) == contact_id)
        .values(address=address, address_index=keys.index(address))
    )
