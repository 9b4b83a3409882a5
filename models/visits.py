"""Visits: mentoring, logged by who gives it. Of the place nothing is kept but that it was the child's own.

A visit and the measurement taken on it are written together; what the numbers mean is computed when they are read.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, func
from sqlmodel import Field, Session, SQLModel, col, or_, select

from models.alerts import AlertKind, close_alerts_about, raise_alert
from models.audit import record
from models.children import ON_LIST, Child
from models.columns import Instant, Sealed, words
from models.errors import BadInput, NotEntitled, RuleBroken
from models.grants import Scope
from models.measurements import MeasurementSource, Size, measure
from models.months import Month, local_day
from models.pledges import Pledge, PledgeState
from models.programme import Programme


class VisitKind(StrEnum):
    """How somebody visited."""

    HOME = "home"
    POSYANDU = "posyandu"
    PHONE = "phone"


class Spending(StrEnum):
    """What the aid was spent on."""

    FOOD = "food"
    VITAMINS = "vitamins"
    MILK = "milk"
    ADVISED = "advised"


class Condition(StrEnum):
    """How the child is, as the visitor sees it. `urgent` is looked at by the coordinators at once."""

    WELL = "well"
    UNWELL = "unwell"
    URGENT = "urgent"


class AlreadyLogged(RuleBroken):
    """The same person has logged the same kind of visit to the child on that day."""


class Visit(SQLModel, table=True):
    """A visit under a pledge. `spent_on` are codes joined by commas."""

    __table_args__ = (Index("visit_of_child", "child_id", "visited_on"),)

    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id")
    pledge_id: int = Field(foreign_key="pledge.id", index=True)
    visitor_id: int = Field(foreign_key="person.id", index=True)
    visited_on: date = Field(index=True)
    kind: VisitKind = Field(sa_type=words(VisitKind))
    spent_on: str = Field(default="", max_length=60)
    condition: Condition = Field(sa_type=words(Condition))
    photo_id: int | None = Field(default=None, foreign_key="stored_file.id")
    note: str = Field(default="", sa_type=Sealed)
    created_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, slots=True)
class Report:
    """What a visitor reports."""

    visited_on: date
    kind: VisitKind
    condition: Condition
    size: Size | None = None
    spent_on: tuple[Spending, ...] = ()
    photo_id: int | None = None
    note: str = ""


def pledges_to_visit(session: Session, person_id: int, today: Month) -> list[tuple[Pledge, Child]]:
    """Return the pledges of this month on whose children somebody may log visits, by the child's code."""
    query = (
        select(Pledge, Child)
        .join(Child, col(Pledge.child_id) == Child.id)
        .where(Pledge.state == PledgeState.ACTIVE, col(Pledge.first_month) <= today)
        .where(or_(col(Pledge.last_month).is_(None), col(Pledge.last_month) >= today))
        .where(or_(Pledge.foster_parent_id == person_id, Pledge.visitor_id == person_id))
        .where(col(Child.status).in_(ON_LIST), col(Child.silent_since).is_(None))
        .order_by(Child.code, col(Pledge.id))
    )
    found: dict[int, tuple[Pledge, Child]] = {}
    for promised, child in session.exec(query):
        found.setdefault(child.id or 0, (promised, child))
    return list(found.values())


def log_visit(
    session: Session, programme: Programme, now: datetime, pledge_id: int, *, by: int, report: Report
) -> Visit:
    """Write a visit and its measurement.

    Raises NotEntitled for somebody who neither gives nor visits under this pledge, or when it is not active;
    BadInput('day') for a day before the pledge's first month or in the future; AlreadyLogged.
    """
    today = local_day(now, programme.zone)
    promised = session.get(Pledge, pledge_id)
    mine = [pledge.id for pledge, _ in pledges_to_visit(session, by, Month.of(today))]
    if promised is None or promised.id not in mine:
        raise NotEntitled
    if not earliest_visit(promised) <= report.visited_on <= today:
        raise BadInput("day")
    if visit_logged(session, promised.child_id, by, report.visited_on, report.kind):
        raise AlreadyLogged
    child = session.get_one(Child, promised.child_id)
    visit = Visit(
        child_id=promised.child_id,
        pledge_id=pledge_id,
        visitor_id=by,
        visited_on=report.visited_on,
        kind=report.kind,
        spent_on=",".join(report.spent_on),
        condition=report.condition,
        photo_id=report.photo_id,
        note=report.note,
        created_at=now,
    )
    session.add(visit)
    session.flush()
    if report.size is not None:
        measure(
            session,
            now,
            child,
            report.visited_on,
            report.size,
            source=MeasurementSource.POSYANDU
            if report.kind is VisitKind.POSYANDU
            else MeasurementSource.VISIT,
            by=by,
            visit_id=visit.id,
        )
    if report.condition is Condition.URGENT:
        raise_alert(session, now, AlertKind.DANGER_SIGN, f"visit:{visit.id}", child=child, person_id=by)
    close_alerts_about(session, now, f"child:{child.id}", AlertKind.NO_VISIT)
    record(session, now, by, "visited", f"child:{child.id}", report.kind)
    session.flush()
    return visit


def earliest_visit(pledge: Pledge) -> date:
    """Return the first day on which a visit counts under a pledge."""
    return pledge.first_month.first_day


def visit_logged(session: Session, child_id: int, by: int, day: date, kind: VisitKind) -> bool:
    """Tell whether somebody has logged this kind of visit to the child on that day."""
    query = select(Visit.id).where(
        Visit.child_id == child_id,
        Visit.visitor_id == by,
        Visit.visited_on == day,
        Visit.kind == kind,
    )
    return session.exec(query).first() is not None


def visits_to(session: Session, child_id: int) -> tuple[int, date | None]:
    """Count the visits to a child, and return the day of the newest."""
    query = select(func.count(), func.max(Visit.visited_on)).where(Visit.child_id == child_id)
    count, newest = session.exec(query).one()
    return count, newest


def visits_in(session: Session, month: Month, scope: Scope) -> tuple[int, int]:
    """Count the visits of a month to children in scope, and the children visited."""
    query = (
        select(func.count(), func.count(func.distinct(Visit.child_id)))
        .select_from(Visit)
        .join(Child, col(Visit.child_id) == Child.id)
        .where(col(Visit.visited_on) >= month.first_day, col(Visit.visited_on) <= month.last_day)
        .where(scope.children())
    )
    visits, visited = session.exec(query).one()
    return visits, visited
