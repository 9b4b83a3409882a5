"""Nobody decides on what is their own: the rules refuse it, whatever the chat offers."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session

from models.errors import NotEntitled
from models.file_requests import ask_for_approval, decide_request
from models.grants import WHOLE_DISTRICT, Grant, GrantState
from models.joint_pledges import JointPledge, JointState
from models.keys import KeyRing
from models.payouts import Payout, PayoutState, Via, confirm_receipt, settle, waive
from models.people import Standing, decide_person
from models.pledges import Pledge, PledgeState, decide_pledge
from models.roles import decide_role
from tests.builders import (
    a_child,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_pledge,
    id_of,
)
from tests.clock import FixedClock


class Own:
    """A coordinator of the district who gives too, with one of everything that waits."""

    def __init__(self, session: Session, keys: KeyRing, clock: FixedClock) -> None:
        self.session, self.now = session, clock.now()
        me = a_coordinator(session, keys)
        self.me, self.other = id_of(me), id_of(a_coordinator(session, keys))
        mine = a_foster_parent(session, keys, person=me, standing=Standing.PENDING)
        waiting = a_pledge(session, child=a_child(session), foster_parent=mine, state=PledgeState.PENDING)
        paid = a_pledge(session, child=a_child(session), foster_parent=mine)
        agreed = a_joint_pledge_led_by(session, keys, self.me, self.now)
        self.pledge, self.led = id_of(waiting), id_of(agreed)
        self.payout = Payout(
            pledge_id=id_of(paid), month=paid.first_month, amount_idr=450_000, state=PayoutState.DISPUTED
        )
        self.reported = Payout(
            pledge_id=id_of(paid),
            month=paid.first_month.plus(1),
            amount_idr=450_000,
            state=PayoutState.REPORTED,
        )
        self.role = Grant(
            person_id=id_of(a_coordinator(session, keys, area="Sijuk")),
            granted_at=self.now,
            expires_at=self.now.replace(year=self.now.year + 1),
            asked_by=self.me,
        )
        self.own_role = Grant(person_id=self.me, granted_at=self.now, expires_at=self.role.expires_at)
        session.add_all([self.payout, self.reported, self.role, self.own_role])
        contact = a_contact(session, keys, person=me)
        session.flush()
        self.file = ask_for_approval(session, self.now, self.me, id_of(contact), "list:children")


def a_joint_pledge_led_by(session: Session, keys: KeyRing, leader_id: int, now: datetime) -> Pledge:
    """Return one of a joint pledge's, which waits for a coordinator since its leader has agreed."""
    contact = a_foster_parent(session, keys)
    waiting = a_pledge(session, child=a_child(session), foster_parent=contact, state=PledgeState.PENDING)
    joint = JointPledge(
        organisation_id=contact.organisation_id or 0,
        contact_id=contact.person_id,
        first_month=waiting.first_month,
        state=JointState.AGREED,
        asked_at=now,
        leader_id=leader_id,
    )
    session.add(joint)
    session.flush()
    waiting.joint_id = joint.id
    session.add(waiting)
    return waiting


def sign_up(own: Own, by: int) -> object:
    return decide_person(own.session, own.now, own.me, by=by, verified=True)


def pledge(own: Own, by: int) -> object:
    return decide_pledge(own.session, own.now, own.pledge, by=by, approved=True)


def agreed_to_as_leader(own: Own, by: int) -> object:
    return decide_pledge(own.session, own.now, own.led, by=by, approved=True)


def settled(own: Own, by: int) -> object:
    return settle(own.session, own.now, own.payout.id or 0, by=by, received_idr=450_000)


def waived(own: Own, by: int) -> object:
    return waive(own.session, own.now, own.payout.id or 0, by=by)


def confirmed(own: Own, by: int) -> object:
    return confirm_receipt(own.session, own.now, own.reported.id or 0, by=by, via=Via.COORDINATOR)


def role_asked_for(own: Own, by: int) -> object:
    return decide_role(own.session, own.now, own.role.id or 0, by=by, approved=True)


def own_role(own: Own, by: int) -> object:
    return decide_role(own.session, own.now, own.own_role.id or 0, by=by, approved=True)


def file(own: Own, by: int) -> object:
    return decide_request(own.session, own.now, own.file.id or 0, by=by, scope=WHOLE_DISTRICT, approved=True)


@pytest.mark.parametrize(
    "decide",
    [sign_up, pledge, agreed_to_as_leader, settled, waived, confirmed, role_asked_for, own_role, file],
)
def test_another_may_decide_and_oneself_may_not(
    session: Session, keys: KeyRing, clock: FixedClock, decide: Callable[[Own, int], object]
) -> None:
    own = Own(session, keys, clock)
    with pytest.raises(NotEntitled):
        decide(own, own.me)
    decide(own, own.other)
    assert GrantState.WAITING in {own.role.state, own.own_role.state}
