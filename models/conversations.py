"""Where each chat stands: who is talking, and the sealed state of their dialog."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, text
from sqlmodel import Session

from models.contacts import Contact
from models.inserts import insert_missing
from models.keys import KeyRing
from models.messages import conversation
from models.statements import Statement, milliseconds

IDLE_FOR = timedelta(days=7)
"""A dialog left alone so long is closed."""

HELD_FOR = timedelta(minutes=30)
"""What a dialog holds is free for others when nobody has answered in it for so long."""

_contact = Contact.__table__  # type: ignore[attr-defined] # SQLModel adds it
_select = (
    select(
        _contact.c.id,
        _contact.c.person_id,
        _contact.c.language,
        _contact.c.unreachable_at.is_not(None).label("unreachable"),
        conversation.c.state,
        conversation.c.moved_ms,
    )
    .select_from(_contact.outerjoin(conversation, conversation.c.contact_id == _contact.c.id))
    .where(_contact.c.channel == bindparam("channel"), _contact.c.address_index == bindparam("address_index"))
)
_read = Statement(_select)
_read_locked = Statement(_select.with_for_update(of=_contact))
_save = Statement(
    text(
        "INSERT INTO conversation (contact_id, state, holding, moved_ms)"
        " VALUES (:contact_id, :state, :holding, :now) ON CONFLICT (contact_id) DO UPDATE SET"
        " state = excluded.state, holding = excluded.holding, moved_ms = excluded.moved_ms"
    )
)
_drop = Statement(text("DELETE FROM conversation WHERE contact_id = :contact_id"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A chat as an update finds it. `state` is the opened JSON of the dialog, None when there is none."""

    channel: str
    contact_id: int
    person_id: int | None
    language: str
    unreachable: bool
    state: bytes | None
    moved_ms: int


def chat_standing(
    connection: Connection, keys: KeyRing, now: datetime, channel: str, address: str
) -> Standing:
    """Return how a chat stands, its row locked; a chat never seen before is added."""
    index = keys.index(address)
    read = _read_locked if connection.dialect.name == "postgresql" else _read
    row = read(connection, channel=channel, address_index=index).fetchone()
    if row is None:
        _add_contact(connection, now, channel, address, index)
        row = read(connection, channel=channel, address_index=index).fetchone()
    contact_id, person_id, language, unreachable, sealed, moved_ms = row
    state = None if sealed is None else keys.open(bytes(sealed))
    return Standing(channel, contact_id, person_id, language, bool(unreachable), state, moved_ms or 0)


def _add_contact(connection: Connection, now: datetime, channel: str, address: str, index: str) -> None:
    connection.execute(
        insert_missing(connection, _contact).values(
            channel=channel, address=address, address_index=index, language="id", created_at=now
        )
    )


def save_state(
    connection: Connection, keys: KeyRing, now: datetime, contact_id: int, state: bytes, holding: str | None
) -> None:
    """Keep a dialog's state."""
    _save(
        connection,
        contact_id=contact_id,
        state=keys.seal(state),
        holding=holding,
        now=milliseconds(now),
    )


def drop_state(connection: Connection, contact_id: int) -> None:
    """The dialog is over."""
    _drop(connection, contact_id=contact_id)


def held_by_others(session: Session, now: datetime, prefix: str, contact_id: int) -> list[str]:
    """Return what the running dialogs of other chats hold, like `child:17`, by its prefix (`child:`)."""
    query = select(conversation.c.holding).where(
        conversation.c.holding.startswith(prefix),
        conversation.c.contact_id != contact_id,
        conversation.c.moved_ms > milliseconds(now - HELD_FOR),
    )
    return list(session.execute(query).scalars())


def drop_idle(connection: Connection, now: datetime) -> int:
    """Close the dialogs that nobody has answered in for seven days; return how many."""
    return connection.execute(
        delete(conversation).where(conversation.c.moved_ms < milliseconds(now - IDLE_FOR))
    ).rowcount
