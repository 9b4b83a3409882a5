"""Which children wait, in which order, and who is left out."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from models.adoption import areas_waiting, children_waiting, months_open
from models.alerts import AlertKind, open_alert
from models.children import Child, ChildStatus, Severity
from models.keys import KeyRing
from models.months import Month
from models.pledges import PENDING_LASTS, Pledge, PledgeState, Term, decide_pledge, pledge
from models.programme import Programme
from models.terms import Ending, end_pledge, pause_pledge, renew_pledge, resume_pledge
from tests.builders import a_child, a_coordinator, a_foster_parent, a_pledge, id_of
from tests.clock import FixedClock

TODAY = date(2025, 10, 13)


def waiting(session: Session, programme: Programme, clock: FixedClock, **wanted: object) -> list[str]:
    found = children_waiting(session, programme, clock.now(), **wanted)  # type: ignore[arg-type] # any filter
    return [candidate.child.code for candidate in found]


def test_the_most_severe_come_first_then_the_longest_waiting(
    session: Session, programme: Programme, clock: FixedClock
) -> None:
    for code, severity, listed in [
        ("BLT-001", Severity.NONE, date(2024, 1, 1)),
        ("BLT-002", Severity.MODERATE, date(2025, 2, 1)),
        ("BLT-003", Severity.SEVERE, date(2025, 9, 1)),
        ("BLT-004", Severity.SEVERE, date(2025, 3, 1)),
        ("BLT-005", Severity.MODERATE, date(2025, 1, 1)),
        ("BLT-006", Severity.SEVERE, date(2025, 3, 1)),
    ]:
        a_child(session, code=code, severity=severity, listed_on=listed)
    assert waiting(session, programme, clock) == [f"BLT-00{n}" for n in (4, 6, 3, 5, 2, 1)]
    assert waiting(session, programme, clock, limit=2) == ["BLT-004", "BLT-006"]


def test_only_children_on_the_list_today_are_offered(
    session: Session, programme: Programme, clock: FixedClock
) -> None:
    a_child(session, code="BLT-001", listed_on=TODAY)
    a_child(session, code="BLT-002", listed_on=TODAY + timedelta(days=1))
    a_child(session, code="BLT-003", left_on=TODAY)
    a_child(session, code="BLT-004", left_on=TODAY + timedelta(days=1))
    a_child(session, code="BLT-005", status=ChildStatus.AT_RISK, severity=Severity.NONE)
    for number, status in enumerate((ChildStatus.GRADUATED, ChildStatus.MOVED, ChildStatus.DIED), 6):
        a_child(session, code=f"BLT-00{number}", status=status)
    assert sorted(waiting(session, programme, clock)) == ["BLT-001", "BLT-004", "BLT-005"]
    assert areas_waiting(session, programme, clock.now()) == Counter({"Sijuk": 3})


def test_children_of_one_area_or_of_all(session: Session, programme: Programme, clock: FixedClock) -> None:
    a_child(session, code="BLT-001", area="Sijuk")
    a_child(session, code="BLT-002", area="Badau")
    a_child(session, code="BLT-003", area="Badau")
    assert waiting(session, programme, clock, area="Badau") == ["BLT-002", "BLT-003"]
    assert waiting(session, programme, clock, area="Membalong") == []
    assert areas_waiting(session, programme, clock.now()) == Counter({"Badau": 2, "Sijuk": 1})


def test_a_child_that_somebody_is_choosing_is_not_offered(
    session: Session, programme: Programme, clock: FixedClock
) -> None:
    first, second = a_child(session), a_child(session)
    assert waiting(session, programme, clock, held=[id_of(first)]) == [second.code]
    assert waiting(session, programme, clock, held=[id_of(first), id_of(second)]) == []
    assert waiting(session, programme, clock, held=[]) == [first.code, second.code]


OCTOBER, NOVEMBER, DECEMBER = Month(2025, 10), Month(2025, 11), Month(2025, 12)


@pytest.mark.parametrize(
    ("state", "first", "last", "idr", "still_needed"),
    [
        pytest.param(PledgeState.ACTIVE, OCTOBER, DECEMBER, 450_000, None, id="supported"),
        pytest.param(PledgeState.ACTIVE, OCTOBER, None, 450_000, None, id="supported without an end"),
        pytest.param(PledgeState.ACTIVE, OCTOBER, OCTOBER, 450_000, None, id="supported this month"),
        pytest.param(PledgeState.ACTIVE, OCTOBER, DECEMBER, 449_999, 1, id="one rupiah short"),
        pytest.param(PledgeState.ACTIVE, NOVEMBER, DECEMBER, 450_000, 450_000, id="from next month"),
        pytest.param(
            PledgeState.ACTIVE, Month(2025, 7), Month(2025, 9), 450_000, 450_000, id="until September"
        ),
        pytest.param(PledgeState.PENDING, OCTOBER, DECEMBER, 450_000, None, id="promised, waits"),
        pytest.param(PledgeState.PENDING, OCTOBER, DECEMBER, 150_000, 300_000, id="a share promised, waits"),
        pytest.param(PledgeState.REJECTED, OCTOBER, DECEMBER, 450_000, 450_000, id="rejected"),
        pytest.param(PledgeState.LAPSED, OCTOBER, DECEMBER, 450_000, 450_000, id="lapsed"),
        pytest.param(PledgeState.ENDED, OCTOBER, DECEMBER, 450_000, 450_000, id="ended"),
    ],
)
def test_a_child_waits_until_its_monthly_amount_is_reached(
    session: Session,
    keys: KeyRing,
    programme: Programme,
    clock: FixedClock,
    state: PledgeState,
    first: Month,
    last: Month | None,
    idr: int,
    still_needed: int | None,
) -> None:
    child, giver = a_child(session), a_foster_parent(session, keys)
    a_pledge(
        session,
        child=child,
        foster_parent=giver,
        state=state,
        first_month=first,
        last_month=last,
        monthly_idr=idr,
    )
    found = children_waiting(session, programme, clock.now())
    assert [c.still_needed_idr for c in found] == ([] if still_needed is None else [still_needed])
    assert areas_waiting(session, programme, clock.now()).total() == len(found)


def test_shares_of_several_add_up(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    child = a_child(session)
    for idr, needed in ((150_000, 300_000), (250_000, 50_000), (50_000, None)):
        a_pledge(session, child=child, foster_parent=a_foster_parent(session, keys), monthly_idr=idr)
        found = children_waiting(session, programme, clock.now())
        assert [c.still_needed_idr for c in found] == ([needed] if needed else [])


def test_a_promise_nobody_approved_in_a_week_frees_the_child_by_itself(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    a_pledge(
        session,
        child=a_child(session),
        foster_parent=a_foster_parent(session, keys),
        state=PledgeState.PENDING,
        pledged_at=clock.now(),
    )
    clock.advance(PENDING_LASTS - timedelta(seconds=1))
    assert waiting(session, programme, clock) == []
    clock.advance(timedelta(seconds=1))
    assert waiting(session, programme, clock) == ["BLT-001"]


def test_nobody_is_offered_a_child_they_support_already(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    mine, later, ended, others = (a_child(session) for _ in range(4))
    me, colleague = a_foster_parent(session, keys), a_foster_parent(session, keys)

    def share(child: Child, **given: object) -> None:
        a_pledge(session, child=child, monthly_idr=50_000, **{"foster_parent": me, **given})  # type: ignore[arg-type]

    share(mine)
    share(later, first_month=DECEMBER)
    share(ended, state=PledgeState.ENDED, first_month=Month(2025, 7), last_month=Month(2025, 9))
    share(others, foster_parent=colleague)
    offered = waiting(session, programme, clock, not_by=me.person_id)
    assert offered == [ended.code, others.code]
    assert len(waiting(session, programme, clock)) == 4


def test_who_waits_is_judged_by_the_calendar_of_belitung(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    a_pledge(
        session, child=a_child(session), foster_parent=a_foster_parent(session, keys), last_month=OCTOBER
    )
    clock.set(clock.now().replace(day=31, hour=16, minute=59))
    assert waiting(session, programme, clock) == []
    clock.advance(timedelta(minutes=1))
    assert waiting(session, programme, clock) == ["BLT-001"]


# -- those who are losing support -----------------------------------------------------------------------------------


def half_supported(session: Session, keys: KeyRing, last: Month | None, **given: object) -> Child:
    """A child at risk, listed last of all, half of whose need is given until `last`."""
    child = a_child(session, severity=Severity.NONE, status=ChildStatus.AT_RISK, listed_on=date(2025, 9, 20))
    a_pledge(
        session,
        child=child,
        foster_parent=a_foster_parent(session, keys),
        first_month=Month(2025, 8),
        last_month=last,
        monthly_idr=200_000,
        **given,  # type: ignore[arg-type] # what a_pledge takes
    )
    return child


@pytest.mark.parametrize(
    ("last", "state", "first"),
    [
        pytest.param(Month(2025, 9), PledgeState.ENDED, True, id="ended with last month"),
        pytest.param(OCTOBER, PledgeState.ACTIVE, True, id="ends with this month"),
        pytest.param(NOVEMBER, PledgeState.ACTIVE, False, id="ends next month"),
        pytest.param(Month(2025, 8), PledgeState.ENDED, False, id="ended long ago"),
        pytest.param(None, PledgeState.ACTIVE, False, id="goes on"),
        pytest.param(OCTOBER, PledgeState.REJECTED, False, id="was never approved"),
    ],
)
def test_children_losing_support_come_before_the_most_severe(
    session: Session,
    keys: KeyRing,
    programme: Programme,
    clock: FixedClock,
    last: Month | None,
    state: PledgeState,
    first: bool,
) -> None:
    severe = a_child(session, severity=Severity.SEVERE, listed_on=date(2025, 1, 1))
    losing = half_supported(session, keys, last, state=state)
    expected = [losing.code, severe.code] if first else [severe.code, losing.code]
    assert waiting(session, programme, clock) == expected
    found = children_waiting(session, programme, clock.now())
    assert {c.child.code: c.losing_support for c in found} == {losing.code: first, severe.code: False}


def test_a_renewed_pledge_is_no_loss(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    severe = a_child(session, severity=Severity.SEVERE)
    renewed = half_supported(session, keys, OCTOBER)
    (pledge,) = session.exec(select(Pledge)).all()
    assert waiting(session, programme, clock) == [renewed.code, severe.code]
    renew_pledge(session, programme, clock.now(), pledge.id or 0, by=pledge.foster_parent_id, last=DECEMBER)
    assert waiting(session, programme, clock) == [severe.code, renewed.code]


def test_a_child_whose_giver_stops_is_offered_before_the_month_is_over(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    severe, stopped, runs_out = (
        a_child(session, severity=s) for s in (Severity.SEVERE, *[Severity.NONE] * 2)
    )
    givers = [a_foster_parent(session, keys) for _ in range(2)]
    pledges = [
        a_pledge(session, child=child, foster_parent=giver, last_month=OCTOBER)
        for child, giver in zip((stopped, runs_out), givers, strict=True)
    ]
    assert waiting(session, programme, clock) == [severe.code]  # first they are asked whether they go on
    stop = {"by": givers[0].person_id, "why": Ending.STOPPED}
    end_pledge(session, programme, clock.now(), id_of(pledges[0]), **stop)  # type: ignore[arg-type] # both fit
    found = children_waiting(session, programme, clock.now())
    assert [(c.child.code, c.still_needed_idr) for c in found] == [
        (stopped.code, 450_000),
        (severe.code, 450_000),
    ]
    assert months_open(session, programme, clock.now(), id_of(stopped)) == [NOVEMBER]
    assert areas_waiting(session, programme, clock.now()).total() == 2


def supported(session: Session, keys: KeyRing, *shares: int, last: Month | None = None) -> list[Pledge]:
    """A child with a pledge of each share."""
    child = a_child(session)
    return [
        a_pledge(
            session,
            child=child,
            foster_parent=a_foster_parent(session, keys),
            monthly_idr=idr,
            last_month=last,
        )
        for idr in shares
    ]


def lost(session: Session, of: Pledge) -> int:
    """Return the rupiah a month that a child's alert holds as lost; 0 when none is open."""
    alert = open_alert(session, AlertKind.LOSING_SUPPORT, f"child:{of.child_id}")
    return int(alert.details) if alert else 0


