"""Which updates have been handled, and which could not be."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, select, text, update

from models.keys import KeyRing
from models.messages import cursor, inbox
from models.statements import Statement, instant, milliseconds

REMEMBERED = timedelta(days=14)
"""Longer than Meta's seven days of retries and Telegram's one."""

_take = Statement(
    text(
        "INSERT INTO inbox (channel, update_id, received_ms) VALUES (:channel, :update_id, :now)"
        " ON CONFLICT DO NOTHING"
    )
)
_move_cursor = Statement(
    text(
        "INSERT INTO cursor (channel, position, moved_ms) VALUES (:channel, :position, :now)"
        " ON CONFLICT (channel) DO UPDATE SET position = excluded.position, moved_ms = excluded.moved_ms"
    )
)


def take(connection: Connection, now: datetime, channel: str, update_id: str) -> bool:
    """Claim an update for handling in this transaction; False when it has been handled before."""
    taken: int = _take(connection, channel=channel, update_id=update_id, now=milliseconds(now)).rowcount
    return taken == 1


def park(
    connection: Connection,
    keys: KeyRing,
    now: datetime,
    channel: str,
    update_id: str,
    payload: str,
    error: str,
) -> None:
    """Keep an update that could not be handled; the first line of `error` is shown, what follows is sealed away."""
    take(connection, now, channel, update_id)
    connection.execute(
        update(inbox)
        .where(inbox.c.channel == channel, inbox.c.update_id == update_id)
        .values(parked_payload=keys.seal(payload.encode()), parked_error=keys.seal(error.encode()))
    )


@dataclass(frozen=True, slots=True)
class Parked:
    """An update that could not be handled. `payload` and `error` may hold personal data."""

    channel: str
    update_id: str
    received_at: datetime
    payload: str
    error: str

    @property
    def cause(self) -> str:
        """What went wrong and where, in one line without anything that somebody typed."""
        return self.error.partition("\n")[0]


def parked(connection: Connection, keys: KeyRing, limit: int = 20) -> list[Parked]:
    """Return the newest parked updates."""
    rows = connection.execute(
        select(inbox)
        .where(inbox.c.parked_error.is_not(None))
        .order_by(inbox.c.received_ms.desc())
        .limit(limit)
    )
    return [
        Parked(
            row.channel,
            row.update_id,
            instant(row.received_ms),
            keys.open(row.parked_payload).decode(),
            keys.open(row.parked_error).decode(),
        )
        for row in rows
    ]


def count_parked(connection: Connection) -> int:
    """Return how many updates are parked."""
    query = select(func.count()).select_from(inbox).where(inbox.c.parked_error.is_not(None))
    return connection.execute(query).scalar_one()


def forget_handled(connection: Connection, now: datetime) -> int:
    """Drop the keys of updates that nobody will send again; parked ones stay. Return how many."""
    before = milliseconds(now - REMEMBERED)
    return connection.execute(
        delete(inbox).where(inbox.c.received_ms < before, inbox.c.parked_error.is_(None))
    ).rowcount


def move_cursor(connection: Connection, now: datetime, channel: str, position: int) -> None:
    """Remember up to where a polled channel has been handled: everything before is committed."""
    _move_cursor(connection, channel=channel, position=position, now=milliseconds(now))


def cursor_of(connection: Connection, now: datetime, channel: str, *, trusted_for: timedelta) -> int | None:
    """Return where polling goes on; None when there is no cursor younger than `trusted_for`.

    Telegram restarts its numbers at random after a quiet week: an old cursor would confirm, and lose, updates
    that were never seen.
    """
    query = select(cursor.c.position).where(
        cursor.c.channel == bindparam("channel"), cursor.c.moved_ms > bindparam("since")
    )
    return connection.execute(
        query, {"channel": channel, "since": milliseconds(now - trusted_for)}
    ).scalar_one_or_none()
