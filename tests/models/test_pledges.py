"""Pledging: what is promised, what is refused and why, and what a decision changes."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from models.audit import AuditEntry
from models.children import Child, ChildStatus
from models.errors import (
    AlreadyDecided,
    AlreadyPledged,
    BadInput,
    FullySupported,
    NotAdoptable,
    NotEntitled,
)
from models.grants import WHOLE_DISTRICT, Scope
from models.keys import KeyRing
from models.months import Month
from models.people import FosterParent, Standing
from models.pledges import (
    PENDING_LASTS,
    Pledge,
    PledgeState,
    Term,
    decide_pledge,
    end_terms,
    lapse_pledges,
    pledge,
    pledges_of,
    pledges_waiting,
    still_needed,
)
from models.programme import Programme
from tests.builders import a_child, a_coordinator, a_foster_parent, a_person, a_pledge, id_of
from tests.clock import FixedClock

OCTOBER, NOVEMBER, DECEMBER = Month(2025, 10), Month(2025, 11), Month(2025, 12)
ROUND = Term(OCTOBER, DECEMBER)
MOMENT = timedelta(microseconds=1)


def promise(
    session: Session,
    programme: Programme,
    clock: FixedClock,
    child: Child,
    giver: FosterParent,
    idr: int = 450_000,
    term: Term = ROUND,
) -> Pledge:
    return pledge(
        session,
        programme,
        clock.now(),
        foster_parent_id=giver.person_id,
        child_id=id_of(child),
        monthly_idr=idr,
        term=term,
    )


def test_a_promise_waits_a_week_for_a_coordinator(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    promised = promise(session, programme, clock, a_child(session), a_foster_parent(session, keys))
    assert promised.state is PledgeState.PENDING
    assert promised.expires_at == clock.now() + timedelta(days=7)
    assert (promised.first_month, promised.last_month) == (OCTOBER, DECEMBER)
    assert promised.pledged_at == clock.now()


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        (OCTOBER, DECEMBER, "2025-IV"),
        (NOVEMBER, DECEMBER, "2025-IV"),
        (OCTOBER, NOVEMBER, None),
        (OCTOBER, None, None),
        (OCTOBER, Month(2026, 3), None),
        (Month(2026, 1), Month(2026, 3), "2026-I"),
        (Month(2031, 1), Month(2031, 3), None),
    ],
)
def test_a_promise_to_the_end_of_a_round_belongs_to_the_round(
    session: Session,
    keys: KeyRing,
    programme: Programme,
    clock: FixedClock,
    first: Month,
    last: Month | None,
    name: str | None,
) -> None:
    giver = a_foster_parent(session, keys)
    assert (
        promise(session, programme, clock, a_child(session), giver, term=Term(first, last)).round_name == name
    )


def test_a_share_leaves_the_rest_for_others_to_the_rupiah(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    child = a_child(session)
    promise(session, programme, clock, child, a_foster_parent(session, keys), 123_457)
    with pytest.raises(FullySupported) as refusal:
        promise(session, programme, clock, child, a_foster_parent(session, keys), 326_544)
    assert refusal.value.still_needed_idr == 326_543
    promise(session, programme, clock, child, a_foster_parent(session, keys), 326_543)
    with pytest.raises(FullySupported) as refusal:
        promise(session, programme, clock, child, a_foster_parent(session, keys), 1)
    assert refusal.value.still_needed_idr == 0


@pytest.mark.parametrize(
    ("term", "needed"),
    [
        pytest.param(Term(OCTOBER, OCTOBER), 350_000, id="one month"),
        pytest.param(Term(NOVEMBER, NOVEMBER), 150_000, id="the month of both"),
        pytest.param(Term(OCTOBER, DECEMBER), 150_000, id="the fullest month decides"),
        pytest.param(Term(DECEMBER, DECEMBER), 250_000, id="one of them is over"),
        pytest.param(Term(Month(2026, 1), Month(2026, 2)), 250_000, id="the one without an end goes on"),
        pytest.param(Term(DECEMBER, None), 250_000, id="without an end"),
        pytest.param(Term(OCTOBER, None), 150_000, id="without an end, over the fullest month"),
    ],
)
def test_the_room_over_a_term_is_that_of_its_fullest_month(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock, term: Term, needed: int
) -> None:
    child = a_child(session)
    for idr, first, last in ((100_000, OCTOBER, NOVEMBER), (200_000, NOVEMBER, None)):
        a_pledge(
            session,
            child=child,
            foster_parent=a_foster_parent(session, keys),
            monthly_idr=idr,
            first_month=first,
            last_month=last,
        )
    assert still_needed(session, programme, clock.now(), id_of(child), term) == needed
    with pytest.raises(FullySupported) as refusal:
        promise(session, programme, clock, child, a_foster_parent(session, keys), needed + 1, term)
    assert refusal.value.still_needed_idr == needed
    promise(session, programme, clock, child, a_foster_parent(session, keys), needed, term)


def test_children_do_not_share_their_room(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    giver = a_foster_parent(session, keys)
    for _ in range(3):
        promise(session, programme, clock, a_child(session), giver)


@pytest.mark.parametrize("standing", [Standing.PENDING, Standing.REJECTED])
def test_only_the_verified_may_promise(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock, standing: Standing
) -> None:
    with pytest.raises(NotEntitled):
        promise(
            session, programme, clock, a_child(session), a_foster_parent(session, keys, standing=standing)
        )


def test_somebody_who_never_signed_up_may_not_promise(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    person = id_of(a_person(session, keys))
    with pytest.raises(NotEntitled):
        pledge(
            session,
            programme,
            clock.now(),
            foster_parent_id=person,
            child_id=id_of(a_child(session)),
            monthly_idr=1,
            term=ROUND,
        )


@pytest.mark.parametrize(
    ("status", "listed_on", "left_on"),
    [
        pytest.param(ChildStatus.GRADUATED, date(2025, 6, 1), None, id="graduated"),
        pytest.param(ChildStatus.MOVED, date(2025, 6, 1), None, id="moved"),
        pytest.param(ChildStatus.DIED, date(2025, 6, 1), None, id="died"),
        pytest.param(ChildStatus.STUNTED, date(2025, 6, 1), date(2025, 10, 13), id="left today"),
        pytest.param(ChildStatus.STUNTED, date(2025, 10, 14), None, id="listed tomorrow"),
    ],
)
def test_a_child_that_is_not_on_the_list_is_not_promised_to(
    session: Session,
    keys: KeyRing,
    programme: Programme,
    clock: FixedClock,
    status: ChildStatus,
    listed_on: date,
    left_on: date | None,
) -> None:
    child = a_child(session, status=status, listed_on=listed_on, left_on=left_on)
    with pytest.raises(NotAdoptable):
        promise(session, programme, clock, child, a_foster_parent(session, keys))


def test_an_unknown_child_is_not_promised_to(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    child, giver = a_child(session), a_foster_parent(session, keys)
    session.delete(child)
    session.flush()
    with pytest.raises(NotAdoptable):
        promise(session, programme, clock, child, giver)


@pytest.mark.parametrize(
    ("idr", "first"), [(0, OCTOBER), (-1, OCTOBER), (450_000, Month(2025, 9)), (450_000, Month(2024, 10))]
)
def test_nothing_and_the_past_are_not_promised(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock, idr: int, first: Month
) -> None:
    with pytest.raises(BadInput) as refusal:
        promise(
            session,
            programme,
            clock,
            a_child(session),
            a_foster_parent(session, keys),
            idr,
            Term(first, DECEMBER),
        )
    assert refusal.value.code == "share"


def test_the_past_begins_at_midnight_in_belitung(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    child, giver = a_child(session), a_foster_parent(session, keys)
    clock.set(clock.now().replace(day=31, hour=17, minute=0))
    with pytest.raises(BadInput):
        promise(session, programme, clock, child, giver)
    clock.advance(-MOMENT)
    promise(session, programme, clock, child, giver)


def test_a_term_does_not_run_backwards() -> None:
    with pytest.raises(BadInput) as refusal:
        Term(DECEMBER, NOVEMBER)
    assert refusal.value.code == "term"


@pytest.mark.parametrize(
    ("standing", "wanted", "refused"),
    [
        (Term(OCTOBER, DECEMBER), Term(OCTOBER, DECEMBER), True),
        (Term(OCTOBER, DECEMBER), Term(DECEMBER, Month(2026, 2)), True),
        (Term(OCTOBER, DECEMBER), Term(Month(2026, 1), Month(2026, 3)), False),
        (Term(Month(2026, 1), None), Term(OCTOBER, DECEMBER), False),
        (Term(Month(2026, 1), None), Term(OCTOBER, None), True),
        (Term(OCTOBER, None), Term(Month(2030, 1), Month(2030, 1)), True),
        (Term(NOVEMBER, NOVEMBER), Term(OCTOBER, DECEMBER), True),
    ],
)
@pytest.mark.parametrize("state", [PledgeState.PENDING, PledgeState.ACTIVE])
def test_nobody_promises_twice_for_the_same_months(
    session: Session,
    keys: KeyRing,
    programme: Programme,
    clock: FixedClock,
    standing: Term,
    wanted: Term,
    refused: bool,
    state: PledgeState,
) -> None:
    child, giver = a_child(session), a_foster_parent(session, keys)
    a_pledge(
        session,
        child=child,
        foster_parent=giver,
        monthly_idr=50_000,
        first_month=standing.first,
        last_month=standing.last,
        state=state,
    )
    if refused:
        with pytest.raises(AlreadyPledged):
            promise(session, programme, clock, child, giver, 50_000, wanted)
    else:
        promise(session, programme, clock, child, giver, 50_000, wanted)


@pytest.mark.parametrize("state", [PledgeState.REJECTED, PledgeState.LAPSED, PledgeState.ENDED])
def test_who_was_refused_or_has_ended_may_promise_again(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock, state: PledgeState
) -> None:
    child, giver = a_child(session), a_foster_parent(session, keys)
    a_pledge(session, child=child, foster_parent=giver, state=state)
    promise(session, programme, clock, child, giver)


@pytest.mark.parametrize("approved", [True, False])
def test_a_decision_is_kept_with_who_and_when_and_audited(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock, approved: bool
) -> None:
    coordinator = id_of(a_coordinator(session, keys))
    promised = promise(session, programme, clock, a_child(session), a_foster_parent(session, keys))
    clock.advance(timedelta(hours=1))
    decided = decide_pledge(
        session, clock.now(), id_of(promised), by=coordinator, approved=approved, note="dinas lain"
    )
    assert decided.state is (PledgeState.ACTIVE if approved else PledgeState.REJECTED)
    assert (decided.decided_by, decided.decided_at, decided.note) == (coordinator, clock.now(), "dinas lain")
    assert decided.expires_at is None
    session.flush()
    acts = session.exec(select(AuditEntry.act, AuditEntry.actor_id, AuditEntry.subject)).all()
    assert ("approved" if approved else "rejected", coordinator, f"pledge:{promised.id}") in acts


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_a_promise_is_decided_once(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock, first: bool, second: bool
) -> None:
    coordinator = id_of(a_coordinator(session, keys))
    promised = promise(session, programme, clock, a_child(session), a_foster_parent(session, keys))
    decide_pledge(session, clock.now(), id_of(promised), by=coordinator, approved=first)
    with pytest.raises(AlreadyDecided):
        decide_pledge(session, clock.now(), id_of(promised), by=coordinator, approved=second)
    assert promised.state is (PledgeState.ACTIVE if first else PledgeState.REJECTED)


def test_a_promise_that_is_a_week_old_is_not_decided_any_more(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    coordinator, giver = id_of(a_coordinator(session, keys)), a_foster_parent(session, keys)
    old, older = (promise(session, programme, clock, a_child(session), giver) for _ in range(2))
    clock.advance(PENDING_LASTS - MOMENT)
    decide_pledge(session, clock.now(), id_of(old), by=coordinator, approved=True)
    clock.advance(MOMENT)
    with pytest.raises(AlreadyDecided):
        decide_pledge(session, clock.now(), id_of(older), by=coordinator, approved=True)


def test_an_unknown_promise_is_not_decided(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    with pytest.raises(AlreadyDecided):
        decide_pledge(session, clock.now(), 999_999, by=id_of(a_coordinator(session, keys)), approved=True)


def test_a_share_given_on_is_not_approved_by_somebody_whose_clock_is_behind(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    child, coordinator = a_child(session), id_of(a_coordinator(session, keys))
    old = promise(session, programme, clock, child, a_foster_parent(session, keys))
    behind = clock.advance(PENDING_LASTS - MOMENT)
    clock.advance(MOMENT)
    new = promise(session, programme, clock, child, a_foster_parent(session, keys))
    with pytest.raises(AlreadyDecided):
        decide_pledge(session, behind, id_of(old), by=coordinator, approved=True)
    decide_pledge(session, behind, id_of(old), by=coordinator, approved=False)
    decide_pledge(session, clock.now(), id_of(new), by=coordinator, approved=True)


def test_lapsing_takes_every_old_promise_and_nothing_else(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    giver = a_foster_parent(session, keys)
    old = [promise(session, programme, clock, a_child(session), giver) for _ in range(2)]
    approved = promise(session, programme, clock, a_child(session), giver)
    decide_pledge(
        session, clock.now(), id_of(approved), by=id_of(a_coordinator(session, keys)), approved=True
    )
    clock.advance(MOMENT)
    young = promise(session, programme, clock, a_child(session), giver)
    clock.advance(PENDING_LASTS - MOMENT)
    assert {p.id for p in lapse_pledges(session, clock.now())} == {p.id for p in old}
    assert lapse_pledges(session, clock.now()) == []
    assert {p.state for p in old} == {PledgeState.LAPSED}
    assert (approved.state, young.state) == (PledgeState.ACTIVE, PledgeState.PENDING)


def test_terms_end_after_their_last_month_and_only_of_active_pledges(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    giver = a_foster_parent(session, keys)

    def until(last: Month | None, state: PledgeState = PledgeState.ACTIVE) -> Pledge:
        return a_pledge(
            session,
            child=a_child(session),
            foster_parent=giver,
            first_month=Month(2025, 9),
            last_month=last,
            state=state,
        )

    over, now, on = until(Month(2025, 9)), until(OCTOBER), until(None)
    waits, rejected = until(Month(2025, 9), PledgeState.PENDING), until(Month(2025, 9), PledgeState.REJECTED)
    assert end_terms(session, clock.now(), OCTOBER) == 1
    assert end_terms(session, clock.now(), OCTOBER) == 0
    session.expire_all()
    assert [p.state for p in (over, now, on)] == [PledgeState.ENDED, PledgeState.ACTIVE, PledgeState.ACTIVE]
    assert [p.state for p in (waits, rejected)] == [PledgeState.PENDING, PledgeState.REJECTED]
    assert over.decided_at == clock.now()


def test_a_coordinator_is_shown_what_waits_in_the_own_areas_oldest_first(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    giver = a_foster_parent(session, keys)
    first = promise(session, programme, clock, a_child(session, area="Sijuk"), giver)
    clock.advance(timedelta(hours=1))
    second = promise(session, programme, clock, a_child(session, area="Badau"), giver)
    for state in (PledgeState.ACTIVE, PledgeState.REJECTED):
        a_pledge(session, child=a_child(session), foster_parent=giver, state=state)

    def shown(scope: Scope) -> list[int | None]:
        return [waiting.pledge.id for waiting in pledges_waiting(session, scope.children(), clock.now())]

    assert shown(WHOLE_DISTRICT) == [first.id, second.id]
    assert shown(Scope(frozenset({"Badau"}))) == [second.id]
    assert shown(Scope(frozenset())) == []
    clock.advance(PENDING_LASTS - timedelta(hours=1))
    assert shown(WHOLE_DISTRICT) == [second.id]


def test_a_foster_parent_is_shown_what_still_lives(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    me, other = a_foster_parent(session, keys), a_foster_parent(session, keys)
    mine = [
        a_pledge(session, child=a_child(session), foster_parent=me, state=state, pledged_at=clock.now())
        for state in PledgeState
    ]
    a_pledge(session, child=a_child(session), foster_parent=other)
    living = {PledgeState.PENDING, PledgeState.ACTIVE}
    shown = [found.id for found, _ in pledges_of(session, me.person_id, clock.now())]
    assert shown == [p.id for p in mine if p.state in living]
    clock.advance(PENDING_LASTS)
    shown = [found.id for found, _ in pledges_of(session, me.person_id, clock.now())]
    assert shown == [p.id for p in mine if p.state in living - {PledgeState.PENDING}]


def test_the_database_itself_refuses_an_amount_of_nothing(session: Session, keys: KeyRing) -> None:
    child, giver = a_child(session), a_foster_parent(session, keys)
    with pytest.raises(IntegrityError, match="pledge_amount_positive"), session.begin_nested():
        a_pledge(session, child=child, foster_parent=giver, monthly_idr=0)
