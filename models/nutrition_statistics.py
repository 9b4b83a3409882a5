"""What children eat, by their families' check-ins: minimum dietary diversity month by month, and the food groups.

Counted are check-ins of children of 6-23 months that say what was eaten: the measure (WHO/UNICEF 2021) is made for
that age. The age is that of the month's last day, so that every month asks the same of all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlmodel import Session, and_, col

from models.checkins import CheckIn
from models.children import Child
from models.grants import Scope
from models.months import Month
from models.nutrition import DIVERSITY_BELOW, ENOUGH_GROUPS, EXCLUSIVE_BELOW, FoodGroup


@dataclass(frozen=True, slots=True)
class Eaten:
    """A month's check-ins: of how many children, how many of them ate from five groups or more, and each group."""

    month: Month
    children: int
    enough: int
    groups: dict[FoodGroup, int]


def eaten_in(session: Session, months: Sequence[Month], scope: Scope) -> list[Eaten]:
    """Return what the check-ins of some months say, oldest first; months without any are absent."""
    said = col(CheckIn.food_groups)
    listed = literal(",").concat(said).concat(",")
    none = said == ""
    groups = case((none, 0), else_=func.length(said) - func.length(func.replace(said, ",", "")) + 1)
    query = (
        select(
            col(CheckIn.month),
            func.count(),
            func.sum(case((groups >= ENOUGH_GROUPS, 1), else_=0)),
            *(
                func.sum(case((listed.contains(f",{group},", autoescape=True), 1), else_=0))
                for group in FoodGroup
            ),
        )
        .join_from(CheckIn, Child, col(Child.id) == col(CheckIn.child_id))
        .where(said.is_not(None), or_(*(_of_age(month) for month in months)), scope.children())
        .group_by(col(CheckIn.month))
        .order_by(col(CheckIn.month))
    )
    return [
        Eaten(month, children, int(enough), dict(zip(FoodGroup, map(int, eaten), strict=True)))
        for month, children, enough, *eaten in session.execute(query)
    ]


def _of_age(month: Month) -> ColumnElement[bool]:
    """Condition: the check-in is of that month, and of a child of 6-23 months at its end."""
    return and_(
        col(CheckIn.month) == month,
        col(Child.born_on) <= _months_before(month.last_day, EXCLUSIVE_BELOW),
        col(Child.born_on) > _months_before(month.last_day, DIVERSITY_BELOW),
    )


def _months_before(day: date, months: int) -> date:
    """Return the latest birthday of those who have completed so many months on a day."""
    return Month.of(day).plus(-months).day(day.day)