def test_the_alert_holds_all_that_is_lost(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    small, large = supported(session, keys, 150_000, 300_000)
    for one, so_far in ((small, 150_000), (large, 450_000)):
        by = one.foster_parent_id
        end_pledge(session, programme, clock.now(), id_of(one), by=by, why=Ending.STOPPED)
        assert lost(session, one) == so_far
        end_pledge(session, programme, clock.now(), id_of(one), by=by, why=Ending.HANDED_OVER)
        assert lost(session, one) == so_far, "said twice, it is lost once"
    coordinator = id_of(a_coordinator(session, keys))
    for idr, still in ((150_000, 300_000), (250_000, 50_000), (50_000, 0)):
        waits = pledge(
            session,
            programme,
            clock.now(),
            foster_parent_id=a_foster_parent(session, keys).person_id,
            child_id=small.child_id,
            monthly_idr=idr,
            term=Term(NOVEMBER, None),
        )
        decide_pledge(session, clock.now(), id_of(waits), by=coordinator, approved=True)
        assert lost(session, small) == still


def test_somebody_elses_renewal_finds_nothing(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    stops, goes_on = supported(session, keys, 150_000, 300_000, last=OCTOBER)
    end_pledge(session, programme, clock.now(), id_of(stops), by=stops.foster_parent_id, why=Ending.STOPPED)
    for one, still in ((goes_on, 150_000), (stops, 0)):
        by = one.foster_parent_id
        renew_pledge(session, programme, clock.now(), id_of(one), by=by, last=DECEMBER)
        assert lost(session, one) == still


def test_a_pledge_that_rests_and_then_ends_is_lost_once(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    rests, stays = supported(session, keys, 150_000, 300_000)
    by = rests.foster_parent_id
    pause_pledge(session, programme, clock.now(), id_of(rests), by=by, first=NOVEMBER, months=2)
    end_pledge(session, programme, clock.now(), id_of(rests), by=by, why=Ending.STOPPED)
    assert lost(session, rests) == 150_000
    pause_pledge(
        session, programme, clock.now(), id_of(stays), by=stays.foster_parent_id, first=NOVEMBER, months=1
    )
    assert lost(session, rests) == 450_000
    resume_pledge(session, programme, clock.now(), id_of(stays), by=stays.foster_parent_id)
    assert lost(session, rests) == 150_000


def test_the_alert_closes_when_as_much_is_found_again(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    child, giver = a_child(session), a_foster_parent(session, keys)
    coordinator = id_of(a_coordinator(session, keys))
    ending = a_pledge(session, child=child, foster_parent=giver, last_month=None)
    end_pledge(session, programme, clock.now(), id_of(ending), by=giver.person_id, why=Ending.HANDED_OVER)
    for idr, still_open in ((150_000, True), (300_000, False)):
        waits = pledge(
            session,
            programme,
            clock.now(),
            foster_parent_id=a_foster_parent(session, keys).person_id,
            child_id=id_of(child),
            monthly_idr=idr,
            term=Term(NOVEMBER, None),
        )
        decide_pledge(session, clock.now(), id_of(waits), by=coordinator, approved=True)
        subject = f"child:{child.id}"
        assert (open_alert(session, AlertKind.LOSING_SUPPORT, subject) is not None) is still_open
    assert waiting(session, programme, clock) == []
