"""F8: an OPD or a company pledges for several children at once, and its leader agrees before a coordinator is asked.

The children are chosen by need and held by ordinary pledges of the organisation's contact, which wait as every
pledge does; the leader's decision over all of them is a row of its own (`models.joint_pledges`). Who visits is named
for each child apart.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.adoption import Candidate
from models.audit import record
from models.children import Child
from models.errors import AlreadyDecided, AlreadyPledged, FullySupported, NotAdoptable, NotEntitled
from models.joint_pledges import JointPledge, JointState
from models.people import FosterParent
from models.pledges import (
    PENDING_LASTS,
    Pledge,
    PledgeState,
    Term,
    decide_pledge,
    locked_child,
    pledge,
    share_given_away,
    still_needed,
    waiting_pledge,
)
from models.programme import Programme

MOST_CHILDREN = 50
"""So many children are pledged for at once: what a leader can read and a coordinator can answer for."""


def pledge_together(
    session: Session,
    programme: Programme,
    now: datetime,
    contact: FosterParent,
    candidates: Sequence[Candidate],
    children: int,
    term: Term,
) -> JointPledge:
    """Promise, for the first `children` of the candidates who can be had, all that each still needs in the term.

    A candidate whom somebody else takes meanwhile is passed over. Raises NotEntitled for a contact without an
    organisation, or not verified; NotAdoptable when fewer children could be had than wanted: nothing is kept then.
    """
    if contact.organisation_id is None:
        raise NotEntitled
    joint = JointPledge(
        organisation_id=contact.organisation_id,
        contact_id=contact.person_id,
        first_month=term.first,
        last_month=term.last,
        state=JointState.ASKED,
        asked_at=now,
    )
    session.add(joint)
    session.flush()
    taken = 0
    while taken < children and candidates:
        some, candidates = candidates[: children - taken], candidates[children - taken :]
        for candidate in sorted(some, key=lambda one: one.child.id or 0):  # rows are locked in one order
            taken += _taken(session, programme, now, joint, candidate, term)
    if taken < children:
        raise NotAdoptable
    record(session, now, contact.person_id, "pledged_together", joint.subject, str(children))
    return joint


def _taken(
    session: Session,
    programme: Programme,
    now: datetime,
    joint: JointPledge,
    candidate: Candidate,
    term: Term,
) -> bool:
    child_id = candidate.child.id or 0
    try:
        with session.begin_nested():
            locked_child(session, child_id)
            needed = still_needed(session, programme, now, child_id, term)
            if not needed:
                return False
            promised = pledge(
                session,
                programme,
                now,
                foster_parent_id=joint.contact_id,
                child_id=child_id,
                monthly_idr=needed,
                term=term,
            )
            promised.joint_id, promised.awaits_leader = joint.id, True
            session.add(promised)
            session.flush()
    except (FullySupported, NotAdoptable, AlreadyPledged):
        return False
    return True


def pledges_together(session: Session, joint_id: int) -> list[tuple[Pledge, Child]]:
    """Return the pledges of a joint one with their children, by code."""
    query = (
        select(Pledge, Child)
        .join(Child, col(Pledge.child_id) == Child.id)
        .where(Pledge.joint_id == joint_id)
        .order_by(Child.code)
    )
    return list(session.exec(query))


def decide_together(
    session: Session, now: datetime, joint_id: int, *, leader_id: int, agreed: bool, note: str = ""
) -> JointPledge:
    """Have the leader agree or refuse; agreed, its pledges wait another week for a coordinator.

    Raises NotEntitled for the contact in the leader's place, AlreadyDecided when it is not asked (any more) or no
    pledge of it waits.
    """
    joint = session.get(JointPledge, joint_id, with_for_update=True, populate_existing=True)
    if joint is None or joint.state is not JointState.ASKED:
        raise AlreadyDecided
    if joint.contact_id == leader_id:
        raise NotEntitled
    waiting = _still_held(session, now, joint_id)
    if not waiting:
        raise AlreadyDecided
    for promised in waiting:
        if agreed:
            promised.awaits_leader, promised.expires_at = False, now + PENDING_LASTS
            session.add(promised)
        else:
            decide_pledge(session, now, promised.id or 0, by=leader_id, approved=False)
    joint.state = JointState.AGREED if agreed else JointState.REFUSED
    joint.decided_at, joint.leader_id, joint.note = now, leader_id, note
    session.add(joint)
    record(session, now, leader_id, "agreed" if agreed else "refused", joint.subject)
    session.flush()
    return joint


def _still_held(session: Session, now: datetime, joint_id: int) -> list[Pledge]:
    """Take the rows of the pledges that wait and whose share nobody else has got meanwhile, and of their children."""
    together = select(Pledge.id).where(Pledge.joint_id == joint_id)
    in_order = session.exec(together.order_by(col(Pledge.child_id))).all()  # children are locked in one order
    waiting = [waiting_pledge(session, now, pledge_id or 0) for pledge_id in in_order]
    return [one for one in waiting if one is not None and not share_given_away(session, one)]


def name_visitor(session: Session, now: datetime, pledge_id: int, *, visitor_id: int) -> Pledge:
    """Make somebody the visitor under an active pledge. Raises AlreadyDecided when it is not active."""
    promised = session.get(Pledge, pledge_id, with_for_update=True, populate_existing=True)
    if promised is None or promised.state is not PledgeState.ACTIVE:
        raise AlreadyDecided
    promised.visitor_id, promised.visitor_approved_at = visitor_id, None
    session.add(promised)
    record(session, now, visitor_id, "visits", promised.subject)
    session.flush()
    return promised


def visits_for_others(session: Session, person_id: int) -> bool:
    """Tell whether somebody is the named visitor under any active pledge."""
    query = select(Pledge.id).where(Pledge.visitor_id == person_id, Pledge.state == PledgeState.ACTIVE)
    return session.exec(query).first() is not None
