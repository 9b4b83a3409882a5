"""The rules around the tables: positions, the second birthday, prematurity, flags, what cannot be computed."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.children import Sex
from models.errors import BadInput
from models.growth import Growth, Missing, Position, ambiguous_position, assess
from models.growth_categories import Category, Index, category, implausible
from models.growth_standards import LAST_DAY, Lms, Measure, for_age, for_length

LYING, STANDING = Position.LYING, Position.STANDING


def a_girl(age_days: int, **size: float) -> Growth:
    return assess(Sex.FEMALE, age_days, **size)  # type: ignore[arg-type] # weights and lengths only


# --- lying and standing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age_days", "position", "compared"),
    [
        (729, LYING, 82.1),
        (729, STANDING, 82.8),
        (730, LYING, 82.1),
        (730, STANDING, 82.8),
        (730, None, 82.1),
        (731, LYING, 81.4),
        (731, STANDING, 82.1),
        (731, None, 82.1),
        (732, LYING, 81.4),
    ],
)
def test_until_day_730_a_child_is_compared_lying_and_from_731_standing(
    age_days: int, position: Position | None, compared: float
) -> None:
    growth = assess(Sex.FEMALE, age_days, weight_kg=9.8, length_cm=82.1, position=position)

    assert growth.length_cm == pytest.approx(compared)
    assert growth.position is (LYING if age_days <= 730 else STANDING)
    assert growth.bmi == pytest.approx(9.8 / (compared / 100) ** 2)


def test_a_child_measured_both_ways_has_one_growth() -> None:
    for age_days in (300, 730, 731, 1500):
        lying = assess(Sex.MALE, age_days, weight_kg=11, length_cm=84.7, position=LYING)
        standing = assess(Sex.MALE, age_days, weight_kg=11, length_cm=84.0, position=STANDING)
        for index in Index:
            assert lying.z(index) == pytest.approx(standing.z(index), abs=1e-6)


def test_an_infant_does_not_stand() -> None:
    """WHO's package: at 8 months a height counts as a length, at 9 months it gets its 0.7 cm."""
    eight, nine = (assess(Sex.MALE, days, length_cm=60, position=STANDING) for days in (273, 274))

    assert eight.position_doubted
    assert eight.length_cm == 60
    assert nine.length_cm == pytest.approx(60.7)
    assert not nine.position_doubted


def test_the_position_is_asked_only_where_both_happen() -> None:
    assert [days for days in (0, 273, 274, 730, 1094, 1095, 1800) if ambiguous_position(days)] == [
        274,
        730,
        1094,
    ]


# --- born early -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age_days", "weeks", "compared"),
    [(200, 32, 144), (200, 36, 172), (200, 37, 200), (200, None, 200), (730, 32, 674), (731, 32, 731)],
)
def test_born_early_a_child_is_compared_by_its_corrected_age_until_two_years(
    age_days: int, weeks: int | None, compared: int
) -> None:
    early = assess(Sex.FEMALE, age_days, weight_kg=6, length_cm=62, gestation_weeks=weeks)

    assert early.age_days == compared
    assert early.corrected is (compared != age_days)
    if compared <= 730:
        assert early.haz == a_girl(compared, weight_kg=6, length_cm=62).haz


def test_before_term_there_is_nothing_to_compare_with() -> None:
    growth = assess(Sex.FEMALE, 20, weight_kg=2, length_cm=45, gestation_weeks=32)

    assert (growth.haz, growth.waz, growth.baz) == (None, None, None)
    assert growth.missing == dict.fromkeys((Index.HAZ, Index.WAZ, Index.BAZ), Missing.BEFORE_TERM)
    assert growth.whz is not None


# --- what cannot be computed --------------------------------------------------------------------------------------


def test_what_was_not_measured_is_missing_with_its_reason() -> None:
    assert a_girl(400, weight_kg=9).missing == dict.fromkeys(
        (Index.HAZ, Index.WHZ, Index.BAZ), Missing.NO_LENGTH
    )
    assert a_girl(400, length_cm=70).missing == dict.fromkeys(
        (Index.WAZ, Index.WHZ, Index.BAZ), Missing.NO_WEIGHT
    )
    assert set(a_girl(LAST_DAY, weight_kg=15, length_cm=100).missing) == set()
    assert set(a_girl(LAST_DAY + 1, weight_kg=15, length_cm=100).missing.values()) == {Missing.TOO_OLD}


