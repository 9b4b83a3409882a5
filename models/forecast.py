"""When every child on the list will be supported if it goes on as in the last months: a straight line.

Pure: points of coverage in, a month out. A line is all that five or ten points carry, and everybody can check it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from models.months import Month
from models.statistics import Point

MONTHS_LOOKED_BACK = 3
DAYS_A_MONTH = Fraction(36525, 1200)
FARTHEST = timedelta(days=10 * 365)
"""A forecast beyond ten years says no more than that it does not come."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The pace in children a month (it may be negative), measured over `months`, and when all are supported.

    `reached` None: not at this pace. `missing` 0: it is reached already.
    """

    per_month: Fraction
    months: int
    missing: int
    reached: Month | None


def forecast(points: Sequence[Point]) -> Forecast | None:
    """Draw the line through the newest point and the one three months before it (the oldest, if there are fewer).

    None with fewer than two points: one point has no direction. The running month counts by its days, so the
    pace does not fall on the first of every month.
    """
    if len(points) < 2:
        return None
    newest = points[-1]
    before = points[-1 - min(MONTHS_LOOKED_BACK, len(points) - 1)]
    days = (newest.day - before.day).days
    won = newest.figures.fully_supported - before.figures.fully_supported
    a_day = Fraction(won, days)
    missing = newest.figures.children - newest.figures.fully_supported
    reached = None
    if missing == 0:
        reached = newest.month
    elif won > 0 and (wait := timedelta(days=math.ceil(missing / a_day))) <= FARTHEST:
        reached = Month.of(newest.day + wait)
    return Forecast(a_day * DAYS_A_MONTH, before.month.distance(newest.month), missing, reached)
