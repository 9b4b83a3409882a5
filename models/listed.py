"""Lists of what is in a coordinator's scope: children with their families, pledges, payouts, visits, measurements,
check-ins.

They are for those who may see them all; whoever hands names out records it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models.checkins import CheckIn
from models.children import Child, Guardian, on_list
from models.measurements import Measurement
from models.months import Month
from models.payouts import Payout
from models.people import Person
from models.pledges import Pledge, counts_in
from models.visits import Visit


@dataclass(frozen=True, slots=True)
class Family:
    """A child with its guardian, how many give to it in the month, and their rupiah."""

    child: Child
    guardian: Guardian | None
    givers: int
    pledged_idr: int


def families_in(session: Session, day: date, month: Month, scope: ColumnElement[bool]) -> Sequence[Family]:
    """Return the children in scope who are listed on a day, by code. Whoever calls it records the reading."""
    given = (
        select(Pledge.child_id, func.count().label("givers"), func.sum(Pledge.monthly_idr).label("idr"))
        .where(counts_in(month))
        .group_by(col(Pledge.child_id))
        .subquery()
    )
    query = (
        select(Child, Guardian, func.coalesce(given.c.givers, 0), func.coalesce(given.c.idr, 0))
        .outerjoin(Guardian, col(Child.guardian_id) == Guardian.id)
        .outerjoin(given, given.c.child_id == col(Child.id))
        .where(on_list(day), scope)
        .order_by(Child.code)
    )
    return [Family(child, guardian, givers, int(idr)) for child, guardian, givers, idr in session.exec(query)]


def pledges_in(session: Session, scope: ColumnElement[bool]) -> Sequence[tuple[Pledge, Child, Person]]:
    """Return the pledges for children in scope with their givers, oldest first."""
    query = (
        select(Pledge, Child, Person)
        .join(Child, col(Pledge.child_id) == Child.id)
        .join(Person, col(Pledge.foster_parent_id) == Person.id)
        .where(scope)
        .order_by(col(Pledge.id))
    )
    return list(session.exec(query))


def payouts_since(
    session: Session, first: Month, scope: ColumnElement[bool], *, last: Month | None = None
) -> Sequence[tuple[Payout, Child, Person]]:
    """Return the payouts from a month on (until `last`) for children in scope, with their givers, by month and code."""
    query = (
        select(Payout, Child, Person)
        .join(Pledge, col(Payout.pledge_id) == Pledge.id)
        .join(Child, col(Pledge.child_id) == Child.id)
        .join(Person, col(Pledge.foster_parent_id) == Person.id)
        .where(col(Payout.month) >= first, scope)
        .order_by(col(Payout.month), Child.code, col(Payout.id))
    )
    if last is not None:
        query = query.where(col(Payout.month) <= last)
    return list(session.exec(query))


def visits_since(
    session: Session, first: date, scope: ColumnElement[bool]
) -> Sequence[tuple[Visit, Child, Person]]:
    """Return the visits from a day on to children in scope, with their visitors, by day and code."""
    query = (
        select(Visit, Child, Person)
        .join(Child, col(Visit.child_id) == Child.id)
        .join(Person, col(Visit.visitor_id) == Person.id)
        .where(col(Visit.visited_on) >= first, scope)
        .order_by(col(Visit.visited_on), Child.code, col(Visit.id))
    )
    return list(session.exec(query))


def measurements_in(session: Session, scope: ColumnElement[bool]) -> Sequence[tuple[Measurement, Child]]:
    """Return the measurements of children in scope, by code and day."""
    query = (
        select(Measurement, Child)
        .join(Child, col(Measurement.child_id) == Child.id)
        .where(scope)
        .order_by(Child.code, col(Measurement.measured_on), col(Measurement.id))
    )
    return list(session.exec(query))


def check_ins_since(
    session: Session, first: Month, scope: ColumnElement[bool]
) -> Sequence[tuple[CheckIn, Child]]:
    """Return the check-ins from a month on of children in scope, by month and code."""
    query = (
        select(CheckIn, Child)
        .join(Child, col(CheckIn.child_id) == Child.id)
        .where(col(CheckIn.month) >= first, scope)
        .order_by(col(CheckIn.month), Child.code)
    )
    return list(session.exec(query))
