"""What a child's measurements say together. A sign asks somebody to look; it is never a diagnosis.

Pure: measurements in, signs out. Implausible z-scores (WHO's flags) say nothing; all comparisons are of unrounded
ones. Sources, where a rule has one:

- Crossing a z-score line, a flat line and a sharp decline are what WHO asks health workers to look for (WHO Child
  Growth Standards: Training course on child growth assessment, 2008, module C, "Interpret trends on growth charts").
- Two weighings in a row without a gain (*2T*) send a child to the puskesmas (Permenkes 155/2010 on the growth card
  KMS; Permenkes 2/2020 keeps the rule).
- The half SD is this programme's own threshold: it asks earlier than NICE NG75 (2017, faltering growth), which
  waits for a centile space of 0.67 SD. So is graduation after two measurements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.growth import Growth
from models.growth_categories import Category, Index

MONTH_APART = timedelta(days=28)
"""Posyandu days are four weeks apart as often as five: what is nearer is the same month's weighing."""

TWO_MONTHS_APART = 2 * MONTH_APART
LOOKS_BACK = timedelta(days=183)
"""A decline is measured from the last half year; what is older has been looked at."""

CHANGE = 0.5
"""SD by which an index must fall, or length for age rise, to be worth saying."""

GRADUATION_APART = timedelta(days=60)


class Sign(StrEnum):
    """What faltering looks like: the child does not grow as it should. Most worrying first."""

    CROSSED_LINE = "crossed_line"
    DROPPED = "dropped"
    NO_GAIN = "no_gain"


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement of a child: when, what it weighed, and what it says."""

    measured_on: date
    weight_kg: float | None
    growth: Growth


@dataclass(frozen=True, slots=True)
class Seen:
    """A sign at the newest measurement, in which index (None: weight itself), since when."""

    sign: Sign
    index: Index | None = None
    since: date | None = None


def faltering(points: Sequence[Point]) -> list[Seen]:
    """Return the signs that the newest measurement does not follow its curve."""
    return [*_crossed(points), *_dropped(points), *_no_gain(points)]


def _crossed(points: Sequence[Point]) -> Iterator[Seen]:
    """An index fell from on or above a line (-2, -3) to below it since the measurement before."""
    for index in (Index.HAZ, Index.WAZ, Index.WHZ):
        scores = _believed(points, index)
        if len(scores) < 2 or scores[-1][0] is not points[-1]:
            continue
        (before, was), (_, now) = scores[-2:]
        if any(now < line <= was for line in (-2, -3)):
            yield Seen(Sign.CROSSED_LINE, index, before.measured_on)


def _dropped(points: Sequence[Point]) -> Iterator[Seen]:
    """An index lies half an SD or more below a measurement at least a month and at most half a year before."""
    for index in (Index.HAZ, Index.WAZ, Index.WHZ):
        scores = _believed(points, index)
        if not scores or scores[-1][0] is not points[-1]:
            continue
        newest, now = scores[-1]
        for point, was in scores[:-1]:
            apart = newest.measured_on - point.measured_on
            if MONTH_APART <= apart <= LOOKS_BACK and round(was - now, 9) >= CHANGE:
                yield Seen(Sign.DROPPED, index, point.measured_on)
                break


def _no_gain(points: Sequence[Point]) -> Iterator[Seen]:
    """The child weighs no more than two months before (2T)."""
    weighed = [point for point in points if point.weight_kg is not None]
    if not weighed or weighed[-1] is not points[-1]:
        return
    newest = weighed[-1]
    for point in reversed(weighed[:-1]):
        apart = newest.measured_on - point.measured_on
        if apart > LOOKS_BACK:
            return
        if apart >= TWO_MONTHS_APART:
            if (newest.weight_kg or 0) <= (point.weight_kg or 0):
                yield Seen(Sign.NO_GAIN, since=point.measured_on)
            return


def improved_since(points: Sequence[Point]) -> date | None:
    """Return since when length for age has risen by half an SD: the first measurement, or None when it has not."""
    scores = _believed(points, Index.HAZ)
    if len(scores) < 2:
        return None
    (first, was), (newest, now) = scores[0], scores[-1]
    far_enough = newest.measured_on - first.measured_on >= MONTH_APART
    return first.measured_on if far_enough and round(now - was, 9) >= CHANGE else None


def ready_to_graduate(points: Sequence[Point]) -> bool:
    """Tell whether length for age has stayed above -2 for 60 days: at two measurements and all between them."""
    above: list[Point] = []
    for point, z in reversed(_believed(points, Index.HAZ)):
        if z <= -2:
            break
        above.append(point)
    return bool(above) and above[0].measured_on - above[-1].measured_on >= GRADUATION_APART


def stunting(points: Sequence[Point]) -> Category | None:
    """Return the newest believable category of length for age; None when there is none."""
    scores = _believed(points, Index.HAZ)
    return scores[-1][0].growth.category(Index.HAZ) if scores else None


def _believed(points: Sequence[Point], index: Index) -> list[tuple[Point, float]]:
    return [(point, z) for point in points if (z := point.growth.believed(index)) is not None]
