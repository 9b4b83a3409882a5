"""Children with their families, for those who may see them all: a coordinator's list of the own area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models.children import Child, Guardian, on_list
from models.months import Month
from models.pledges import Pledge, counts_in


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
