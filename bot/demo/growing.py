"""The demo's growth: measurements and visits that follow WHO's curves as children on such a list do.

Each child enters as short as its severity says; those who are supported catch up slowly, at most half an SD in a
year, with the noise of real scales. One of them has not grown for two months, so that there is something to see.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from models.children import ON_LIST, Child, Severity
from models.growth import Position
from models.growth_standards import LAST_DAY, LAST_LYING_DAY, Measure, for_age
from models.measurements import Measurement, MeasurementSource
from models.months import Month, local_day
from models.pledges import Pledge, PledgeState
from models.programme import Programme
from models.visits import Condition, Spending, Visit, VisitKind

ENTRY = {Severity.SEVERE: (-3.8, -3.1), Severity.MODERATE: (-2.8, -2.1), Severity.NONE: (-1.8, -1.0)}
"""Length for age at entry, from and to."""

CATCHES_UP = 0.045
"""SD a month."""

MONTHS_SHOWN = 12
VISITED = 0.8
"""The share of months in which a foster parent visits."""


@dataclass(frozen=True, slots=True)
class Curve:
    """How one child grows: its length for age at entry, and the SD it gains in a month of support."""

    child: Child
    entry: float
    gains: float
    supported_from: date | None

    def haz(self, day: date) -> float:
        """Length for age on a day, without noise."""
        if self.supported_from is None or day <= self.supported_from:
            return self.entry
        return self.entry + (day - self.supported_from).days / 30.4 * self.gains


def write_growth(
    session: Session, programme: Programme, children: list[Child], pledges: list[Pledge], now: datetime
) -> None:
    """Write every child's measurements and the supported ones' visits, up to yesterday."""
    rnd = random.Random("genting demo: growth")  # noqa: S311 - invented, the same every time
    today = local_day(now, programme.zone)
    active = [p for p in pledges if p.state is PledgeState.ACTIVE and p.first_month <= Month.of(today)]
    first: dict[int, Pledge] = {}
    for pledge in sorted(active, key=lambda p: (p.first_month, p.id)):
        first.setdefault(pledge.child_id, pledge)
    listed = [child for child in children if child.status in ON_LIST]
    standing_still = next(child.id for child in listed if child.id in first)
    for child in listed:
        promised = first.get(child.id or 0)
        since = None if promised is None else promised.first_month.first_day
        curve = Curve(child, rnd.uniform(*ENTRY[child.severity]), rnd.uniform(0.3, 1.6) * CATCHES_UP, since)
        days = list(_days(rnd, curve, today))
        session.add_all(_measurement(rnd, curve, day, programme) for day in days)
        if child.id == standing_still:
            session.add_all(_no_gain(curve, today, programme))
    session.add_all(_visits(rnd, first.values(), today, now))
    session.flush()


def _days(rnd: random.Random, curve: Curve, today: date) -> Iterator[date]:
    """The day of entry; then, with support, a posyandu day a month, mostly kept."""
    yield curve.child.listed_on
    if curve.supported_from is None:
        return
    posyandu = rnd.randint(3, 11)
    for ago in range(MONTHS_SHOWN, -1, -1):
        day = Month.of(today).plus(-ago).day(posyandu)
        if max(curve.supported_from, curve.child.listed_on) < day < today and rnd.random() < 0.92:
            yield day


def _measurement(rnd: random.Random, curve: Curve, day: date, programme: Programme) -> Measurement:
    haz = curve.haz(day) + rnd.gauss(0, 0.04)
    return _sized(curve.child, day, haz, 0.55 * haz - 0.35 + rnd.gauss(0, 0.08), programme)


def _no_gain(curve: Curve, today: date, programme: Programme) -> Iterator[Measurement]:
    """Weighed yesterday, and two months before: the same grams."""
    heavy = _sized(curve.child, today - timedelta(days=62), curve.haz(today), -1.6, programme)
    light = _sized(curve.child, today - timedelta(days=1), curve.haz(today) - 0.2, -2.2, programme)
    light.weight_g = min(light.weight_g or 0, (heavy.weight_g or 0) - 100)
    yield from (heavy, light)


def _sized(child: Child, day: date, haz: float, waz: float, programme: Programme) -> Measurement:
    """A measurement that comes out at these z-scores, to the scale's hundred grams and the board's millimetre."""
    age = min((day - child.born_on).days, LAST_DAY)
    length, weight = (for_age(measure, child.sex, age) for measure in (Measure.LENGTH, Measure.WEIGHT))
    assert length is not None and weight is not None  # noqa: S101, PT018 - within the table
    return Measurement(
        child_id=child.id or 0,
        measured_on=day,
        weight_g=round(weight.size(waz) * 10) * 100,
        length_mm=round(length.size(haz) * 10),
        position=Position.LYING if age <= LAST_LYING_DAY else Position.STANDING,
        source=MeasurementSource.POSYANDU,
        recorded_at=datetime.combine(day, time(10), programme.zone),
    )


def _visits(rnd: random.Random, pledges: Iterable[Pledge], today: date, now: datetime) -> Iterator[Visit]:
    """Yield the visits of each pledge's months."""
    for pledge in pledges:
        for month in pledge.first_month.until(Month.of(today)):
            day = month.day(rnd.randint(1, 12))
            if day < today and rnd.random() < VISITED:
                yield _visit(rnd, pledge, day, now)


def _visit(rnd: random.Random, pledge: Pledge, day: date, now: datetime) -> Visit:
    spent = [code for code in Spending if rnd.random() < 0.5] or [Spending.FOOD]
    return Visit(
        child_id=pledge.child_id,
        pledge_id=pledge.id or 0,
        visitor_id=pledge.foster_parent_id,
        visited_on=day,
        kind=rnd.choices(list(VisitKind), [60, 25, 15])[0],
        spent_on=",".join(spent),
        condition=rnd.choices([Condition.WELL, Condition.UNWELL], [88, 12])[0],
        created_at=now,
    )
