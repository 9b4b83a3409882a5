"""Who may see which child, decided in one place (invariant 5).

A candidate sees codes. A foster parent with an active pledge, and whoever visits under it, sees the own child's
family, once the family has agreed. A coordinator sees the children of the own areas. Nobody else sees anything,
and a foreign code answers as an unknown one does.
"""

from datetime import datetime

from sqlmodel import Session, or_, select

from models.audit import record
from models.children import ON_LIST, Child, Guardian
from models.consents import ConsentKind, consents_to
from models.errors import NotEntitled
from models.grants import Scope
from models.months import Month
from models.pledges import Pledge, PledgeState, counts_in


def may_see_family(session: Session, person_id: int, child: Child, scope: Scope, today: Month) -> bool:
    """Tell whether a person may see the names and contacts around a child in this month."""
    if scope.covers(child.area):
        return True
    if child.silent_since is not None or child.status not in ON_LIST or not _family_agrees(session, child):
        return False
    query = select(Pledge.id).where(
        Pledge.child_id == child.id,
        or_(Pledge.foster_parent_id == person_id, Pledge.visitor_id == person_id),
        Pledge.state == PledgeState.ACTIVE,
        counts_in(today),
    )
    return session.exec(query).first() is not None


def _family_agrees(session: Session, child: Child) -> bool:
    """The guardian has joined and consents to being known to the foster parent (UU PDP 27/2022 Art. 25)."""
    guardian = session.get(Guardian, child.guardian_id) if child.guardian_id else None
    if guardian is None or guardian.person_id is None:
        return False
    return consents_to(session, guardian.person_id, ConsentKind.FAMILY_CONTACT)


def family_of(
    session: Session, now: datetime, month: Month, person_id: int, child: Child, scope: Scope
) -> tuple[str, Guardian | None]:
    """Return a child's name and guardian to somebody entitled, and record that they were read.

    Raises NotEntitled.
    """
    if not may_see_family(session, person_id, child, scope, month):
        raise NotEntitled
    record(session, now, person_id, "family_read", f"child:{child.id}")
    return child.name, session.get(Guardian, child.guardian_id) if child.guardian_id else None
