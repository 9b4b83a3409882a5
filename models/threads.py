"""Questions of families to the coordinators, and the answers (K4).

A thread is an alert of kind `question`; closing it ends the thread.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models.alerts import Alert, AlertKind, open_alert, raise_alert
from models.children import Child
from models.columns import Instant, Sealed


class ThreadMessage(SQLModel, table=True):
    """One message of a thread."""

    __tablename__ = "thread_message"

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id", index=True)
    by_id: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)
    words: str = Field(sa_type=Sealed)


def ask_coordinator(
    session: Session, now: datetime, person_id: int, child: Child | None, words: str
) -> tuple[Alert, bool]:
    """Write a question into the person's open thread; return it, and whether it has just been opened."""
    subject = f"person:{person_id}"
    thread = open_alert(session, AlertKind.QUESTION, subject, locked=True)
    opened = thread is None
    if thread is None:
        thread = raise_alert(session, now, AlertKind.QUESTION, subject, child=child, person_id=person_id)
    assert thread is not None and thread.id is not None  # noqa: S101, PT018 - none was open
    say_in_thread(session, now, thread, person_id, words)
    return thread, opened


def say_in_thread(session: Session, now: datetime, thread: Alert, by: int, words: str) -> None:
    """Add a message to a thread."""
    session.add(ThreadMessage(alert_id=thread.id or 0, by_id=by, at=now, words=words))
    session.flush()


def thread_messages(session: Session, thread_id: int) -> Sequence[ThreadMessage]:
    """Return a thread's messages, oldest first."""
    query = select(ThreadMessage).where(ThreadMessage.alert_id == thread_id).order_by(col(ThreadMessage.id))
    return session.exec(query).all()


def last_asked_at(session: Session, thread: Alert) -> datetime | None:
    """Return when the family wrote last in a thread."""
    query = (
        select(ThreadMessage.at)
        .where(ThreadMessage.alert_id == thread.id, ThreadMessage.by_id == thread.person_id)
        .order_by(col(ThreadMessage.id).desc())
    )
    return session.exec(query).first()


def answer_command(session: Session, alert_id: int, person_id: int | None) -> str | None:
    """Return the command with which somebody goes on in a thread: who asked asks on, who was told answers."""
    alert = session.get(Alert, alert_id)
    if alert is None or alert.kind is not AlertKind.QUESTION or person_id is None:
        return None
    return "tanya" if alert.person_id == person_id else f"jawab {alert_id}"
