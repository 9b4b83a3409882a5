"""Visitors under somebody else's pledge (F8), and which of them a coordinator has to approve.

The code that makes somebody a visitor can be forwarded to anybody. A verified foster parent and a coordinator are
known to the programme; anybody else visits under the child's code, and meets its family by name only once a
coordinator of the area has approved it (`models.entitlement`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, not_, select

from models.audit import record
from models.children import Child
from models.errors import AlreadyDecided, NotEntitled
from models.grants import Grant, in_force
from models.people import FosterParent, Person, Standing
from models.pledges import Pledge, PledgeState


@dataclass(frozen=True, slots=True)
class WaitingVisitor:
    """A visitor who waits for a coordinator, with the pledge under which they visit."""

    pledge: Pledge
    child: Child
    person: Person


def is_verified(session: Session, person_id: int) -> bool:
    """Tell whether somebody is a foster parent whom a coordinator or the roster has vouched for."""
    found = session.get(FosterParent, person_id)
    return found is not None and found.standing is Standing.VERIFIED


def visitors_waiting(
    session: Session, scope: ColumnElement[bool], now: datetime, by: int
) -> list[WaitingVisitor]:
    """Return the visitors who wait, to children in scope (`Scope.children()`), oldest pledge first.

    Not those whom `by` has named, nor `by`: nobody decides on what is their own.
    """
    verified = select(FosterParent.person_id).where(FosterParent.standing == Standing.VERIFIED)
    coordinators = select(Grant.person_id).where(in_force(now))
    query = (
        select(Pledge, Child, Person)
        .join(Child, col(Pledge.child_id) == Child.id)
        .join(Person, col(Pledge.visitor_id) == Person.id)
        .where(Pledge.state == PledgeState.ACTIVE, col(Pledge.visitor_approved_at).is_(None), scope)
        .where(col(Child.silent_since).is_(None))
        .where(not_(col(Person.id).in_(verified)), not_(col(Person.id).in_(coordinators)))
        .where(Pledge.foster_parent_id != by, Person.id != by)
        .order_by(col(Pledge.id))
    )
    found: dict[tuple[int, int, int | None], WaitingVisitor] = {}
    for promised, child, person in session.exec(query):
        # A term and the one that follows it are one question.
        key = (promised.child_id, promised.foster_parent_id, promised.visitor_id)
        found.setdefault(key, WaitingVisitor(promised, child, person))
    return list(found.values())


def decide_visitor(
    session: Session, now: datetime, pledge_id: int, *, visitor_id: int, by: int, approved: bool
) -> None:
    """Approve somebody as the visitor under a pledge and the one that follows it, or name nobody in their place.

    Raises AlreadyDecided when this visitor does not wait (any more), NotEntitled for one's own.
    """
    found = session.get(Pledge, pledge_id, with_for_update=True, populate_existing=True)
    if found is None or not _waits(found) or found.visitor_id != visitor_id:
        raise AlreadyDecided
    if by in {found.foster_parent_id, visitor_id}:
        raise NotEntitled
    same = select(Pledge).where(
        Pledge.child_id == found.child_id,
        Pledge.foster_parent_id == found.foster_parent_id,
        Pledge.visitor_id == visitor_id,
    )
    for promised in filter(_waits, session.exec(same).all()):
        if approved:
            promised.visitor_approved_at = now
        else:
            promised.visitor_id = None
        session.add(promised)
    act = "visitor_approved" if approved else "visitor_rejected"
    record(session, now, by, act, found.subject, f"person:{visitor_id}")
    session.flush()


def _waits(promised: Pledge) -> bool:
    return promised.state is PledgeState.ACTIVE and promised.visitor_approved_at is None