@pytest.mark.parametrize(
    ("age_days", "length_cm", "there"),
    [
        (100, 44.9, False),
        (100, 45.0, True),
        (700, 110.0, True),
        (700, 110.1, False),
        (800, 64.9, False),
        (800, 65.0, True),
        (1800, 120.0, True),
        (1800, 120.1, False),
        (1800, 119.95, True),
    ],
)
def test_weight_for_length_ends_where_whos_table_ends(age_days: int, length_cm: float, there: bool) -> None:
    growth = a_girl(age_days, weight_kg=9, length_cm=length_cm)

    assert (growth.whz is not None) is there
    assert (growth.missing.get(Index.WHZ) is Missing.LENGTH_OUT_OF_TABLE) is not there


@pytest.mark.parametrize(
    ("code", "given_"),
    [
        ("age", {"age_days": -1}),
        ("weight", {"weight_kg": 0.0}),
        ("weight", {"weight_kg": float("nan")}),
        ("weight", {"weight_kg": 920.0}),
        ("length", {"length_cm": -70.0}),
        ("length", {"length_cm": float("inf")}),
        ("gestation", {"gestation_weeks": 12}),
    ],
)
def test_what_is_no_measurement_is_refused(code: str, given_: dict[str, float]) -> None:
    with pytest.raises(BadInput) as refused:
        assess(Sex.FEMALE, **({"age_days": 400} | given_))  # type: ignore[arg-type] # each a number of its kind

    assert refused.value.code == code


# --- categories and flags -----------------------------------------------------------------------------------------

BOUNDARIES = {
    Index.HAZ: [
        (-3, "stunted"), (-3.0001, "severely_stunted"), (-2, "normal"), (-2.0001, "stunted"),
        (3, "normal"), (3.0001, "tall"),
    ],
    Index.WAZ: [
        (-3, "underweight"), (-3.0001, "severely_underweight"), (-2, "normal"), (-2.0001, "underweight"),
        (1, "normal"), (1.0001, "risk_of_overweight"), (9, "risk_of_overweight"),
    ],
    Index.WHZ: [
        (-3, "wasted"), (-3.0001, "severely_wasted"), (-2, "normal"), (-2.0001, "wasted"), (1, "normal"),
        (1.0001, "risk_of_overweight"), (2, "risk_of_overweight"), (2.0001, "overweight"), (3, "overweight"),
        (3.0001, "obese"),
    ],
}  # fmt: skip
BOUNDARIES[Index.BAZ] = BOUNDARIES[Index.WHZ]


@pytest.mark.parametrize("index", Index)
def test_exactly_at_a_limit_the_regulation_decides(index: Index) -> None:
    for z, name in BOUNDARIES[index]:
        assert category(index, z) == name, z


@pytest.mark.parametrize("sex", Sex)
def test_a_size_exactly_at_a_limit_is_on_its_right_side(sex: Sex) -> None:
    """The noise of binary fractions must not push a child over a limit: every day of both tables."""
    for age_days in range(0, LAST_DAY + 1, 3):
        line = for_age(Measure.LENGTH, sex, age_days)
        weight_line = for_age(Measure.WEIGHT, sex, age_days)
        assert line is not None
        assert weight_line is not None
        for sd, name in ((-3, Category.STUNTED), (-2, Category.NORMAL), (3, Category.NORMAL)):
            assert category(Index.HAZ, line.z(line.size(sd))) is name
        for sd, name in ((-3, Category.UNDERWEIGHT), (-2, Category.NORMAL), (1, Category.NORMAL)):
            assert category(Index.WAZ, weight_line.z(weight_line.size(sd))) is name


def test_a_rounded_score_is_never_compared() -> None:
    line = for_age(Measure.LENGTH, Sex.FEMALE, 900)
    assert line is not None
    growth = a_girl(900, length_cm=line.size(-2.004))

    assert f"{growth.haz:.2f}" == "-2.00"
    assert growth.category(Index.HAZ) is Category.STUNTED


