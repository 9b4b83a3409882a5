"""The rules of visits and measurements, and what they add up to."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from models.children import ChildStatus, Severity
from models.errors import BadInput, NotEntitled
from models.grants import WHOLE_DISTRICT, Scope
from models.growth_statistics import mentoring
from models.keys import KeyRing
from models.measurements import Measurement, MeasurementSource, Size, measure
from models.months import Month
from models.pledges import PledgeState
from models.programme import Programme
from models.visits import (
    AlreadyLogged,
    Condition,
    Report,
    Visit,
    VisitKind,
    log_visit,
    pledges_to_visit,
    visits_in,
)
from tests.builders import (
    OCTOBER,
    a_child,
    a_foster_parent,
    a_measurement,
    a_person,
    a_pledge,
    a_visit,
    id_of,
)
from tests.clock import MONDAY_MORNING

TODAY = date(2025, 10, 13)


def report(day: date = TODAY, kind: VisitKind = VisitKind.HOME, size: Size | None = None) -> Report:
    return Report(visited_on=day, kind=kind, condition=Condition.WELL, size=size)


def test_a_visit_lies_between_the_pledges_first_day_and_today(
    session: Session, programme: Programme, keys: KeyRing
) -> None:
    giver = a_foster_parent(session, keys)
    pledge = a_pledge(session, child=a_child(session), foster_parent=giver, first_month=OCTOBER)

    def log(day: date) -> Visit:
        given = report(day)
        return log_visit(session, programme, MONDAY_MORNING, id_of(pledge), by=giver.person_id, report=given)

    for outside in (date(2025, 9, 30), TODAY + timedelta(days=1)):
        with pytest.raises(BadInput):
            log(outside)
    assert log(date(2025, 10, 1)).visited_on == date(2025, 10, 1)
    assert log(TODAY).child_id == pledge.child_id
    with pytest.raises(AlreadyLogged):
        log(TODAY)


@pytest.mark.parametrize("state", [state for state in PledgeState if state is not PledgeState.ACTIVE])
def test_only_an_active_pledge_entitles_to_visit(
    session: Session, programme: Programme, keys: KeyRing, state: PledgeState
) -> None:
    giver = a_foster_parent(session, keys)
    pledge = a_pledge(session, child=a_child(session), foster_parent=giver, state=state)

    with pytest.raises(NotEntitled):
        log_visit(session, programme, MONDAY_MORNING, id_of(pledge), by=giver.person_id, report=report())


def test_the_named_visitor_may_and_a_stranger_may_not(
    session: Session, programme: Programme, keys: KeyRing
) -> None:
    giver, visitor, stranger = (
        a_foster_parent(session, keys),
        a_person(session, keys),
        a_person(session, keys),
    )
    pledge = a_pledge(session, child=a_child(session), foster_parent=giver, visitor=visitor)

    log_visit(session, programme, MONDAY_MORNING, id_of(pledge), by=id_of(visitor), report=report())
    with pytest.raises(NotEntitled):
        log_visit(session, programme, MONDAY_MORNING, id_of(pledge), by=id_of(stranger), report=report())


def test_a_child_that_graduated_or_must_not_be_spoken_of_is_not_visited(
    session: Session, keys: KeyRing
) -> None:
    giver = a_foster_parent(session, keys)
    gone = a_child(session, status=ChildStatus.GRADUATED)
    hushed = a_child(session)
    hushed.silent_since = MONDAY_MORNING
    session.add(hushed)
    for child in (gone, hushed):
        a_pledge(session, child=child, foster_parent=giver)

    assert pledges_to_visit(session, giver.person_id, OCTOBER) == []


def test_the_same_numbers_of_a_day_are_one_measurement(session: Session) -> None:
    child = a_child(session)
    source = MeasurementSource.POSYANDU
    first = measure(session, MONDAY_MORNING, child, TODAY, Size(8400, 742), source=source, by=None)
    again = measure(session, MONDAY_MORNING, child, TODAY, Size(8400, 742), source=source, by=None)
    other = measure(session, MONDAY_MORNING, child, TODAY, Size(8500, None), source=source, by=None)

    assert first.id == again.id != other.id
    assert len(session.exec(select(Measurement)).all()) == 2


def test_nothing_is_measured_before_birth_or_without_a_number(session: Session) -> None:
    child = a_child(session)
    for day, size in ((child.born_on - timedelta(days=1), Size(3000)), (TODAY, Size())):
        with pytest.raises(BadInput):
            measure(session, MONDAY_MORNING, child, day, size, source=MeasurementSource.IMPORT, by=None)


def test_what_mentoring_comes_to(session: Session, keys: KeyRing) -> None:
    giver = a_foster_parent(session, keys)
    catching_up = a_child(session, severity=Severity.SEVERE)
    a_measurement(session, child=catching_up, measured_on=date(2025, 6, 1), weight_g=7000, length_mm=660)
    a_measurement(session, child=catching_up, measured_on=TODAY, weight_g=9000, length_mm=745)
    short = a_child(session, severity=Severity.MODERATE, area="Badau", village="Ibul")
    a_measurement(session, child=short, measured_on=TODAY, weight_g=8400, length_mm=742)
    a_child(session, severity=Severity.NONE, status=ChildStatus.AT_RISK)
    a_child(session, status=ChildStatus.GRADUATED, left_on=date(2025, 10, 2))
    pledge = a_pledge(session, child=catching_up, foster_parent=giver)
    for day in (date(2025, 9, 30), date(2025, 10, 2), TODAY):
        a_visit(session, pledge=pledge, visited_on=day)

    found = mentoring(session, TODAY, OCTOBER, WHOLE_DISTRICT)
    assert found.children == 3
    assert (found.visits, found.visited) == (2, 1)
    assert found.entry == {Severity.SEVERE: 1, Severity.MODERATE: 1, Severity.NONE: 1}
    assert found.now == {Severity.MODERATE: 2}
    assert (found.measured, found.improved, found.graduated) == (2, 1, 1)
    badau = Scope(frozenset({"Badau"}))
    assert (mentoring(session, TODAY, OCTOBER, badau).children, visits_in(session, OCTOBER, badau)) == (
        1,
        (0, 0),
    )
    assert visits_in(session, Month(2025, 9), WHOLE_DISTRICT) == (1, 1)


def test_a_month_that_is_over_is_told_as_it_was(session: Session) -> None:
    """Who has left since was there; what was measured later had not been measured."""
    child = a_child(session, severity=Severity.SEVERE)
    a_measurement(session, child=child, measured_on=date(2025, 8, 1), weight_g=7000, length_mm=660)
    a_measurement(session, child=child, measured_on=date(2025, 10, 2), weight_g=9000, length_mm=745)
    a_child(session, status=ChildStatus.GRADUATED, left_on=date(2025, 10, 2))

    september = Month(2025, 9)
    then = mentoring(session, september.last_day, september, WHOLE_DISTRICT)
    assert (then.children, then.measured, then.improved) == (2, 1, 0)
    now = mentoring(session, TODAY, OCTOBER, WHOLE_DISTRICT)
    assert (now.children, now.measured, now.improved) == (1, 1, 1)
