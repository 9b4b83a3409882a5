"""What a nutrition check-in asks and what its answers mean (K3): pure rules, no wording.

Sources:
- Food groups and minimum dietary diversity: WHO/UNICEF, Indicators for assessing infant and young child feeding
  practices: definitions and measurement methods (2021), indicators MDD (8 groups, at least 5, 6-23 months) and EBF
  (nothing but breast milk below 6 months).
- Danger signs: WHO, IMCI chart booklet (2014), and its Indonesian edition MTBS (Kementerian Kesehatan 2022): general
  danger signs, and those beside cough, diarrhoea and fever; in young infants (below 2 months) any fever.
- Eggs, fish and meat daily, and what to give in illness: WHO guideline for complementary feeding of infants and young
  children 6-23 months (2023); Buku KIA (Kementerian Kesehatan 2024).
It never diagnoses: it says what to add, and when to go to the puskesmas at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FoodGroup(StrEnum):
    """The eight groups of the 2021 indicators, in their order."""

    BREAST_MILK = "breast_milk"
    GRAINS = "grains"
    PULSES = "pulses"
    DAIRY = "dairy"
    FLESH = "flesh"
    EGGS = "eggs"
    VITAMIN_A = "vitamin_a"
    OTHER_PRODUCE = "other_produce"


ENOUGH_GROUPS = 5
"""Minimum dietary diversity: at least so many of the eight."""

EXCLUSIVE_BELOW = 6
"""Months: until then breast milk alone."""

DIVERSITY_BELOW = 24
"""Months: until then (from six on) five groups are the measure; above, information."""

YOUNG_INFANT_BELOW = 2
"""Months: any fever is a danger sign."""


class Illness(StrEnum):
    """What is asked about for the last two weeks."""

    DIARRHOEA = "diarrhoea"
    COUGH = "cough"
    FEVER = "fever"


class DangerSign(StrEnum):
    """With one of these a child is taken to the puskesmas or hospital at once."""

    CANNOT_DRINK = "cannot_drink"
    VOMITS_ALL = "vomits_all"
    CONVULSIONS = "convulsions"
    LETHARGIC = "lethargic"
    BREATHING = "breathing"
    SUNKEN_EYES = "sunken_eyes"
    BLOODY_STOOL = "bloody_stool"
    STIFF_NECK = "stiff_neck"
    BLEEDING = "bleeding"
    YOUNG_FEVER = "young_fever"


GENERAL_SIGNS = (
    DangerSign.CANNOT_DRINK,
    DangerSign.VOMITS_ALL,
    DangerSign.CONVULSIONS,
    DangerSign.LETHARGIC,
)
SIGNS_BESIDE = {
    Illness.COUGH: (DangerSign.BREATHING,),
    Illness.DIARRHOEA: (DangerSign.SUNKEN_EYES, DangerSign.BLOODY_STOOL),
    Illness.FEVER: (DangerSign.STIFF_NECK, DangerSign.BLEEDING),
}


def signs_to_ask(illnesses: Iterable[Illness]) -> list[DangerSign]:
    """Return the danger signs to ask about: none of a child that was not ill."""
    ill = set(illnesses)
    if not ill:
        return []
    beside = {sign for illness in ill for sign in SIGNS_BESIDE[illness]}
    return [sign for sign in DangerSign if sign in GENERAL_SIGNS or sign in beside]


def signs_by_themselves(age_months: int, illnesses: Iterable[Illness]) -> list[DangerSign]:
    """Return the danger signs that follow from age and illness alone."""
    young = age_months < YOUNG_INFANT_BELOW and Illness.FEVER in set(illnesses)
    return [DangerSign.YOUNG_FEVER] if young else []


class Feeding(StrEnum):
    """What a child below six months is given."""

    BREAST_ONLY = "breast_only"
    MIXED = "mixed"
    NO_BREAST = "no_breast"


class Advice(StrEnum):
    """One piece of advice; its words stand in the catalogs (`checkin.advice_…`), reviewed one by one."""

    EXCLUSIVE_GOOD = "exclusive_good"
    EXCLUSIVE_RETURN = "exclusive_return"
    NO_BREAST_ASK = "no_breast_ask"
    DIVERSE = "diverse"
    ANIMAL = "animal"
    EGGS = "eggs"
    FLESH = "flesh"
    PULSES = "pulses"
    VITAMIN_A = "vitamin_a"
    OTHER_PRODUCE = "other_produce"
    DAIRY = "dairy"
    GRAINS = "grains"
    KEEP_BREASTFEEDING = "keep_breastfeeding"
    DIARRHOEA = "diarrhoea"
    COUGH = "cough"
    FEVER = "fever"
    POSYANDU = "posyandu"


MOST_FOODS = 2
"""So many foods to add are named: more is not remembered."""

ADD_FIRST = (
    (FoodGroup.FLESH, Advice.FLESH),
    (FoodGroup.EGGS, Advice.EGGS),
    (FoodGroup.PULSES, Advice.PULSES),
    (FoodGroup.VITAMIN_A, Advice.VITAMIN_A),
    (FoodGroup.OTHER_PRODUCE, Advice.OTHER_PRODUCE),
    (FoodGroup.GRAINS, Advice.GRAINS),
    (FoodGroup.DAIRY, Advice.DAIRY),
)
"""What is added first when it is missing: what stunted children lack most, then what is cheapest to add."""

ILLNESS_ADVICE = {
    Illness.DIARRHOEA: Advice.DIARRHOEA,
    Illness.COUGH: Advice.COUGH,
    Illness.FEVER: Advice.FEVER,
}


@dataclass(frozen=True, slots=True)
class Diversity:
    """How many of the eight groups; `enough` None where the measure does not apply."""

    groups: int
    enough: bool | None


def diversity(age_months: int, groups: frozenset[FoodGroup]) -> Diversity:
    """Measure a day's food (MDD, 2021)."""
    applies = EXCLUSIVE_BELOW <= age_months < DIVERSITY_BELOW
    return Diversity(len(groups), len(groups) >= ENOUGH_GROUPS if applies else None)


