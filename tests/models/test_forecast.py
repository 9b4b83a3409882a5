"""The forecast is a straight line through the last months."""

from datetime import date

import pytest

from models.counting import Figures
from models.forecast import forecast
from models.months import Month
from models.statistics import Point


def a_point(day: date, fully: int, children: int = 237) -> Point:
    return Point(Month.of(day), day, 450_000, Figures(children, fully))


def test_one_point_has_no_direction() -> None:
    assert forecast([]) is None
    assert forecast([a_point(date(2025, 10, 12), 92)]) is None


def test_ten_more_a_month_reach_all_in_as_many_months_as_are_missing_tens() -> None:
    points = [
        a_point(date(2025, 10, 31), 60),
        a_point(date(2025, 11, 30), 70),
        a_point(date(2025, 12, 31), 80),
        a_point(date(2026, 1, 31), 90),
    ]
    seen = forecast(points)
    assert seen is not None
    assert (round(seen.per_month), seen.months, seen.missing) == (10, 3, 147)
    assert seen.reached == Month(2027, 4)  # 147 at 10 in 30.4 days: 450 days after the end of January


def test_only_the_last_three_months_count() -> None:
    stalled = [
        a_point(date(2025, month, 28), fully)
        for month, fully in [(6, 0), (7, 50), (8, 50), (9, 50), (10, 50)]
    ]
    seen = forecast(stalled)
    assert seen is not None
    assert seen.per_month == 0
    assert seen.reached is None


def test_the_running_month_counts_by_its_days() -> None:
    seen = forecast([a_point(date(2025, 9, 30), 82), a_point(date(2025, 10, 15), 92)])
    assert seen is not None
    assert round(seen.per_month) == 20


@pytest.mark.parametrize(("fully", "reached"), [(237, Month(2025, 10)), (236, Month(2025, 10)), (94, None)])
def test_reached_already_soon_or_never(fully: int, reached: Month | None) -> None:
    before = fully - 30 if fully > 100 else fully + 10
    seen = forecast([a_point(date(2025, 9, 30), before), a_point(date(2025, 10, 12), fully)])
    assert seen is not None
    assert seen.reached == reached


def test_a_pace_that_needs_more_than_ten_years_foresees_nothing() -> None:
    seen = forecast([a_point(date(2025, 1, 31), 1, 10_000), a_point(date(2025, 3, 31), 2, 10_000)])
    assert seen is not None
    assert seen.per_month > 0
    assert seen.reached is None
