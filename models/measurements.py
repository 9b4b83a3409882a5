"""Measurements of children: grams and millimetres, so that what was read off the scale is what is kept.

What they mean (z-scores, signs) is never stored: `points_of` computes it for who reads it.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from models.alerts import AlertKind, close_alerts_about
from models.children import Child
from models.columns import Instant, words
from models.errors import BadInput
from models.growth import Growth, Position, assess, check_measured
from models.growth_trends import Point
from models.sizes import check_sizes

log = logging.getLogger("genting.measurements")


class MeasurementSource(StrEnum):
    """Where a measurement comes from."""

    VISIT = "visit"
    POSYANDU = "posyandu"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured: grams, millimetres, and how the length was taken (None: as the age asks)."""

    weight_g: int | None = None
    length_mm: int | None = None
    position: Position | None = None


class Measurement(SQLModel, table=True):
    """One measurement of a child; at least one of the two numbers is there."""

    __table_args__ = (Index("measurement_of_child", "child_id", "measured_on"),)

    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id")
    measured_on: date
    weight_g: int | None = None
    length_mm: int | None = None
    position: Position | None = Field(default=None, sa_type=words(Position))
    source: MeasurementSource = Field(sa_type=words(MeasurementSource))
    visit_id: int | None = Field(default=None, foreign_key="visit.id", index=True)
    recorded_by: int | None = Field(default=None, foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=Instant)

    @property
    def weight_kg(self) -> float | None:
        """Kilograms."""
        return None if self.weight_g is None else self.weight_g / 1000

    @property
    def length_cm(self) -> float | None:
        """Centimetres."""
        return None if self.length_mm is None else self.length_mm / 10


def measure(
    session: Session,
    now: datetime,
    child: Child,
    measured_on: date,
    size: Size,
    *,
    source: MeasurementSource,
    by: int | None,
    visit_id: int | None = None,
) -> Measurement:
    """Enter a measurement; the same numbers of the same day are entered once.

    Raises BadInput('day') for a day before the birth, BadInput('size') without a number or with one no child has.
    """
    if measured_on < child.born_on:
        raise BadInput("day")
    if size.weight_g is None and size.length_mm is None:
        raise BadInput("size")
    check_sizes(size.weight_g, size.length_mm)
    same = select(Measurement).where(
        Measurement.child_id == child.id,
        Measurement.measured_on == measured_on,
        col(Measurement.weight_g).is_not_distinct_from(size.weight_g),
        col(Measurement.length_mm).is_not_distinct_from(size.length_mm),
    )
    if (known := session.exec(same).first()) is not None:
        return known
    entered = Measurement(
        child_id=child.id or 0,
        measured_on=measured_on,
        weight_g=size.weight_g,
        length_mm=size.length_mm,
        position=size.position,
        source=source,
        visit_id=visit_id,
        recorded_by=by,
        recorded_at=now,
    )
    session.add(entered)
    close_alerts_about(session, now, f"child:{child.id}", AlertKind.NO_MEASUREMENT)
    session.flush()
    return entered


def measurements_of(
    session: Session, children: Iterable[Child], *, until: date = date.max
) -> dict[int, list[Measurement]]:
    """Return the measurements of each child by its id, oldest first; those after a day are left out."""
    ids = [child.id for child in children]
    found: defaultdict[int, list[Measurement]] = defaultdict(list)
    oldest = (col(Measurement.measured_on), col(Measurement.id))
    measured = (col(Measurement.child_id).in_(ids), col(Measurement.measured_on) <= until)
    for measurement in session.exec(select(Measurement).where(*measured).order_by(*oldest)):
        found[measurement.child_id].append(measurement)
    return found


def growth_of(child: Child, measurement: Measurement) -> Growth:
    """Compute what a measurement says about a child."""
    return assess(
        child.sex,
        (measurement.measured_on - child.born_on).days,
        weight_kg=measurement.weight_kg,
        length_cm=measurement.length_cm,
        position=measurement.position,
        gestation_weeks=child.gestation_weeks,
    )


def points_of(child: Child, measurements: Sequence[Measurement]) -> list[Point]:
    """Compute what a child's measurements say, oldest first; what cannot be is left out."""
    return [
        Point(one.measured_on, one.weight_kg, growth_of(child, one)) for one in usable(child, measurements)
    ]


def usable(child: Child, measurements: Iterable[Measurement]) -> list[Measurement]:
    """Return the measurements of a child that can be.

    A number that slipped in, or a birthday corrected past a measuring day, must not stop who reads all children.
    """
    found = []
    for one in measurements:
        age_days = (one.measured_on - child.born_on).days
        try:
            check_measured(age_days, one.weight_kg, one.length_cm, child.gestation_weeks)
        except BadInput as refused:
            _log_left_out(one.id, refused.code)
        else:
            found.append(one)
    return found


@lru_cache(maxsize=10_000)
def _log_left_out(measurement_id: int | None, why: str) -> None:
    """Say once, and not every hour, that a row is left out."""
    log.warning("measurement_left_out", extra={"measurement": measurement_id, "why": why})
