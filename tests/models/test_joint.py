"""Pledges for several children at once: what each child still needs in the term, and nothing half done."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.adoption import children_waiting
from models.database import Database, in_session
from models.errors import AlreadyDecided, NotAdoptable, NotEntitled
from models.joint import decide_together, pledge_together, pledges_together
from models.joint_pledges import JointPledge
from models.keys import KeyRing
from models.months import Month
from models.organisations import OrganisationKind
from models.people import FosterKind, FosterParent
from models.pledges import PENDING_LASTS, Pledge, Term, pledge, takes_room
from models.programme import Programme
from tests.builders import a_child, a_foster_parent, a_person, a_pledge, an_organisation, id_of
from tests.clock import MONDAY_MORNING
from tests.models.test_roles_race import both_at_once

NOVEMBER = Month(2025, 11)
TERM = Term(NOVEMBER, Month(2025, 12))


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as session:
        yield session


@pytest.fixture
def contact(session: Session, keys: KeyRing) -> FosterParent:
    """Of a company; three children wait, of whom BLT-001 has most of October from somebody, and BLT-002 of the term."""
    company = an_organisation(session, kind=OrganisationKind.COMPANY)
    contact = a_foster_parent(session, keys, kind=FosterKind.COMPANY, organisation=company)
    first, second, _ = a_child(session), a_child(session), a_child(session)
    other = a_foster_parent(session, keys)
    october = Month(2025, 10)
    a_pledge(session, child=first, foster_parent=other, monthly_idr=350_000, last_month=october)
    a_pledge(session, child=second, foster_parent=other, monthly_idr=350_000)
    return contact


def test_each_child_is_promised_what_it_needs_in_the_term_and_not_what_it_needs_today(
    session: Session, programme: Programme, contact: FosterParent
) -> None:
    waiting = children_waiting(session, programme, MONDAY_MORNING)
    assert sorted(one.still_needed_idr for one in waiting) == [100_000, 100_000, 450_000]
    joint = pledge_together(session, programme, MONDAY_MORNING, contact, waiting, 3, TERM)
    promised = {child.code: p.monthly_idr for p, child in pledges_together(session, joint.id or 0)}
    assert promised == {"BLT-001": 450_000, "BLT-002": 100_000, "BLT-003": 450_000}


def test_with_too_few_children_nothing_is_kept(
    session: Session, programme: Programme, contact: FosterParent
) -> None:
    waiting = children_waiting(session, programme, MONDAY_MORNING)
    session.commit()
    with pytest.raises(NotAdoptable):
        pledge_together(session, programme, MONDAY_MORNING, contact, waiting, 4, TERM)
    session.rollback()
    assert session.exec(select(JointPledge)).all() == []
    assert len(session.exec(select(Pledge)).all()) == 2


def test_a_leader_who_agrees_too_late_takes_no_share_from_whoever_has_it_now(
    database: Database, programme: Programme, keys: KeyRing
) -> None:
    """Just in time by one clock, while by another, a moment later, the week is over and somebody takes the share."""
    over = MONDAY_MORNING + PENDING_LASTS

    def prepare(session: Session) -> tuple[int, int, int, int]:
        office = an_organisation(session, kind=OrganisationKind.COMPANY)
        contact = a_foster_parent(session, keys, kind=FosterKind.COMPANY, organisation=office)
        child, leader, other = a_child(session), a_person(session, keys), a_foster_parent(session, keys)
        waiting = children_waiting(session, programme, MONDAY_MORNING)
        joint = pledge_together(session, programme, MONDAY_MORNING, contact, waiting, 1, TERM)
        return joint.id or 0, id_of(child), id_of(leader), other.person_id

    joint, child, leader, other = database.submit(in_session(prepare)).result()

    def take(session: Session) -> None:
        pledge(
            session, programme, over + timedelta(seconds=1),
            foster_parent_id=other, child_id=child, monthly_idr=450_000, term=TERM,
        )  # fmt: skip

    def agree(session: Session) -> None:
        decide_together(session, over - timedelta(seconds=1), joint, leader_id=leader, agreed=True)

    assert both_at_once(database, take, agree) == [AlreadyDecided]
    held = select(Pledge.foster_parent_id).where(takes_room(over))
    assert database.submit(in_session(lambda s: list(s.exec(held)))).result() == [other]


@pytest.mark.parametrize("agreed", [True, False])
def test_a_leader_decides_nothing_when_the_week_is_over(
    session: Session, programme: Programme, keys: KeyRing, contact: FosterParent, *, agreed: bool
) -> None:
    waiting = children_waiting(session, programme, MONDAY_MORNING)
    joint = pledge_together(session, programme, MONDAY_MORNING, contact, waiting, 3, TERM)
    leader = id_of(a_person(session, keys))
    with pytest.raises(AlreadyDecided):
        decide_together(
            session, MONDAY_MORNING + PENDING_LASTS, joint.id or 0, leader_id=leader, agreed=agreed
        )


def test_only_an_organisation_pledges_together(
    session: Session, programme: Programme, keys: KeyRing, contact: FosterParent
) -> None:
    alone = a_foster_parent(session, keys, kind=FosterKind.INDIVIDUAL)
    waiting = children_waiting(session, programme, MONDAY_MORNING)
    with pytest.raises(NotEntitled):
        pledge_together(session, programme, MONDAY_MORNING, alone, waiting, 1, TERM)
    assert contact.organisation_id