def advise(
    age_months: int,
    *,
    feeding: Feeding | None = None,
    groups: frozenset[FoodGroup] = frozenset(),
    illnesses: frozenset[Illness] = frozenset(),
    posyandu: bool | None = None,
) -> list[Advice]:
    """Return what to say, most important first: illness, feeding, posyandu.

    `feeding` counts below six months, `groups` from then on.
    """
    advice = [ILLNESS_ADVICE[illness] for illness in Illness if illness in illnesses]
    if age_months < EXCLUSIVE_BELOW:
        advice.append(_on_breastfeeding(feeding))
    else:
        advice += _on_food(age_months, groups)
    if posyandu is False:
        advice.append(Advice.POSYANDU)
    return advice


def _on_breastfeeding(feeding: Feeding | None) -> Advice:
    match feeding:
        case Feeding.BREAST_ONLY:
            return Advice.EXCLUSIVE_GOOD
        case Feeding.NO_BREAST:
            return Advice.NO_BREAST_ASK
    return Advice.EXCLUSIVE_RETURN


def _on_food(age_months: int, groups: frozenset[FoodGroup]) -> list[Advice]:
    missing = [advice for group, advice in ADD_FIRST if group not in groups]
    if Advice.EGGS in missing and Advice.FLESH in missing:  # one of them is enough: "telur atau ikan"
        missing = [Advice.ANIMAL, *(m for m in missing if m not in {Advice.EGGS, Advice.FLESH})]
    enough = len(groups) >= ENOUGH_GROUPS
    found = [Advice.DIVERSE] if enough else []
    found += missing[: 1 if enough else MOST_FOODS]
    if FoodGroup.BREAST_MILK in groups and age_months < DIVERSITY_BELOW:
        found.append(Advice.KEEP_BREASTFEEDING)
    return found
