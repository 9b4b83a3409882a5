"""Who did or saw what, and when. Entries name rows, never personal data, and are never changed."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import Instant


class AuditEntry(SQLModel, table=True):
    """One act: `actor_id` is a person (None: the programme itself or the operator's terminal)."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    actor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    act: str = Field(max_length=40)
    subject: str = Field(max_length=60, index=True, description="kind and id, like pledge:17")
    note: str = Field(default="", max_length=200, description="codes and figures only")


def record(
    session: Session, now: datetime, actor_id: int | None, act: str, subject: str, note: str = ""
) -> None:
    """Write an entry in the running transaction: it stands or falls with what it describes."""
    session.add(AuditEntry(at=now, actor_id=actor_id, act=act, subject=subject, note=note))


def last_act(session: Session, act: str, subject: str) -> datetime | None:
    """Return when something was last done to a subject."""
    query = (
        select(AuditEntry.at)
        .where(AuditEntry.subject == subject, AuditEntry.act == act)
        .order_by(col(AuditEntry.at).desc())
    )
    return session.exec(query).first()