@pytest.mark.parametrize(
    ("index", "believable", "not_believable"),
    [
        (Index.HAZ, (-6, 6), (-6.001, 6.001)),
        (Index.WAZ, (-6, 5), (-6.001, 5.001)),
        (Index.WHZ, (-5, 5), (-5.001, 5.001)),
        (Index.BAZ, (-5, 5), (-5.001, 5.001)),
    ],
)
def test_whos_flags(index: Index, believable: tuple[float, ...], not_believable: tuple[float, ...]) -> None:
    assert not any(implausible(index, z) for z in believable)
    assert all(implausible(index, z) for z in not_believable)


def test_a_flagged_score_is_shown_but_not_believed() -> None:
    growth = assess(Sex.MALE, 987, weight_kg=12, length_cm=72.86, position=LYING)

    assert Index.HAZ in growth.flags
    assert growth.haz is not None
    assert growth.believed(Index.HAZ) is None
    assert growth.believed(Index.WAZ) == growth.waz


def test_of_a_thousand_children_no_category_contradicts_its_score() -> None:
    """An independent reading of the regulation's table, of children as WHO finds them and far beyond."""
    words = {
        Index.HAZ: [(-3, "severely_stunted"), (-2, "stunted"), (3, "normal"), (99, "tall")],
        Index.WAZ: [
            (-3, "severely_underweight"), (-2, "underweight"), (1, "normal"), (99, "risk_of_overweight"),
        ],
        Index.WHZ: [
            (-3, "severely_wasted"), (-2, "wasted"), (1, "normal"), (2, "risk_of_overweight"),
            (3, "overweight"), (99, "obese"),
        ],
    }  # fmt: skip
    words[Index.BAZ] = words[Index.WHZ]
    dice = random.Random(2006)
    met = set()
    for _ in range(1000):
        sex, age_days = dice.choice(list(Sex)), dice.randint(0, LAST_DAY)
        length, weight = (for_age(measure, sex, age_days) for measure in (Measure.LENGTH, Measure.WEIGHT))
        assert length is not None
        assert weight is not None
        growth = assess(
            sex,
            age_days,
            weight_kg=round(weight.size(dice.gauss(-0.5, 2.2)), 2),
            length_cm=round(length.size(dice.gauss(-1.5, 1.8)), 1),
            position=dice.choice([None, *Position]),
        )
        for index, z in growth.scores():
            name = growth.category(index)
            ladder = words[index]
            rung = next(n for n, (limit, _) in enumerate(ladder) if (z < limit if limit < 0 else z <= limit))
            assert name == ladder[rung][1], (index, z)
            met.add((index, name))
    assert met == {(index, name) for index, ladder in words.items() for _, name in ladder}


# --- the formula --------------------------------------------------------------------------------------------------


@given(
    sex=st.sampled_from(Sex),
    age_days=st.integers(0, LAST_DAY),
    measure=st.sampled_from(Measure),
    z=st.floats(-8, 8),
)
def test_a_size_and_its_score_are_each_others_inverse(
    sex: Sex, age_days: int, measure: Measure, z: float
) -> None:
    line = for_age(measure, sex, age_days)
    assert line is not None
    if (size := line.size(z)) > 0:
        assert line.z(size) == pytest.approx(z, abs=1e-6)


@given(sex=st.sampled_from(Sex), lying=st.booleans(), share=st.floats(0, 1), tenth=st.integers(650, 1099))
def test_between_two_tenths_lies_between_their_lines(sex: Sex, lying: bool, share: float, tenth: int) -> None:
    below, above = (for_length(sex, at / 10, lying=lying) for at in (tenth, tenth + 1))
    between = for_length(sex, (tenth + share) / 10, lying=lying)

    assert below is not None
    assert above is not None
    assert between is not None
    assert below.m <= between.m <= above.m


def test_heavier_is_never_a_lower_score() -> None:
    line = for_age(Measure.WEIGHT, Sex.FEMALE, 500)
    assert line is not None
    scores = [line.z(grams / 1000) for grams in range(3000, 25000, 10)]

    assert scores == sorted(scores)
    assert line == Lms(line.l, line.m, line.s)
