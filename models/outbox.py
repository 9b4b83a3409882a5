"""What goes out: queued in the transaction that decided it, claimed under a lease, marked when it has gone.

A priority goes before the next, and in each the message whose time came first. In one chat messages keep the order
in which they were queued: a row is not claimed while an older one of the same or a higher priority waits for its time
or is being sent. A row that another one speaks for (`models.joined`) is not claimed, and is marked with it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, select, text, update

from models.keys import KeyRing
from models.messages import Outcome, Priority, outbox
from models.statements import Statement, milliseconds

LEASE = timedelta(seconds=60)
"""Longer than any send; a sender that takes over its office does not wait for it."""

BODY_KEPT = timedelta(days=30)

NOT_OVER = (int(Outcome.WAITING), int(Outcome.HELD))
"""What may still leave, and so can be taken back."""

_queue = Statement(
    text(
        "INSERT INTO outbox (channel, contact_id, priority, body, queued_ms, not_before_ms, leased_until_ms,"
        " attempts, outcome, about)"
        " VALUES (:channel, :contact_id, :priority, :body, :now, :not_before, 0, 0, 0, :about)"
    )
)
SPEAKS_FOR_ITSELF = (
    "(o.with_id IS NULL OR"
    " (SELECT l.outcome FROM outbox l WHERE l.id = o.with_id AND l.leased_until_ms <= :now) IN (2, 3))"
)
"""No other message says this one's (`o`) words, or the one that did was withdrawn or given up.

A scalar subquery: of an EXISTS PostgreSQL makes a table of the whole outbox.
"""

_claim = Statement(
    text(
        "UPDATE outbox SET leased_until_ms = :lease, attempts = attempts + 1 WHERE id IN ("  # noqa: S608 - constants
        " SELECT o.id FROM outbox o WHERE o.outcome = 0 AND o.channel = :channel AND o.priority = :priority"
        f" AND o.not_before_ms <= :now AND o.leased_until_ms <= :now AND {SPEAKS_FOR_ITSELF}"
        " AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.outcome = 0 AND e.contact_id = o.contact_id"
        "  AND e.priority <= o.priority AND e.id < o.id"
        "  AND (e.not_before_ms > o.not_before_ms OR e.leased_until_ms > :now))"
        " ORDER BY o.not_before_ms, o.id LIMIT :most)"
        " RETURNING id, contact_id, body, attempts, reminder_id, about, queued_ms"
    )
)
"""One priority at a time: so the index gives the due rows in sending order, however many wait behind them."""
_chat = Statement(text("SELECT address, language, free_until_ms FROM contact WHERE id = :id"))
_ITS_ROWS = "(id = :id OR with_id = :id)"
"""A message's own row and those for which it speaks: they end, wait and are held together."""

_arrive = Statement(
    text(
        "UPDATE outbox SET outcome = 1, done_ms = :now, provider_id = :provider_id, error = NULL"  # noqa: S608 - constants
        f" WHERE {_ITS_ROWS}"
    )
)
_fail = Statement(
    text(
        "UPDATE outbox SET outcome = 2, done_ms = :now, provider_id = NULL, error = :error"  # noqa: S608 - constants
        f" WHERE {_ITS_ROWS} AND outcome <> 3"
    )
)
_postpone = Statement(
    text(
        "UPDATE outbox SET outcome = 0, not_before_ms = :until, leased_until_ms = 0,"  # noqa: S608 - constants
        f" done_ms = NULL, error = :error WHERE {_ITS_ROWS} AND outcome NOT IN (2, 3)"
    )
)
_hold = Statement(
    text(
        "UPDATE outbox SET outcome = 4, leased_until_ms = 0, done_ms = :now, error = :why"  # noqa: S608 - constants
        f" WHERE {_ITS_ROWS} AND outcome NOT IN (2, 3)"
    )
)
"""What was withdrawn while it was being sent (an opt-out, silence) stays so, unless it has arrived."""

WINDOW = "waits until the person writes"
"""Why a message is held: the platform lets us say no more before."""


class Outgoing(NamedTuple):
    """A message to be queued; `body` is sealed, `about` names what it is about (`child:24`)."""

    channel: str
    contact_id: int
    priority: Priority
    body: bytes
    not_before: datetime
    about: str | None = None


