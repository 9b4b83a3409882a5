"""Who sees a child's family (invariant 5): each role beside each child."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models.audit import AuditEntry
from models.children import Child, ChildStatus
from models.consents import ConsentKind
from models.entitlement import family_of, may_see_family
from models.errors import NotEntitled
from models.grants import scope_of
from models.keys import KeyRing
from models.months import Month, local_day
from models.people import FosterParent, Standing
from models.pledges import PledgeState
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
