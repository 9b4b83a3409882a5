"""Who sees a child's family (invariant 5): each role beside each child."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models.audit import AuditEntry
from models.children import Child, ChildStatus
from models.consents import Consent, ConsentKind
from models.entitlement import Closed, family_of, may_see_family, why_closed
from models.errors import NotEntitled
from models.grants import NOTHING, scope_of
from models.keys import KeyRing
from models.months import Month, local_day
from models.pauses import Pause
from models.people import FosterParent, Person, Standing
from models.pledges import Pledge, PledgeState
from tests.builders import (
    FAR_AWAY,
    LONG_AGO,
    a_child,
    a_consent,
    a_coordinator,
    a_foster_parent,
    a_guardian,
    a_person,
    a_pledge,
    id_of,
)
from tests.clock import FixedClock

OCTOBER, DECEMBER = Month(2025, 10), Month(2025, 12)


@dataclass
class Scene:
    """A child of Sijuk whose family has agreed, another child, and the ways to stand towards them."""

    session: Session
    keys: KeyRing
    child: Child
    other: Child

    def giver(self) -> FosterParent:
        return a_foster_parent(self.session, self.keys)

    def pledged(self, state: PledgeState, first: Month = OCTOBER, last: Month | None = DECEMBER) -> int:
        giver = self.giver()
        a_pledge(
            self.session,
            child=self.child,
            foster_parent=giver,
            state=state,
            first_month=first,
            last_month=last,
        )
        return giver.person_id

    def visitor(self, person: Person | None = None, *, approved: bool = False) -> int:
        """Somebody whom the giver has named to visit; newly entered unless it is a known person."""
        visits = person or a_person(self.session, self.keys, name="Rekan Rekaan")
        promised = a_pledge(self.session, child=self.child, foster_parent=self.giver(), visitor=visits)
        promised.visitor_approved_at = LONG_AGO if approved else None
        self.session.add(promised)
        self.session.flush()
        return id_of(visits)

    def person(self, person_id: int) -> Person:
        return self.session.get_one(Person, person_id)

    def of_another_child(self) -> int:
        giver = self.giver()
        a_pledge(self.session, child=self.other, foster_parent=giver)
        return giver.person_id

    def coordinator(
        self, area: str | None, *, granted_at: datetime = LONG_AGO, expires_at: datetime = FAR_AWAY
    ) -> int:
        return id_of(
            a_coordinator(self.session, self.keys, area=area, granted_at=granted_at, expires_at=expires_at)
        )


def family_that_agrees(session: Session, keys: KeyRing) -> Child:
    mother = a_person(session, keys, name="Ibu Rekaan")
    a_consent(session, person=mother, kind=ConsentKind.FAMILY_CONTACT)
    return a_child(session, area="Sijuk", guardian=a_guardian(session, keys, person=mother))


@pytest.fixture
def scene(session: Session, keys: KeyRing) -> Scene:
    return Scene(session, keys, family_that_agrees(session, keys), a_child(session, area="Sijuk"))


ROLES = [
    pytest.param(lambda s: id_of(a_person(s.session, s.keys)), False, id="a stranger"),
    pytest.param(lambda s: s.giver().person_id, False, id="a foster parent without a pledge"),
    pytest.param(
        lambda s: a_foster_parent(s.session, s.keys, standing=Standing.PENDING).person_id,
        False,
        id="a candidate",
    ),
    pytest.param(lambda s: s.pledged(PledgeState.PENDING), False, id="a pledge that waits"),
    pytest.param(lambda s: s.pledged(PledgeState.ACTIVE), True, id="an active pledge"),
    pytest.param(lambda s: s.pledged(PledgeState.ACTIVE, last=None), True, id="active, without an end"),
    pytest.param(lambda s: s.pledged(PledgeState.ACTIVE, last=OCTOBER), True, id="active, its last month"),
    pytest.param(
        lambda s: s.pledged(PledgeState.ACTIVE, Month(2025, 11)), False, id="active, from next month"
    ),
    pytest.param(
        lambda s: s.pledged(PledgeState.ACTIVE, Month(2025, 7), Month(2025, 9)),
        False,
        id="active, its months are over",
    ),
    pytest.param(lambda s: s.pledged(PledgeState.REJECTED), False, id="a rejected pledge"),
    pytest.param(lambda s: s.pledged(PledgeState.LAPSED), False, id="a lapsed pledge"),
    pytest.param(lambda s: s.pledged(PledgeState.ENDED), False, id="a pledge ended before its time"),
    pytest.param(
        lambda s: s.pledged(PledgeState.ENDED, Month(2025, 7), Month(2025, 9)), False, id="an ended pledge"
    ),
    pytest.param(lambda s: s.visitor(), False, id="a visitor whom nobody knows"),
    pytest.param(lambda s: s.visitor(approved=True), True, id="a visitor whom a coordinator approved"),
    pytest.param(
        lambda s: s.visitor(s.person(s.giver().person_id)),
        True,
        id="a visitor who is a verified foster parent",
    ),
    pytest.param(
        lambda s: s.visitor(
            s.person(a_foster_parent(s.session, s.keys, standing=Standing.PENDING).person_id)
        ),
        False,
        id="a visitor who has signed up only",
    ),
    pytest.param(
        lambda s: s.visitor(s.person(s.coordinator("Badau"))), True, id="a visitor who coordinates elsewhere"
    ),
    pytest.param(lambda s: s.of_another_child(), False, id="a pledge on another child"),
    pytest.param(lambda s: s.coordinator(None), True, id="a coordinator of the district"),
    pytest.param(lambda s: s.coordinator("Sijuk"), True, id="a coordinator of the area"),
    pytest.param(lambda s: s.coordinator("Badau"), False, id="a coordinator of another area"),
    pytest.param(
        lambda s: s.coordinator(None, expires_at=datetime(2025, 10, 1, tzinfo=UTC)),
        False,
        id="a coordinator until last month",
    ),
    pytest.param(
        lambda s: s.coordinator("Sijuk", granted_at=datetime(2025, 11, 1, tzinfo=UTC)),
        False,
        id="a coordinator from next month",
    ),
]


@pytest.mark.parametrize(("role", "sees"), ROLES)
def test_only_the_entitled_see_the_family(
    scene: Scene, clock: FixedClock, role: Callable[[Scene], int], sees: bool
) -> None:
    person = role(scene)
    now = clock.now()
    scope = scope_of(scene.session, person, now)
    today = Month.of(local_day(now))
    assert may_see_family(scene.session, person, scene.child, scope, today) is sees
    if sees:
        name, guardian = family_of(scene.session, now, today, person, scene.child, scope)
        assert name == "Anak Rekaan"
        assert guardian is not None
        assert guardian.name == "Ibu Rekaan"
    else:
        with pytest.raises(NotEntitled):
            family_of(scene.session, now, today, person, scene.child, scope)
    scene.session.flush()
    reads = scene.session.exec(select(AuditEntry).where(AuditEntry.act == "family_read")).all()
    assert [(r.actor_id, r.subject, r.at) for r in reads] == (
        [(person, f"child:{scene.child.id}", now)] if sees else []
    )


@pytest.mark.parametrize("status", [ChildStatus.GRADUATED, ChildStatus.MOVED, ChildStatus.DIED], ids=str)
def test_a_foster_parent_sees_no_family_of_a_child_that_left_but_a_coordinator_does(
    scene: Scene, clock: FixedClock, status: ChildStatus
) -> None:
    giver, coordinator = scene.pledged(PledgeState.ACTIVE), scene.coordinator("Sijuk")
    scene.child.status = status
    for person, sees in ((giver, False), (coordinator, True)):
        scope = scope_of(scene.session, person, clock.now())
        assert may_see_family(scene.session, person, scene.child, scope, OCTOBER) is sees


@pytest.mark.parametrize("consent", ["none", "another kind", "withdrawn", "not joined", "no guardian"])
def test_a_foster_parent_sees_no_family_that_has_not_agreed_but_a_coordinator_does(
    session: Session, keys: KeyRing, clock: FixedClock, consent: str
) -> None:
    mother = a_person(session, keys)
    if consent == "another kind":
        a_consent(session, person=mother, kind=ConsentKind.DATA_USE)
    if consent == "withdrawn":
        a_consent(session, person=mother, kind=ConsentKind.FAMILY_CONTACT, withdrawn_at=clock.now())
    guardian = a_guardian(session, keys, person=None if consent == "not joined" else mother)
    child = a_child(session, area="Sijuk", guardian=None if consent == "no guardian" else guardian)
    scene = Scene(session, keys, child, child)
    giver, coordinator = scene.pledged(PledgeState.ACTIVE), scene.coordinator("Sijuk")
    for person, sees in ((giver, False), (coordinator, True)):
        scope = scope_of(session, person, clock.now())
        assert may_see_family(session, person, child, scope, OCTOBER) is sees


def test_the_view_opens_and_closes_at_midnight_in_belitung(scene: Scene) -> None:
    giver = scene.pledged(PledgeState.ACTIVE, Month(2025, 11), Month(2025, 11))
    scope = scope_of(scene.session, giver, datetime(2025, 11, 1, tzinfo=UTC))
    opens, closes = datetime(2025, 10, 31, 17, 0, tzinfo=UTC), datetime(2025, 11, 30, 17, 0, tzinfo=UTC)
    moment = timedelta(seconds=1)
    for now, sees in ((opens - moment, False), (opens, True), (closes - moment, True), (closes, False)):
        today = Month.of(local_day(now))
        if sees:
            assert family_of(scene.session, now, today, giver, scene.child, scope)
        else:
            with pytest.raises(NotEntitled):
                family_of(scene.session, now, today, giver, scene.child, scope)


def test_who_agreed_to_the_guardians_name_and_number_only_shows_no_childs_name(
    scene: Scene, clock: FixedClock
) -> None:
    giver, coordinator, now = scene.pledged(PledgeState.ACTIVE), scene.coordinator("Sijuk"), clock.now()
    agreed = scene.session.exec(select(Consent).where(Consent.kind == ConsentKind.FAMILY_CONTACT)).one()
    agreed.version = "2025-10"
    scene.session.add(agreed)
    name, guardian = family_of(scene.session, now, OCTOBER, giver, scene.child, NOTHING)
    assert name == scene.child.code
    assert guardian is not None
    scope = scope_of(scene.session, coordinator, now)
    assert family_of(scene.session, now, OCTOBER, coordinator, scene.child, scope)[0] == "Anak Rekaan"


def test_why_a_family_is_not_shown_is_known(scene: Scene, session: Session) -> None:
    resting, later = scene.pledged(PledgeState.ACTIVE), scene.pledged(PledgeState.ACTIVE, Month(2025, 11))
    pledge = session.exec(select(Pledge).where(Pledge.foster_parent_id == resting)).one()
    rest = Pause(pledge_id=id_of(pledge), first_month=OCTOBER, last_month=OCTOBER, created_at=LONG_AGO)
    session.add(rest)
    session.flush()
    visitor, stranger = scene.visitor(), scene.of_another_child()

    def why(person_id: int) -> Closed | None:
        return why_closed(session, person_id, scene.child, NOTHING, OCTOBER)

    assert [why(one) for one in (resting, later, visitor, stranger)] == [
        Closed.RESTING,
        Closed.NOT_BEGUN,
        Closed.VISITOR_WAITS,
        Closed.NOT_YOURS,
    ]
    session.exec(select(Consent)).one().withdrawn_at = LONG_AGO
    session.flush()
    assert why(scene.pledged(PledgeState.ACTIVE)) is Closed.FAMILY_HAS_NOT_AGREED
