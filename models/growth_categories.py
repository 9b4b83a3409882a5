"""What a z-score is called: Indonesia's categories (Permenkes 2/2020, Lampiran, tabel ambang batas).

The limits are asked of the z-score as it was computed, never of a rounded one: -2,004 is below -2.
"""

from dataclasses import dataclass
from enum import StrEnum


class Index(StrEnum):
    """WHO's indices under the names of their z-scores; Indonesia's TB/U, BB/U, BB/TB and IMT/U."""

    HAZ = "haz"
    WAZ = "waz"
    WHZ = "whz"
    BAZ = "baz"


class Category(StrEnum):
    """The regulation's categories, by the English names that it gives beside its own."""

    SEVERELY_STUNTED = "severely_stunted"
    STUNTED = "stunted"
    TALL = "tall"
    SEVERELY_UNDERWEIGHT = "severely_underweight"
    UNDERWEIGHT = "underweight"
    SEVERELY_WASTED = "severely_wasted"
    WASTED = "wasted"
    NORMAL = "normal"
    RISK_OF_OVERWEIGHT = "risk_of_overweight"
    OVERWEIGHT = "overweight"
    OBESE = "obese"


@dataclass(frozen=True, slots=True)
class _Scale:
    """The category of what lies below a limit, or above one, the farthest limits first; a limit itself is normal."""

    below: tuple[tuple[float, Category], ...]
    above: tuple[tuple[float, Category], ...]


_WEIGHT_FOR_SIZE = _Scale(
    below=((-3, Category.SEVERELY_WASTED), (-2, Category.WASTED)),
    above=((3, Category.OBESE), (2, Category.OVERWEIGHT), (1, Category.RISK_OF_OVERWEIGHT)),
)

_SCALES = {
    Index.HAZ: _Scale(
        below=((-3, Category.SEVERELY_STUNTED), (-2, Category.STUNTED)), above=((3, Category.TALL),)
    ),
    Index.WAZ: _Scale(
        below=((-3, Category.SEVERELY_UNDERWEIGHT), (-2, Category.UNDERWEIGHT)),
        above=((1, Category.RISK_OF_OVERWEIGHT),),
    ),
    Index.WHZ: _WEIGHT_FOR_SIZE,
    Index.BAZ: _WEIGHT_FOR_SIZE,
}


def category(index: Index, z: float) -> Category:
    """Return the category of a z-score."""
    scale = _SCALES[index]
    for limit, name in scale.below:
        if z < limit:
            return name
    for limit, name in scale.above:
        if z > limit:
            return name
    return Category.NORMAL


_PLAUSIBLE = {
    Index.HAZ: (-6.0, 6.0),
    Index.WAZ: (-6.0, 5.0),
    Index.WHZ: (-5.0, 5.0),
    Index.BAZ: (-5.0, 5.0),
}


def implausible(index: Index, z: float) -> bool:
    """Tell whether WHO flags a z-score as biologically implausible: a wrong number is likelier than such a child.

    WHO and UNICEF, Recommendations for data collection, analysis and reporting on anthropometric indicators in
    children under 5 years old (2019), 3.2: HAZ beyond ±6, WAZ below -6 or above 5, WHZ and BAZ beyond ±5.
    """
    least, most = _PLAUSIBLE[index]
    return not least <= z <= most
