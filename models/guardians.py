"""Which children a person cares for, and whom to ask about a child: guardians who have joined by chat."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.children import ON_LIST, Child, Guardian
from models.consents import ConsentKind, consents_to


def children_of(session: Session, person_id: int | None) -> Sequence[Child]:
    """Return the children on the list whom a person cares for and who may be spoken of, by code."""
    query = (
        select(Child)
        .join(Guardian, col(Child.guardian_id) == Guardian.id)
        .where(Guardian.person_id == person_id, col(Guardian.person_id).is_not(None))
        .where(col(Child.status).in_(ON_LIST), col(Child.silent_since).is_(None))
        .order_by(Child.code)
    )
    return session.exec(query).all()


def guardian_to_ask(session: Session, child: Child) -> int | None:
    """Return the person who answers for a child; None when nobody has joined, or agrees, or there is silence."""
    guardian = session.get(Guardian, child.guardian_id) if child.guardian_id else None
    if guardian is None or guardian.person_id is None or child.silent_since is not None:
        return None
    agrees = consents_to(session, guardian.person_id, ConsentKind.PARENTAL)
    return guardian.person_id if agrees else None
