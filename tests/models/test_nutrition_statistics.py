"""Dietary diversity of a month's check-ins, compared with the rule that answers each family."""

from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from models.checkins import Answers, record_check_in
from models.database import Database
from models.grants import WHOLE_DISTRICT, Scope
from models.months import Month, whole_months
from models.nutrition import FoodGroup, diversity
from models.nutrition_statistics import Eaten, eaten_in
from tests.builders import a_child, id_of

MONTHS = [Month(2025, 9), Month(2025, 10)]
NOW = datetime(2025, 10, 20, 3, tzinfo=UTC)

BIRTHDAYS = [
    *(date(2023, 9, 30), date(2023, 10, 1), date(2023, 10, 31), date(2023, 11, 1)),
    *(date(2025, 3, 30), date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 30), date(2025, 5, 1)),
]
"""Around 24 and 6 months at the ends of September and October."""

CHILDREN = st.lists(
    st.tuples(
        st.dates(date(2023, 8, 1), date(2025, 9, 30)) | st.sampled_from(BIRTHDAYS),
        st.sampled_from(MONTHS),
        st.none() | st.frozensets(st.sampled_from(FoodGroup)),
        st.sampled_from(["Sijuk", "Badau"]),
    ),
    max_size=12,
)


@given(children=CHILDREN)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example is rolled back
def test_the_figures_are_those_of_the_rule_child_by_child(
    database: Database, children: list[tuple[date, Month, frozenset[FoodGroup] | None, str]]
) -> None:
    with Session(database.engine) as session:
        for born_on, month, groups, area in children:
            child = a_child(session, born_on=born_on, area=area, village=area)
            record_check_in(session, NOW, id_of(child), month, by=None, answers=Answers(groups=groups))
        for scope in (WHOLE_DISTRICT, Scope(frozenset({"Badau"}))):
            counted = [one for one in children if scope.covers(one[3])]
            assert eaten_in(session, MONTHS, scope) == list(
                filter(None, (_by_hand(m, counted) for m in MONTHS))
            )
        session.rollback()


def _by_hand(
    month: Month, children: list[tuple[date, Month, frozenset[FoodGroup] | None, str]]
) -> Eaten | None:
    days = [
        (groups, found)
        for born_on, answered, groups, _ in children
        if answered == month and groups is not None
        if (found := diversity(whole_months(born_on, month.last_day), groups)).enough is not None
    ]
    if not days:
        return None
    eaten = {group: sum(group in groups for groups, _ in days) for group in FoodGroup}
    return Eaten(month, len(days), sum(bool(found.enough) for _, found in days), eaten)
