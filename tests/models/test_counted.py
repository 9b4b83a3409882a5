"""Counts kept of long lists: whenever they are taken, they say what counting says, and never of another moment."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import true
from sqlmodel import Session, col

from models.children import Child, ChildStatus
from models.counted import count, counted
from models.counting import Moment, tally
from models.database import Database
from models.grants import WHOLE_DISTRICT, Scope
from models.keys import KeyRing
from models.months import Month
from models.pauses import Pause
from models.pledges import PledgeState
from models.programme import Programme
from models.statistics import coverage, history, last_months
from tests.builders import a_child, a_foster_parent, a_pledge, id_of

NOW = datetime(2025, 10, 13, 3, tzinfo=UTC)
TODAY = date(2025, 10, 13)
MONTHS = st.integers(-4, 2).map(Month(2025, 10).plus)
DAYS = st.dates(date(2025, 6, 1), date(2025, 11, 15))

PLEDGES = st.fixed_dictionaries(
    {
        "monthly_idr": st.sampled_from([150_000, 300_000, 450_000]),
        "first_month": MONTHS,
        "last_month": st.none() | MONTHS,
        "state": st.sampled_from([PledgeState.ACTIVE, PledgeState.ENDED, PledgeState.PENDING]),
    }
)
LISTED = st.fixed_dictionaries(
    {
        "area": st.sampled_from(["Sijuk", "Badau", "A place of another name"]),
        "listed_on": DAYS,
        "left_on": st.none() | DAYS,
    }
)
Pledged = tuple[dict[str, Any], Month | None]
Entered = tuple[dict[str, Any], list[Pledged]]
CHILDREN = st.lists(
    st.tuples(LISTED, st.lists(st.tuples(PLEDGES, st.none() | MONTHS), max_size=2)), max_size=5
)
"""Children as they are listed, each with its pledges and the month in which one rests."""


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as session:
        yield session


def enter(session: Session, keys: KeyRing, children: list[Entered]) -> None:
    for listed, pledges in children:
        child = a_child(session, village="", **listed)
        for promised, rests in pledges:
            pledge = a_pledge(session, child=child, foster_parent=a_foster_parent(session, keys), **promised)
            if rests is not None:
                pause = Pause(pledge_id=id_of(pledge), first_month=rests, last_month=rests, created_at=NOW)
                session.add(pause)
    session.flush()


@given(
    before=CHILDREN, meanwhile=CHILDREN, today=st.sampled_from([TODAY, date(2025, 10, 31), date(2025, 11, 1)])
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example is rolled back
def test_what_is_kept_is_what_counting_says_however_often_rows_change_in_between(
    database: Database,
    programme: Programme,
    keys: KeyRing,
    before: list[Entered],
    meanwhile: list[Entered],
    today: date,
) -> None:
    with Session(database.engine) as session:
        for hours, rows in ((0, before), (2, meanwhile)):
            enter(session, keys, rows)
            now = NOW + timedelta(hours=hours)
            moments = last_months(programme, today, 5)
            for moment in moments:
                count(session, moment, today, now)
            found = counted(session, moments)
            assert found is not None
            assert found.figures == tally(session, moments, col(Child.area), true())
            assert found.at == now
        session.rollback()


def test_a_count_is_taken_for_the_same_day_and_amount_only(session: Session, programme: Programme) -> None:
    a_child(session)
    [moment] = last_months(programme, TODAY, 1)
    count(session, moment, TODAY, NOW)
    assert counted(session, [moment]) is not None
    [tomorrow] = last_months(programme, TODAY + timedelta(days=1), 1)
    assert counted(session, [tomorrow]) is None
    assert counted(session, [moment, *last_months(programme, TODAY, 2)]) is None
    dearer = Moment(moment.month, moment.day, moment.monthly_idr + 1)
    assert counted(session, [dearer]) is None


def test_a_month_that_is_over_is_counted_again_after_an_hour_and_the_running_one_always(
    session: Session, programme: Programme
) -> None:
    running, over = last_months(programme, TODAY, 2)
    for at in (NOW, NOW + timedelta(minutes=10)):
        for moment in (running, over):
            count(session, moment, TODAY, at)
    assert (_at(session, [running]), _at(session, [over])) == (NOW + timedelta(minutes=10), NOW)
    count(session, over, TODAY, NOW + timedelta(minutes=61))
    assert _at(session, [over]) == NOW + timedelta(minutes=61)


def _at(session: Session, moments: list[Moment]) -> datetime:
    found = counted(session, moments)
    assert found is not None
    return found.at


def test_who_asks_lately_is_told_when_it_was_counted_and_others_get_what_is_now(
    session: Session, programme: Programme
) -> None:
    a_child(session, area="Sijuk")
    for moment in last_months(programme, TODAY):
        count(session, moment, TODAY, NOW)
    a_child(session, area="Sijuk")
    lately = coverage(session, programme, TODAY, WHOLE_DISTRICT, lately=True)
    assert (lately.total.children, lately.counted_at) == (1, NOW)
    now = coverage(session, programme, TODAY, WHOLE_DISTRICT)
    assert (now.total.children, now.counted_at) == (2, None)
    own = coverage(session, programme, TODAY, Scope(frozenset({"Sijuk"})), lately=True)
    assert (own.total.children, own.counted_at) == (2, None)
    points = history(session, programme, TODAY, WHOLE_DISTRICT, lately=True)
    assert {(point.figures.children, point.counted_at) for point in points} == {(1, NOW)}


def test_the_rest_of_the_answer_is_the_same_from_either_source(
    session: Session, programme: Programme
) -> None:
    a_child(session, area="Badau", listed_on=date(2025, 8, 3))
    gone = a_child(session, area="Sijuk", left_on=date(2025, 10, 2))
    gone.status = ChildStatus.MOVED
    session.flush()
    for moment in last_months(programme, TODAY):
        count(session, moment, TODAY, NOW)

    def without_time(found: object) -> str:
        return str(found).replace(repr(NOW), "None")

    for ask in (coverage, history):
        lately = ask(session, programme, TODAY, WHOLE_DISTRICT, lately=True)
        assert without_time(lately) == str(ask(session, programme, TODAY, WHOLE_DISTRICT))
        assert str(lately) != without_time(lately)
