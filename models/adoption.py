"""Which children wait for a foster parent, and which come first.

First come those who are losing support: a coordinator's alert says so, or a pledge on them ended with last month or
ends with this one and its giver has not renewed it. Then the most severe, then who has waited longest.

A child waits while this month's pledges leave something open. One that is still fully supported this month waits too
when somebody has said that the support ends (the alert is open) and next month's leave something open; a pledge that
merely comes to its last month is first its giver's to renew.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, case, col, exists, not_, or_, select

from models.alerts import Alert, AlertKind
from models.children import ON_LIST, SEVERITY_RANK, Child, on_list
from models.months import Month, local_day, whole_months
from models.pauses import rests_in
from models.pledges import Pledge, PledgeState, Term, still_needed, takes_room
from models.programme import Programme


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child as anybody may see it, with what is still needed a month (whole rupiah), now or from the next on.

    `losing_support`: what it has, or had, ends.
    """

    child: Child
    still_needed_idr: int
    losing_support: bool = False


def children_waiting(
    session: Session,
    programme: Programme,
    now: datetime,
    *,
    area: str | None = None,
    held: Sequence[int] = (),
    not_by: int | None = None,
    child_id: int | None = None,
    limit: int = 10,
) -> list[Candidate]:
    """Return children who need support: those losing it first, then the most severe, then the longest waiting.

    `held` are children whom somebody else is choosing at this moment; `not_by` leaves out the children whom
    this foster parent supports already; `child_id` asks about one child.
    """
    month = Month.of(local_day(now, programme.zone))
    losing = _losing_support(month)
    rank = case({severity.value: number for severity, number in SEVERITY_RANK.items()}, value=Child.severity)
    this, after = _taken(now, month), _taken(now, month.plus(1))
    taken = (func.coalesce(this.c.idr, 0), func.coalesce(after.c.idr, 0))
    query = _waiting(programme, now, this, after, select(Child, losing.label("losing"), *taken))
    query = query.order_by(case((losing, 0), else_=1), rank, col(Child.listed_on), col(Child.id)).limit(limit)
    if area is not None:
        query = query.where(Child.area == area)
    if child_id is not None:
        query = query.where(col(Child.id) == child_id)
    if held:
        query = query.where(col(Child.id).not_in(held))
    if not_by is not None:
        mine = select(Pledge.child_id).where(Pledge.foster_parent_id == not_by, takes_room(now))
        query = query.where(col(Child.id).not_in(mine))
    return [_candidate(programme, month, *row) for row in session.exec(query)]


def _candidate(
    programme: Programme, month: Month, child: Child, losing: bool, taken: int, taken_after: int
) -> Candidate:
    needed = programme.monthly_idr(month) - int(taken)
    after = programme.monthly_idr(month.plus(1)) - int(taken_after)
    return Candidate(child, needed if needed > 0 else max(0, after), losing)


def areas_waiting(session: Session, programme: Programme, now: datetime) -> Counter[str]:
    """Count the children who still need support, by area."""
    month = Month.of(local_day(now, programme.zone))
    query = _everybody_waiting(programme, now, month, select(Child.area, func.count()).select_from(Child))
    return Counter(dict(session.exec(query.group_by(col(Child.area))).all()))


@dataclass(frozen=True, slots=True)
class Wait:
    """How many children still need support, and for how many months the longest has."""

    children: int
    longest_months: int


def longest_wait(session: Session, programme: Programme, now: datetime) -> Wait:
    """Return how many children wait, and how long at most."""
    today = local_day(now, programme.zone)
    query = select(func.count(), func.min(Child.listed_on)).select_from(Child)
    children, since = session.exec(_everybody_waiting(programme, now, Month.of(today), query)).one()
    return Wait(children, whole_months(since, today) if children else 0)


def months_open(session: Session, programme: Programme, now: datetime, child_id: int) -> list[Month]:
    """Return of this month and the next those in which something is open for a child."""
    this = Month.of(local_day(now, programme.zone))
    return [m for m in (this, this.plus(1)) if still_needed(session, programme, now, child_id, Term(m, m))]


def _everybody_waiting(programme: Programme, now: datetime, month: Month, query: Any) -> Any:
    """Restrict a query on children to those who wait, whatever is taken of them."""
    return _waiting(programme, now, _taken(now, month), _taken(now, month.plus(1)), query)


def _waiting(
    programme: Programme, now: datetime, this_month: Subquery, next_month: Subquery, query: Any
) -> Any:
    """Restrict a query on children to those who wait, given what is taken of each this month and the next."""
    today = local_day(now, programme.zone)
    month = Month.of(today)
    after = month.plus(1)
    return (
        query.outerjoin(this_month, this_month.c.child_id == col(Child.id))
        .outerjoin(next_month, next_month.c.child_id == col(Child.id))
        .where(on_list(today), col(Child.status).in_(ON_LIST), col(Child.silent_since).is_(None))
        .where(
            or_(
                func.coalesce(this_month.c.idr, 0) < programme.monthly_idr(month),
                and_(_told_so(), func.coalesce(next_month.c.idr, 0) < programme.monthly_idr(after)),
            )
        )
    )


def _losing_support(month: Month) -> ColumnElement[bool]:
    """Condition: the child's support ends, or has ended with last month."""
    ended, follows = aliased(Pledge), aliased(Pledge)
    renewed = exists().where(
        col(follows.child_id) == col(ended.child_id),
        col(follows.foster_parent_id) == col(ended.foster_parent_id),
        col(follows.first_month) > col(ended.last_month),
        col(follows.state).in_([PledgeState.PENDING, PledgeState.ACTIVE]),
    )
    runs_out = exists().where(
        col(ended.child_id) == col(Child.id),
        col(ended.state).in_([PledgeState.ACTIVE, PledgeState.ENDED]),
        col(ended.last_month).in_([month.plus(-1), month]),
        not_(renewed),
    )
    return or_(_told_so(), runs_out)


def _told_so() -> ColumnElement[bool]:
    """Condition: the alert is open that the child loses support."""
    return exists().where(
        col(Alert.child_id) == col(Child.id),
        col(Alert.kind) == AlertKind.LOSING_SUPPORT,
        col(Alert.closed_at).is_(None),
    )


def _taken(now: datetime, month: Month) -> Subquery:
    """Rupiah that pledges occupy in a month, by child."""
    return (
        select(Pledge.child_id, func.sum(Pledge.monthly_idr).label("idr"))
        .where(takes_room(now), col(Pledge.first_month) <= month, not_(rests_in(col(Pledge.id), month)))
        .where(col(Pledge.last_month).is_(None) | (col(Pledge.last_month) >= month))
        .group_by(col(Pledge.child_id))
        .subquery()
    )
