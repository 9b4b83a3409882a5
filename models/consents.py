"""What a person agreed to: which text, in which version, when, and when they took it back.

UU PDP 27/2022: processing rests on consent that can be shown (Art. 20, 22, 24); for a child it is the parent's
or guardian's (Art. 25).
"""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import Instant, words


class ConsentKind(StrEnum):
    """What can be agreed to."""

    DATA_USE = "data_use"
    CHILD_PROTECTION = "child_protection"
    COMMITMENT = "commitment"
    FAMILY_CONTACT = "family_contact"
    PARENTAL = "parental"


VERSIONS = {
    ConsentKind.DATA_USE: "2025-10",
    ConsentKind.CHILD_PROTECTION: "2025-10",
    ConsentKind.COMMITMENT: "2025-10",
    ConsentKind.FAMILY_CONTACT: "2025-12",
    ConsentKind.PARENTAL: "2025-11",
}
"""The version of each text now in the catalogs; a changed text gets a new one here."""


class Consent(SQLModel, table=True):
    """One agreement of one person, about `subject` (like `pledge:17`, or empty)."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: ConsentKind = Field(sa_type=words(ConsentKind))
    version: str = Field(max_length=20)
    subject: str = Field(default="", max_length=60)
    given_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


def give_consent(
    session: Session, now: datetime, person_id: int, kind: ConsentKind, subject: str = ""
) -> None:
    """Record an agreement to the present version of a text."""
    session.add(
        Consent(person_id=person_id, kind=kind, version=VERSIONS[kind], subject=subject, given_at=now)
    )


def consents_of(session: Session, person_id: int) -> list[Consent]:
    """Return what a person agreed to, oldest first."""
    query = (
        select(Consent).where(Consent.person_id == person_id).order_by(col(Consent.given_at), col(Consent.id))
    )
    return list(session.exec(query))


def consents_to(session: Session, person_id: int, kind: ConsentKind, version: str | None = None) -> bool:
    """Tell whether a person has agreed (None: to whichever version) and not taken it back."""
    query = select(Consent.id).where(
        Consent.person_id == person_id, Consent.kind == kind, col(Consent.withdrawn_at).is_(None)
    )
    if version is not None:
        query = query.where(Consent.version == version)
    return session.exec(query).first() is not None


def withdraw_consent(session: Session, now: datetime, person_id: int, kind: ConsentKind) -> int:
    """Take an agreement back, whenever and to whichever version it was given; return how many stood."""
    query = select(Consent).where(
        Consent.person_id == person_id, Consent.kind == kind, col(Consent.withdrawn_at).is_(None)
    )
    standing = session.exec(query).all()
    for consent in standing:
        consent.withdrawn_at = now
        session.add(consent)
    session.flush()
    return len(standing)