def queue(connection: Connection, now: datetime, messages: Iterable[Outgoing]) -> None:
    """Queue messages."""
    _queue.many(
        connection,
        [
            {
                "channel": message.channel,
                "contact_id": message.contact_id,
                "priority": int(message.priority),
                "body": message.body,
                "now": milliseconds(now),
                "not_before": milliseconds(message.not_before),
                "about": message.about,
            }
            for message in messages
        ],
    )


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A claimed message: whom it goes to, and its opened body (JSON); a reminder's is empty, yet to be written.

    `free_until_ms`: until when free text may be sent there, on a platform that limits it. `leased_until_ms`: until when
    nobody else claims it. `about`, `queued_ms`: as in the table.
    """

    id: int
    contact_id: int
    address: str
    body: bytes
    attempts: int
    priority: Priority
    language: str = "id"
    reminder_id: int | None = None
    free_until_ms: int = 0
    leased_until_ms: int = 0
    about: str | None = None
    queued_ms: int = 0


def claim(
    connection: Connection,
    keys: KeyRing,
    now: datetime,
    channel: str,
    most: int,
    *,
    self_started: int | None = None,
) -> list[OutboxMessage]:
    """Take up to `most` messages that may leave now, under a lease, in sending order.

    At most `self_started` of them are not asked for (None: as many as there are): none in the quiet hours.
    """
    claimed: list[OutboxMessage] = []
    for priority in Priority:
        places = most - len(claimed)
        if self_started is not None and not priority.asked_for:
            places = min(places, self_started - sum(not m.priority.asked_for for m in claimed))
        if places > 0:
            claimed += _claimed(connection, keys, now, channel, priority, places)
    return claimed


def _claimed(
    connection: Connection, keys: KeyRing, now: datetime, channel: str, priority: Priority, most: int
) -> list[OutboxMessage]:
    leased_until = milliseconds(now + LEASE)
    rows = _claim(
        connection,
        channel=channel,
        priority=int(priority),
        now=milliseconds(now),
        lease=leased_until,
        most=most,
    ).fetchall()
    chats = {
        contact_id: _chat(connection, id=contact_id).fetchone() for contact_id in {row[1] for row in rows}
    }
    return [
        OutboxMessage(
            id=id_,
            contact_id=contact_id,
            address=keys.open(bytes(chats[contact_id][0])).decode(),
            body=keys.open(bytes(body)) if body is not None else b"",
            attempts=attempts,
            priority=priority,
            language=chats[contact_id][1],
            reminder_id=reminder_id,
            free_until_ms=chats[contact_id][2] or 0,
            leased_until_ms=leased_until,
            about=about,
            queued_ms=queued_ms,
        )
        for id_, contact_id, body, attempts, reminder_id, about, queued_ms in sorted(
            rows, key=lambda row: int(row[0])
        )
    ]


def write_body(connection: Connection, message_id: int, body: bytes) -> None:
    """Keep what a reminder said, sealed, now that it leaves."""
    connection.execute(update(outbox).where(outbox.c.id == message_id).values(body=body))


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that arrived at the platform."""

    id: int
    provider_id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that never will."""

    id: int
    error: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """A message to try again, not before `until`."""

    id: int
    until: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits for an event, named by `why`."""

    id: int
    why: str


Result = Sent | Failed | Postponed | Held


def mark(connection: Connection, now: datetime, results: Iterable[Result]) -> None:
    """Write how sends ended."""
    for result in results:
        match result:
            case Held(id_, why):
                _hold(connection, id=id_, now=milliseconds(now), why=why[:200])
            case Sent(id_, provider_id):
                _arrive(connection, id=id_, now=milliseconds(now), provider_id=provider_id)
            case Failed(id_, error):
                _fail(connection, id=id_, now=milliseconds(now), error=error[:200])
            case Postponed(id_, until, error):
                _postpone(connection, id=id_, until=milliseconds(until), error=error[:200])


def keep_leases(connection: Connection, now: datetime, ids: Collection[int]) -> None:
    """Prolong the leases of what is being sent in this moment, where they have ended because the clock was moved.

    Not of what has been marked since: it has no lease, and may be claimed again.
    """
    ended = outbox.c.leased_until_ms.between(1, milliseconds(now))
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids), outbox.c.outcome == int(Outcome.WAITING), ended)
        .values(leased_until_ms=milliseconds(now + LEASE))
    )


