"""Who may see which child, decided in one place (invariant 5).

A candidate sees codes. A foster parent with an active pledge sees the own child's family, once the family has agreed;
so does whoever visits under it, if the programme knows them: a verified foster parent, a coordinator, or somebody whom
a coordinator of the area has approved (`models.visitors`). A coordinator sees the children of the own areas. Nobody
else sees anything, and a foreign code answers as an unknown one does.

A family that agreed when only the guardian's name and number were asked about shows those; the child's own name
only when it has agreed to the words that ask for it too.
"""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, or_, select

from models.audit import record
from models.children import ON_LIST, Child, Guardian
from models.consents import VERSIONS, ConsentKind, consents_to
from models.errors import NotEntitled
from models.grants import Scope
from models.months import Month
from models.pledges import Pledge, PledgeState, rests_of
from models.visitors import is_verified


class Closed(StrEnum):
    """Why somebody does not see a family, as far as it can change."""

    NOT_YOURS = "not_yours"
    NOT_BEGUN = "not_begun"
    RESTING = "resting"
    VISITOR_WAITS = "visitor_waits"
    FAMILY_HAS_NOT_AGREED = "family_has_not_agreed"


def may_see_family(session: Session, person_id: int, child: Child, scope: Scope, today: Month) -> bool:
    """Tell whether a person may see the names and contacts around a child in this month."""
    return why_closed(session, person_id, child, scope, today) is None


def why_closed(session: Session, person_id: int, child: Child, scope: Scope, today: Month) -> Closed | None:
    """Return why a person may not see the names and contacts around a child in this month; None: they may."""
    if scope.covers(child.area):
        return None
    running = _running(session, person_id, child, today)
    if child.silent_since is not None or child.status not in ON_LIST or not running:
        return Closed.NOT_YOURS
    begun = [one for one in running if one.first_month <= today]
    if not begun:
        return Closed.NOT_BEGUN
    resting = {rest.pledge_id for rest in rests_of(session, begun) if rest.covers(today)}
    giving = [one for one in begun if one.id not in resting]
    if not giving:
        return Closed.RESTING
    if not any(_is_known(session, one, person_id, scope) for one in giving):
        return Closed.VISITOR_WAITS
    return None if _family_agrees(session, child) else Closed.FAMILY_HAS_NOT_AGREED


def _running(session: Session, person_id: int, child: Child, today: Month) -> list[Pledge]:
    """Return the active pledges on a child, not over yet, under which somebody gives or visits."""
    query = select(Pledge).where(
        Pledge.child_id == child.id,
        or_(Pledge.foster_parent_id == person_id, Pledge.visitor_id == person_id),
        Pledge.state == PledgeState.ACTIVE,
        or_(col(Pledge.last_month).is_(None), col(Pledge.last_month) >= today),
    )
    return list(session.exec(query))


def _is_known(session: Session, promised: Pledge, person_id: int, scope: Scope) -> bool:
    """Whether somebody gives under this pledge, or is a visitor whom the programme knows."""
    if promised.foster_parent_id == person_id or promised.visitor_approved_at is not None:
        return True
    return scope.anything or is_verified(session, person_id)


def _family_agrees(session: Session, child: Child, version: str | None = None) -> bool:
    """The guardian has joined and consents to being known to the foster parent (UU PDP 27/2022 Art. 25)."""
    guardian = session.get(Guardian, child.guardian_id) if child.guardian_id else None
    if guardian is None or guardian.person_id is None:
        return False
    return consents_to(session, guardian.person_id, ConsentKind.FAMILY_CONTACT, version)


def family_of(
    session: Session, now: datetime, month: Month, person_id: int, child: Child, scope: Scope
) -> tuple[str, Guardian | None]:
    """Return a child's name and guardian to somebody entitled, and record that they were read.

    The child's code stands in place of its name where the family has not agreed to show that. Raises NotEntitled.
    """
    if not may_see_family(session, person_id, child, scope, month):
        raise NotEntitled
    record(session, now, person_id, "family_read", f"child:{child.id}")
    named = scope.covers(child.area) or _family_agrees(session, child, VERSIONS[ConsentKind.FAMILY_CONTACT])
    guardian = session.get(Guardian, child.guardian_id) if child.guardian_id else None
    return child.name if named else child.code, guardian
