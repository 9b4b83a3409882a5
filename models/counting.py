"""Counting children by month and place: who is on the list, and how their pledges support them.

*Fully supported* on a day: the child is on the list that day (`children.on_list`), and its pledges that count in
that day's month (`pledges.counts_in`) together reach `Programme.monthly_idr(month)`. *Partly*: they come to
something less. Two grouped statements, whatever the number of children and months.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    SQLColumnExpression,
    and_,
    column,
    func,
    select,
    values,
)
from sqlmodel import Session, col

from models.children import Child, on_list
from models.columns import MonthColumn
from models.months import Month
from models.pledges import Pledge, counts_in
from models.programme import Programme


def share_of(part: int, whole: int) -> Fraction | None:
    """Return a part of a whole; None of nothing."""
    return Fraction(part, whole) if whole else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Children on the list and how they are supported; amounts in whole rupiah a month."""

    children: int = 0
    fully_supported: int = 0
    partly_supported: int = 0
    pledged_idr: int = 0
    needed_idr: int = 0

    @property
    def unsupported(self) -> int:
        """Children for whom no pledge counts."""
        return self.children - self.fully_supported - self.partly_supported

    @property
    def share(self) -> Fraction | None:
        """The fully supported among the children on the list; None when there are none."""
        return share_of(self.fully_supported, self.children)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day to be counted, with what its month asks."""

    month: Month
    day: date
    monthly_idr: int

    @classmethod
    def at(cls, programme: Programme, day: date) -> "Moment":
        """Return a day's moment."""
        month = Month.of(day)
        return cls(month, day, programme.monthly_idr(month))


def tally(
    session: Session, moments: Sequence[Moment], place: SQLColumnExpression[str], inside: ColumnElement[bool]
) -> dict[tuple[Month, str], Figures]:
    """Count children by (month, place), for several moments at once; cells without children are absent."""
    if not moments:
        return {}
    asked = _asked(moments)
    need = {moment.month: moment.monthly_idr for moment in moments}
    supported = {(row[0], row[1]): row[2:] for row in session.execute(_supported(asked, place, inside))}
    found = {}
    for month, name, children in session.execute(_listed(asked, place, inside)):
        fully, given, idr = supported.get((month, name), (0, 0, 0))
        found[month, name] = Figures(children, fully, given - fully, int(idr), children * need[month])
    return found


def _asked(moments: Sequence[Moment]) -> CTE:
    """The moments as a table (month, day, need) that other tables join."""
    rows = [(moment.month, moment.day, moment.monthly_idr) for moment in moments]
    return (
        values(column("month", MonthColumn()), column("day", Date), column("need", Integer))
        .data(rows)
        .cte("asked")
    )


def _listed(asked: CTE, place: SQLColumnExpression[str], inside: ColumnElement[bool]) -> Any:
    """Ask (month, place, children on the list)."""
    listed = on_list(cast("date", asked.c.day))  # compared in SQL as a value would be
    return (
        select(asked.c.month, place, func.count())
        .join_from(asked, Child, listed)
        .where(inside)
        .group_by(asked.c.month, place)
    )


def _supported(asked: CTE, place: SQLColumnExpression[str], inside: ColumnElement[bool]) -> Any:
    """Ask (month, place, fully supported children, all supported children, rupiah a month)."""
    given = (
        select(
            asked.c.month, asked.c.need, place.label("place"), func.sum(col(Pledge.monthly_idr)).label("idr")
        )
        .join_from(asked, Pledge, counts_in(cast("Month", asked.c.month)))
        .join(Child, and_(col(Child.id) == col(Pledge.child_id), on_list(cast("date", asked.c.day))))
        .where(inside)
        .group_by(asked.c.month, asked.c.need, place, col(Pledge.child_id))
        .subquery()
    )
    fully = func.count().filter(given.c.idr >= given.c.need)
    return select(given.c.month, given.c.place, fully, func.count(), func.sum(given.c.idr)).group_by(
        given.c.month, given.c.place
    )


def added(figures: Iterable[Figures]) -> Figures:
    """Add figures of different places up."""
    rows = tuple(figures)
    return Figures(*(sum(getattr(row, name) for row in rows) for name in Figures.__slots__))
