"""A child's size against WHO's standards of 2006: z-scores, categories, and what could not be computed and why.

Pure: no database, no clock. Growth is computed when it is read and is stored nowhere, so a corrected birthday or
measurement corrects it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.children import Sex
from models.errors import BadInput
from models.growth_categories import Category, Index, category, implausible
from models.growth_standards import LAST_DAY, LAST_LYING_DAY, Lms, Measure, for_age, for_length

LYING_IS_LONGER_CM = 0.7
"""A child measured lying is so much longer than standing (WHO Child Growth Standards, 2006, chapter 2)."""

FIRST_STANDING_DAY = 274
"""Nobody stands to be measured before nine months (273.9 days): WHO's software reads such a height as a length."""

TERM_WEEKS = 40
PRETERM_WEEKS = 37
CREDIBLE_WEEKS = range(22, 45)

MEASURABLE = {"weight": (0.1, 100.0), "length": (10.0, 200.0)}
"""Kilograms and centimetres beyond which a number is no measurement of a child at all."""


class Position(StrEnum):
    """How a length was measured."""

    LYING = "lying"
    STANDING = "standing"


class Missing(StrEnum):
    """Why an index has no z-score."""

    NO_WEIGHT = "no_weight"
    NO_LENGTH = "no_length"
    TOO_OLD = "too_old"
    BEFORE_TERM = "before_term"
    LENGTH_OUT_OF_TABLE = "length_out_of_table"


@dataclass(frozen=True, slots=True)
class Growth:
    """What a measurement says. z-scores are unrounded; `missing` has the reason for each that is None.

    `age_days` is the age that was compared: corrected for prematurity where that applies. `length_cm` is the
    length or height as that age is measured (`position`), and `bmi` rests on it. `position_doubted`: somebody said
    that a child younger than nine months stood.
    """

    age_days: int
    corrected: bool
    length_cm: float | None
    position: Position
    position_doubted: bool
    bmi: float | None
    haz: float | None
    waz: float | None
    whz: float | None
    baz: float | None
    missing: Mapping[Index, Missing] = field(default_factory=dict)

    def z(self, index: Index) -> float | None:
        """Return an index's z-score."""
        score: float | None = getattr(self, index.value)
        return score

    def category(self, index: Index) -> Category | None:
        """Return an index's category (Permenkes 2/2020), also of an implausible z-score."""
        z = self.z(index)
        return None if z is None else category(index, z)

    @property
    def flags(self) -> frozenset[Index]:
        """The indices whose z-scores WHO flags as implausible."""
        return frozenset(index for index, z in self.scores() if implausible(index, z))

    def believed(self, index: Index) -> float | None:
        """Return an index's z-score unless it is implausible."""
        z = self.z(index)
        return None if z is None or implausible(index, z) else z

    def scores(self) -> Iterator[tuple[Index, float]]:
        """Yield each index that has a z-score, with it."""
        for index in Index:
            if (z := self.z(index)) is not None:
                yield index, z


def assess(
    sex: Sex,
    age_days: int,
    *,
    weight_kg: float | None = None,
    length_cm: float | None = None,
    position: Position | None = None,
    gestation_weeks: int | None = None,
) -> Growth:
    """Compare a size with WHO's standards. Without `position` the child was measured as its age is.

    Raises BadInput('age'), BadInput('weight'), BadInput('length') or BadInput('gestation') for what cannot be.
    """
    check_measured(age_days, weight_kg, length_cm, gestation_weeks)
    age, corrected = _compared_age(age_days, gestation_weeks)
    lying = age <= LAST_LYING_DAY
    doubted = position is Position.STANDING and age_days < FIRST_STANDING_DAY
    length = _as_measured_at(lying, length_cm, None if doubted else position)
    bmi = None if weight_kg is None or length is None else weight_kg / (length / 100) ** 2
    missing: dict[Index, Missing] = {}

    def at_age(index: Index, measure: Measure, size: float | None) -> float | None:
        if size is None:
            missing[index] = _lacking(index, weight_kg)
            return None
        line = for_age(measure, sex, age)
        if line is None:
            missing[index] = Missing.BEFORE_TERM if age < 0 else Missing.TOO_OLD
            return None
        return line.z(size)

    return Growth(
        age_days=age,
        corrected=corrected,
        length_cm=length,
        position=Position.LYING if lying else Position.STANDING,
        position_doubted=doubted,
        bmi=bmi,
        haz=at_age(Index.HAZ, Measure.LENGTH, length),
        waz=at_age(Index.WAZ, Measure.WEIGHT, weight_kg),
        whz=_weight_for_length(sex, age, weight_kg, length, missing, lying=lying),
        baz=at_age(Index.BAZ, Measure.BMI, bmi),
        missing=missing,
    )


def ambiguous_position(age_days: int) -> bool:
    """Tell whether one must ask how a child of this age was measured: from nine months to three years.

    A younger child lies and an older one stands; between them both happen, on either side of the second birthday.
    """
    return FIRST_STANDING_DAY <= age_days < 3 * 365


def check_measured(
    age_days: int, weight_kg: float | None, length_cm: float | None, gestation_weeks: int | None
) -> None:
    """Raise what `assess` raises for what cannot be."""
    if age_days < 0:
        raise BadInput("age", days=age_days)
    for name, size in (("weight", weight_kg), ("length", length_cm)):
        least, most = MEASURABLE[name]
        if size is not None and not least <= size <= most:
            raise BadInput(name, given=size, least=least, most=most)
    if gestation_weeks is not None and gestation_weeks not in CREDIBLE_WEEKS:
        raise BadInput("gestation", weeks=gestation_weeks)


def _compared_age(age_days: int, gestation_weeks: int | None) -> tuple[int, bool]:
    """Return the age to compare, and whether it was corrected for being born early.

    Until 24 months the weeks that were missing to term are taken off (WHO and UNICEF 2019, 2.4; AAP, Age
    terminology during the perinatal period, Pediatrics 2004;114:1362). Negative: not yet at term.
    """
    if gestation_weeks is None or gestation_weeks >= PRETERM_WEEKS or age_days > LAST_LYING_DAY:
        return age_days, False
    return age_days - 7 * (TERM_WEEKS - gestation_weeks), True


def _as_measured_at(lying: bool, length_cm: float | None, position: Position | None) -> float | None:
    """Return the length as children of this age are measured."""
    if length_cm is None:
        return None
    if lying and position is Position.STANDING:
        return length_cm + LYING_IS_LONGER_CM
    if not lying and position is Position.LYING:
        return length_cm - LYING_IS_LONGER_CM
    return length_cm


def _weight_for_length(
    sex: Sex,
    age: int,
    weight_kg: float | None,
    length: float | None,
    missing: dict[Index, Missing],
    *,
    lying: bool,
) -> float | None:
    line: Lms | None = None
    if weight_kg is None or length is None:
        missing[Index.WHZ] = _lacking(Index.WHZ, weight_kg)
    elif age > LAST_DAY:
        missing[Index.WHZ] = Missing.TOO_OLD
    elif (line := for_length(sex, length, lying=lying)) is None:
        missing[Index.WHZ] = Missing.LENGTH_OUT_OF_TABLE
    return line.z(weight_kg) if line and weight_kg is not None else None


def _lacking(index: Index, weight_kg: float | None) -> Missing:
    return Missing.NO_WEIGHT if weight_kg is None and index is not Index.HAZ else Missing.NO_LENGTH
