"""What measurements say together: each rule at its limit."""

from datetime import date, timedelta

import pytest

from models.children import Sex
from models.growth import Position, assess
from models.growth_categories import Category, Index
from models.growth_standards import Measure, for_age
from models.growth_trends import Point, Seen, Sign, faltering, improved_since, ready_to_graduate, stunting

BORN_ON = date(2023, 10, 1)
FIRST = date(2025, 10, 10)


def at(day: int, *, haz: float | None = -2.5, waz: float | None = None, kg: float | None = None) -> Point:
    """A girl of two years, measured standing `day` days after the first time, at these z-scores."""
    measured_on = FIRST + timedelta(days=day)
    age_days = (measured_on - BORN_ON).days
    length, weight = (for_age(measure, Sex.FEMALE, age_days) for measure in (Measure.LENGTH, Measure.WEIGHT))
    assert length is not None
    assert weight is not None
    weight_kg = kg if kg is not None else None if waz is None else weight.size(waz)
    length_cm = None if haz is None else length.size(haz)
    growth = assess(
        Sex.FEMALE, age_days, weight_kg=weight_kg, length_cm=length_cm, position=Position.STANDING
    )
    return Point(measured_on, weight_kg, growth)


def seen(*points: Point) -> set[tuple[Sign, Index | None]]:
    return {(one.sign, one.index) for one in faltering(points)}


def test_half_an_sd_less_after_a_month_is_a_drop() -> None:
    assert seen(at(0, haz=-2.1), at(28, haz=-2.6)) == {(Sign.DROPPED, Index.HAZ)}
    assert seen(at(0, haz=-2.1), at(27, haz=-2.6)) == set()
    assert seen(at(0, haz=-2.1), at(28, haz=-2.599)) == set()


def test_a_slow_decline_adds_up_over_half_a_year_and_not_longer() -> None:
    slow = [at(30 * n, haz=-2.1 - 0.12 * n) for n in range(6)]

    assert seen(*slow[:5]) == set()
    assert faltering(slow) == [Seen(Sign.DROPPED, Index.HAZ, FIRST)]
    assert seen(at(0, haz=-2.1), at(184, haz=-2.8)) == set()


def test_a_line_is_crossed_downwards_only_and_lying_on_it_is_not_below() -> None:
    assert seen(at(0, haz=-1.9), at(10, haz=-2.1)) == {(Sign.CROSSED_LINE, Index.HAZ)}
    assert seen(at(0, haz=-2.9), at(10, haz=-3.1)) == {(Sign.CROSSED_LINE, Index.HAZ)}
    assert seen(at(0, haz=-2), at(10, haz=-2.01)) == {(Sign.CROSSED_LINE, Index.HAZ)}
    assert seen(at(0, haz=-1.9), at(10, haz=-2)) == set()
    assert seen(at(0, haz=-2.1), at(10, haz=-1.9)) == set()
    assert seen(at(0, waz=-1.9, haz=None), at(10, waz=-2.1, haz=None)) == {(Sign.CROSSED_LINE, Index.WAZ)}


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([(0, 9.0), (28, 8.9), (56, 9.0)], True),
        ([(0, 9.0), (28, 9.1), (56, 9.0)], True),
        ([(0, 9.0), (28, 9.0), (56, 9.1)], False),
        ([(0, 9.0), (55, 9.0)], False),
        ([(0, 9.0), (190, 8.9)], False),
    ],
)
def test_no_gain_in_two_months_is_2t(weights: list[tuple[int, float]], expected: bool) -> None:
    points = [at(day, haz=None, kg=kg) for day, kg in weights]

    assert ((Sign.NO_GAIN, None) in seen(*points)) is expected


def test_only_the_newest_measurement_raises_a_sign() -> None:
    assert seen(at(0, haz=-1.9), at(30, haz=-2.6), at(60, haz=-2.5)) == {(Sign.DROPPED, Index.HAZ)}
    assert seen(at(0, haz=-1.9), at(30, haz=-2.6), at(60, haz=None, waz=-1)) == set()


def test_what_nobody_believes_says_nothing() -> None:
    assert seen(at(0, haz=-1.9), at(30, haz=-6.5)) == set()
    assert stunting([at(0, haz=-2.5), at(30, haz=-6.5)]) is Category.STUNTED


def test_above_minus_two_for_sixty_days_is_ready_to_graduate() -> None:
    assert ready_to_graduate([at(0, haz=-1.9), at(60, haz=-1.8)])
    assert not ready_to_graduate([at(0, haz=-1.9), at(59, haz=-1.8)])
    assert not ready_to_graduate([at(0, haz=-2), at(60, haz=-1.8)])
    assert not ready_to_graduate([at(0, haz=-1.9), at(30, haz=-2.1), at(60, haz=-1.8)])
    assert ready_to_graduate([at(0, haz=-2.5), at(30, haz=-1.9), at(90, haz=-1.8)])
    assert not ready_to_graduate([])


def test_half_an_sd_more_than_at_first_is_an_improvement() -> None:
    assert improved_since([at(0), at(60, haz=-2)]) == FIRST
    assert improved_since([at(0), at(60, haz=-2.01)]) is None
    assert improved_since([at(0), at(20, haz=-2)]) is None
