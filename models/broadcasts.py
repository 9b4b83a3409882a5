"""Broadcasts (C7): one text to an audience, queued in one statement, counted while it goes out, stopped by a button.

Its messages are self-started: they leave after replies and notices, in waking hours, and an opt-out takes them back.
They carry `about` = `broadcast:12`; by that they are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, LargeBinary, and_, case, func, insert, literal, select, text
from sqlmodel import Field, Session, SQLModel, col

from models.audience import Aim, chats_of
from models.audit import record
from models.columns import Instant, Sealed
from models.contacts import Contact
from models.errors import NotEntitled
from models.grants import Scope
from models.messages import Outcome, Priority, outbox
from models.people import Person
from models.programme import Programme
from models.quiet import take_back
from models.statements import milliseconds


class Broadcast(SQLModel, table=True):
    """One broadcast. `contact_id`: the chat in which its progress is shown; `shown`: what was last shown there."""

    id: int | None = Field(default=None, primary_key=True)
    by_id: int = Field(foreign_key="person.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    words: str = Field(sa_type=Sealed)
    aim: str = Field(max_length=200)
    people: int
    begun_at: datetime = Field(sa_type=Instant)
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    shown: str = Field(default="", max_length=40)

    @property
    def subject(self) -> str:
        """How its messages and the audit name it."""
        return f"broadcast:{self.id}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How a broadcast's messages stand; `taken_back`: stopped, or their reader opted out meanwhile.

    `held`: a template has gone ahead, the words wait for an answer. What failed in one chat and went to the person's
    other is counted once.
    """

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    taken_back: int = 0
    held: int = 0

    def __str__(self) -> str:
        return f"{self.sent}/{self.failed}/{self.waiting}/{self.taken_back}/{self.held}"


def send_broadcast(
    session: Session,
    programme: Programme,
    now: datetime,
    aim: Aim,
    *,
    words: str,
    bodies: Mapping[str, bytes],
    by: int,
    contact_id: int,
) -> Broadcast:
    """Queue a text for everybody of an aim who can be told, once each; `bodies` are sealed, by language."""
    broadcast = Broadcast(
        by_id=by, contact_id=contact_id, words=words, aim=aim.dump(), people=0, begun_at=now
    )
    session.add(broadcast)
    session.flush()
    chats = chats_of(programme, now, aim).subquery()
    own = case(
        {language: literal(body, LargeBinary) for language, body in bodies.items()},
        value=col(Contact.language),
        else_=literal(bodies["id"], LargeBinary),
    )
    ms = milliseconds(now)
    rows = select(
        col(Contact.channel),
        col(Contact.id),
        literal(int(Priority.REMINDER)),
        own,
        literal(ms),
        literal(ms),
        literal(0),
        literal(0),
        literal(int(Outcome.WAITING)),
        literal(broadcast.subject),
    ).where(col(Contact.id).in_(select(chats.c[0])))
    columns = ["channel", "contact_id", "priority", "body", "queued_ms", "not_before_ms", "leased_until_ms"]
    columns += ["attempts", "outcome", "about"]
    session.execute(insert(outbox).from_select(columns, rows))
    broadcast.people = progress_of(session, broadcast).waiting
    session.add(broadcast)
    record(session, now, by, "broadcast", broadcast.subject, f"people {broadcast.people}")
    session.flush()
    return broadcast


def broadcast_of(session: Session, broadcast_id: int, *, by: int, scope: Scope) -> Broadcast:
    """Return a broadcast to who sent it, or who coordinates the district. Raises NotEntitled, for unknown ones too."""
    found = session.get(Broadcast, broadcast_id)
    if found is None or (found.by_id != by and not scope.whole_district):
        raise NotEntitled
    return found


def running_broadcasts(session: Session) -> Sequence[Broadcast]:
    """Return those whose end has not been shown yet, oldest first."""
    query = select(Broadcast).where(col(Broadcast.ended_at).is_(None)).order_by(col(Broadcast.id))
    return session.execute(query).scalars().all()


def progress_of(session: Session, broadcast: Broadcast) -> Progress:
    """Count a broadcast's messages by how they ended."""
    moved = outbox.c.rerouted_from.is_not(None)
    query = select(outbox.c.outcome, func.count(), func.count().filter(moved)).where(_its(broadcast))
    rows = session.execute(query.group_by(outbox.c.outcome)).all()
    found = {row[0]: row[1] for row in rows}
    return Progress(
        sent=found.get(int(Outcome.SENT), 0),
        failed=found.get(int(Outcome.FAILED), 0) - sum(row[2] for row in rows),
        waiting=found.get(int(Outcome.WAITING), 0),
        taken_back=found.get(int(Outcome.WITHDRAWN), 0),
        held=found.get(int(Outcome.HELD), 0),
    )


def stop_broadcast(session: Session, now: datetime, broadcast: Broadcast, *, by: int) -> int:
    """Take back what has not left; what is being sent in this moment still arrives. Return how many messages."""
    if broadcast.stopped_at is None:
        broadcast.stopped_at = now
        session.add(broadcast)
        record(session, now, by, "broadcast_stopped", broadcast.subject)
        session.flush()
    not_leaving = outbox.c.leased_until_ms <= milliseconds(now)
    return take_back(session.connection(), now, and_(_its(broadcast), not_leaving), "stopped")


def not_reached(session: Session, broadcast: Broadcast, most: int) -> Sequence[tuple[Person, str]]:
    """Return whom a broadcast did not reach, and the platform's reason."""
    other = outbox.alias()
    elsewhere = select(other.c.id).where(
        other.c.about == broadcast.subject, other.c.rerouted_from == outbox.c.contact_id
    )
    query = (
        select(Person, outbox.c.error)
        .join_from(outbox, Contact, outbox.c.contact_id == col(Contact.id))
        .join(Person, col(Contact.person_id) == col(Person.id))
        .where(_its(broadcast), outbox.c.outcome == int(Outcome.FAILED), ~elsewhere.exists())
        .order_by(outbox.c.id)
        .limit(most)
    )
    return [(person, error or "") for person, error in session.execute(query)]


def _its(broadcast: Broadcast) -> ColumnElement[bool]:
    """Condition on the outbox; the second half, as it stands there, is what lets the index be used."""
    return and_(outbox.c.about == broadcast.subject, text("about LIKE 'broadcast:%'"))
