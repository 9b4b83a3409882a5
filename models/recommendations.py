"""Personal invitations (`/ajak`): a link that somebody passes on, and who came by it.

A recommendation's code is no secret and gives no role: it only says who sent somebody here. A chat counts once, for
whoever's link it came by first, and never for its own person.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record
from models.codes import new_code
from models.columns import Instant
from models.contacts import Contact
from models.months import Month
from models.people import FosterParent, Person, Standing
from models.pledges import Pledge, counts_in


class Recommendation(SQLModel, table=True):
    """Somebody's link: one a person, for good."""

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    code: str = Field(max_length=12, unique=True)
    created_at: datetime = Field(sa_type=Instant)


class Referral(SQLModel, table=True):
    """A chat that came by somebody's link."""

    contact_id: int = Field(primary_key=True, foreign_key="contact.id")
    by_id: int = Field(foreign_key="person.id", index=True)
    came_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person's link has come to: chats that opened it, of those who signed up, of those who give this month."""

    opened: int
    signed_up: int
    giving: int


def recommendation_code(session: Session, now: datetime, person_id: int) -> str:
    """Return the code of a person's link, made when they first ask for it, like `7KQM-X2RA`."""
    known = session.get(Recommendation, person_id)
    if known is None:
        known = Recommendation(person_id=person_id, code=new_code().replace("-", ""), created_at=now)
        session.add(known)
        record(session, now, person_id, "recommends", f"person:{person_id}")
        session.flush()
    return f"{known.code[:4]}-{known.code[4:]}"


def recommended_by(session: Session, code: str) -> Person | None:
    """Return whose link a code is, however it is spelled."""
    folded = code.upper().replace("-", "").replace(" ", "")
    query = (
        select(Person)
        .join(Recommendation, col(Recommendation.person_id) == Person.id)
        .where(Recommendation.code == folded)
    )
    return session.exec(query).first()


def note_arrival(session: Session, now: datetime, contact_id: int, by_id: int) -> bool:
    """Count a chat that came by a link; False when it does not count: the own link, known by another, signed up."""
    contact = session.get_one(Contact, contact_id)
    registered = contact.person_id is not None and session.get(FosterParent, contact.person_id) is not None
    if contact.person_id == by_id or registered or session.get(Referral, contact_id) is not None:
        return False
    session.add(Referral(contact_id=contact_id, by_id=by_id, came_at=now))
    session.flush()
    return True


def reach_of(session: Session, person_id: int, month: Month) -> Reach:
    """Count what a person's link has come to."""
    giving = (
        select(Pledge.id)
        .where(col(Pledge.foster_parent_id) == col(FosterParent.person_id), counts_in(month))
        .correlate(FosterParent)
        .exists()
    )
    signed = func.count(func.distinct(FosterParent.person_id))
    query = (
        select(func.count(func.distinct(Referral.contact_id)), signed, signed.filter(giving))
        .select_from(Referral)
        .join(Contact, col(Contact.id) == Referral.contact_id)
        .outerjoin(
            FosterParent,
            (col(FosterParent.person_id) == Contact.person_id)
            & (col(FosterParent.standing) != Standing.REJECTED),
        )
        .where(Referral.by_id == person_id)
    )
    return Reach(*session.exec(query).one())
