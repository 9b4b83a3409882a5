"""Which children wait for a foster parent, and which come first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, case, col, not_, select

from models.children import ON_LIST, SEVERITY_RANK, Child, on_list
from models.months import Month, local_day, whole_months
from models.pauses import rests_in
from models.pledges import Pledge, Term, still_needed, takes_room
from models.programme import Programme


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child as anybody may see it, with what is still needed a month (whole rupiah)."""

    child: Child
    still_needed_idr: int


def children_waiting(
    session: Session,
    programme: Programme,
    now: datetime,
    *,
    area: str | None = None,
    held: Sequence[int] = (),
    not_by: int | None = None,
    limit: int = 10,
) -> list[Candidate]:
    """Return children who need support from this month on: most severe first, then longest waiting.

    `held` are children whom somebody else is choosing at this moment; `not_by` leaves out the children whom
    this foster parent supports already.
    """
    today = local_day(now, programme.zone)
    month = Month.of(today)
    taken = _taken(now, month).subquery()
    rank = case({severity.value: number for severity, number in SEVERITY_RANK.items()}, value=Child.severity)
    query = (
        select(Child)
        .outerjoin(taken, taken.c.child_id == col(Child.id))
        .where(*_in_need(programme, today, taken.c.idr))
        .order_by(rank, col(Child.listed_on), col(Child.id))
        .limit(limit)
    )
    if area is not None:
        query = query.where(Child.area == area)
    if held:
        query = query.where(col(Child.id).not_in(held))
    if not_by is not None:
        mine = select(Pledge.child_id).where(Pledge.foster_parent_id == not_by, takes_room(now))
        query = query.where(col(Child.id).not_in(mine))
    term = Term(month, month)
    return [
        Candidate(child, still_needed(session, programme, now, child.id or 0, term))
        for child in session.exec(query)
    ]


def areas_waiting(session: Session, programme: Programme, now: datetime) -> Counter[str]:
    """Count the children who still need support this month, by area."""
    today = local_day(now, programme.zone)
    month = Month.of(today)
    taken = _taken(now, month).subquery()
    query = (
        select(Child.area, func.count())
        .outerjoin(taken, taken.c.child_id == col(Child.id))
        .where(*_in_need(programme, today, taken.c.idr))
        .group_by(Child.area)
    )
    return Counter(dict(session.exec(query).all()))


@dataclass(frozen=True, slots=True)
class Wait:
    """How many children still need support this month, and for how many months the longest has."""

    children: int
    longest_months: int


def longest_wait(session: Session, programme: Programme, now: datetime) -> Wait:
    """Return how many children wait, and how long at most."""
    today = local_day(now, programme.zone)
    month = Month.of(today)
    taken = _taken(now, month).subquery()
    query = (
        select(func.count(), func.min(Child.listed_on))
        .outerjoin(taken, taken.c.child_id == col(Child.id))
        .where(*_in_need(programme, today, taken.c.idr))
    )
    children, since = session.exec(query).one()
    return Wait(children, whole_months(since, today) if children else 0)


def _in_need(programme: Programme, today: date, taken_idr: Any) -> tuple[ColumnElement[bool], ...]:
    """Condition: a child on the list that is spoken of, and to whom less is promised than it needs this month."""
    return (
        on_list(today),
        col(Child.status).in_(ON_LIST),
        col(Child.silent_since).is_(None),
        func.coalesce(taken_idr, 0) < programme.monthly_idr(Month.of(today)),
    )


def _taken(now: datetime, month: Month):  # type: ignore[no-untyped-def] # SQLAlchemy's Select of two columns
    return (
        select(Pledge.child_id, func.sum(Pledge.monthly_idr).label("idr"))
        .where(takes_room(now), col(Pledge.first_month) <= month, not_(rests_in(col(Pledge.id), month)))
        .where(col(Pledge.last_month).is_(None) | (col(Pledge.last_month) >= month))
        .group_by(col(Pledge.child_id))
    )