def keep_lease(connection: Connection, now: datetime, outbox_id: int) -> None:
    """Prolong a message's lease: it has been sent, and its mark is still to be written."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.outcome == int(Outcome.WAITING))
        .values(leased_until_ms=milliseconds(now + LEASE))
    )


def release_leases(connection: Connection, channel: str, not_before: datetime | None = None) -> int:
    """Free what a dead sender had claimed: whoever holds the sending office knows that nobody else sends.

    `not_before`: leave the platform's reports so long to tell which of them had arrived.
    """
    values = {"leased_until_ms": 0} | ({"not_before_ms": milliseconds(not_before)} if not_before else {})
    return connection.execute(
        update(outbox)
        .where(outbox.c.channel == channel, outbox.c.outcome == 0, outbox.c.leased_until_ms > 0)
        .values(**values)
    ).rowcount


def about_of(connection: Connection, contact_id: int, provider_id: str) -> str | None:
    """Return what a message that was sent to a chat is about (`alert:7`), by the platform's id of it."""
    query = select(outbox.c.about).where(
        outbox.c.contact_id == contact_id,
        outbox.c.provider_id == provider_id,
        outbox.c.about.is_not(None),
    )
    about: str | None = connection.execute(query.order_by(outbox.c.id.desc()).limit(1)).scalar()
    return about


@dataclass(frozen=True, slots=True)
class Told:
    """The first message about something in a chat: its id on the platform, whether any of them still waits."""

    provider_id: str | None
    waiting: bool

    @property
    def given_up(self) -> bool:
        """It never arrived."""
        return self.provider_id is None and not self.waiting


def first_about(connection: Connection, contact_id: int, about: str) -> Told | None:
    """Return the first message about something (`progress:7`) in a chat; None when there is none."""
    query = select(outbox.c.provider_id, outbox.c.outcome).where(
        outbox.c.contact_id == contact_id, outbox.c.about == about, outbox.c.about.is_not(None)
    )
    found = connection.execute(query.order_by(outbox.c.id)).all()
    if not found:
        return None
    return Told(found[0][0], any(row[1] == int(Outcome.WAITING) for row in found))


def fail_contact(connection: Connection, now: datetime, contact_id: int, error: str) -> list[int]:
    """Give up everything that waits for a chat in which nothing arrives any more; return the rows' ids.

    Not what is being sent in this moment, nor what that speaks for: its sender writes how that ends, and would send it
    elsewhere a second time. From now on each row speaks for itself.
    """
    lead = outbox.alias()
    leaving = lead.c.leased_until_ms > milliseconds(now)
    said_now = select(lead.c.id).where(lead.c.id == outbox.c.with_id, lead.c.outcome == 0, leaving)
    failed = connection.execute(
        update(outbox)
        .where(
            outbox.c.contact_id == contact_id,
            outbox.c.outcome.in_(NOT_OVER),
            outbox.c.leased_until_ms <= milliseconds(now),
            ~said_now.correlate(outbox).exists(),
        )
        .values(outcome=int(Outcome.FAILED), done_ms=milliseconds(now), error=error[:200], with_id=None)
        .returning(outbox.c.id)
    )
    return sorted(failed.scalars())


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the outbox stands: `oldest_ms` is since when the longest waiting due message could have left."""

    waiting: int
    due: int
    oldest_ms: int | None
    failed_today: int


def backlog(connection: Connection, now: datetime, awake_since: datetime | None) -> Backlog:
    """Return how the outbox stands.

    `awake_since`: when the waking hours began in which `now` lies; None in the quiet hours, when what is self-started
    is not due.
    """
    ms = milliseconds(now)
    waiting = outbox.c.outcome == int(Outcome.WAITING)
    asked_for = outbox.c.priority <= int(Priority.REPLY)
    due = waiting & (outbox.c.not_before_ms <= ms)
    since: ColumnElement[int] = outbox.c.not_before_ms
    if awake_since is None:
        due &= asked_for
    else:
        begun = milliseconds(awake_since)
        since = case((asked_for | (since > begun), since), else_=begun)
    row = connection.execute(
        select(
            func.count().filter(waiting),
            func.count().filter(due),
            func.min(since).filter(due),
            func.count().filter(
                (outbox.c.outcome == int(Outcome.FAILED)) & (outbox.c.done_ms > ms - 86_400_000)
            ),
        )
    ).one()
    return Backlog(*row)


def drop_old_bodies(connection: Connection, now: datetime) -> int:
    """Forget what was said thirty days ago; that it was said stays. Return how many."""
    return connection.execute(
        update(outbox)
        .where(outbox.c.done_ms < milliseconds(now - BODY_KEPT), outbox.c.body.is_not(None))
        .values(body=None)
    ).rowcount
