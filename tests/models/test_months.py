"""Months: arithmetic, text and the calendar's edges."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.months import WIB, Month, local_day, whole_months

months = st.builds(Month, st.integers(2000, 2900), st.integers(1, 12))
steps = st.integers(-240, 240)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(months, steps)
def test_going_and_coming_back_is_where_one_was(month: Month, by: int) -> None:
    assert month.plus(by).plus(-by) == month


@given(months, steps, steps)
def test_steps_add_up(month: Month, one: int, two: int) -> None:
    assert month.plus(one).plus(two) == month.plus(one + two)


@given(months, steps)
def test_distance_is_the_step(month: Month, by: int) -> None:
    assert month.distance(month.plus(by)) == by


@given(months, months)
def test_months_sort_as_their_text_does(one: Month, two: Month) -> None:
    assert (one < two) == (str(one) < str(two))


@given(months)
def test_text_reads_back(month: Month) -> None:
    assert Month.parse(str(month)) == month


@given(months, st.integers(-5, 40))
def test_until_counts_both_ends(month: Month, by: int) -> None:
    span = month.until(month.plus(by))
    assert len(span) == max(0, by + 1)
    assert all(earlier.plus(1) == later for earlier, later in pairwise(span))


@given(months)
def test_the_last_day_is_the_one_before_the_next_month(month: Month) -> None:
    assert month.last_day + timedelta(days=1) == month.plus(1).first_day
    assert Month.of(month.first_day) == Month.of(month.last_day) == month


def test_the_last_month_there_is_has_a_last_day() -> None:
    assert Month(2999, 12).last_day == date(2999, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-1", "26-01", "2026-13", "2026-00", "2026/01", "2026-01-01", "2026-+1", "2026- 1"),
        *(
            "+026-01",
            "2026-01\n",
            "\u0662\u0660\u0662\u0666-\u0660\u0661",
            "januari 2026",
            "3000-01",
            "1899-12",
            "1999-12",
        ),
    ],
)
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


@given(days, st.integers(0, 20_000))
def test_whole_months_are_those_whose_day_has_come(since: date, later: int) -> None:
    until = since + timedelta(days=later)
    months_between = whole_months(since, until)
    reached = Month.of(since).plus(months_between)
    assert (reached, since.day) <= (Month.of(until), until.day)
    assert (reached.plus(1), since.day) > (Month.of(until), until.day)


@pytest.mark.parametrize(
    ("since", "until", "months_between"),
    [
        (date(2024, 1, 31), date(2024, 2, 29), 0),
        (date(2024, 1, 31), date(2024, 3, 1), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 11),
        (date(2024, 2, 29), date(2025, 3, 1), 12),
        (date(2025, 12, 31), date(2026, 1, 1), 0),
        (date(2025, 12, 1), date(2026, 1, 1), 1),
        (date(2026, 1, 1), date(2025, 1, 1), 0),
    ],
)
def test_whole_months_at_the_ends_of_months(since: date, until: date, months_between: int) -> None:
    assert whole_months(since, until) == months_between


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2025, 12, 31, 16, 59, 59, tzinfo=UTC), date(2025, 12, 31)),
        (datetime(2025, 12, 31, 17, 0, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2024, 2, 28, 17, 0, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(2025, 10, 31, 23, 59, tzinfo=WIB), date(2025, 10, 31)),
    ],
)
def test_the_day_changes_at_midnight_in_belitung(instant: datetime, day: date) -> None:
    assert local_day(instant) == day
