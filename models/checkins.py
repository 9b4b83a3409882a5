"""A month's nutrition check-in of a child, as its family answered it.

Minimum dietary diversity is five of eight food groups eaten yesterday, for children of 6-23 months (WHO/UNICEF,
Indicators for assessing infant and young child feeding practices, 2021); above that age it is information only.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, UniqueConstraint, func
from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record
from models.children import Child, Guardian, on_list
from models.columns import Instant, MonthColumn
from models.families import can_be_asked
from models.grants import is_everything
from models.months import Month
from models.nutrition import DangerSign, Feeding, FoodGroup, Illness
from models.pledges import Pledge, counts_in
from models.programme import Programme
from models.sizes import check_sizes


class CheckIn(SQLModel, table=True):
    """One month's answers. Lists are codes joined by commas; None: not answered or not known.

    Weight and height are what the family remembers, of a day that nobody asked for: they are kept here, and are no
    `Measurement` (docs/decisions.md).
    """

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("child_id", "month"),)

    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id")
    month: Month = Field(sa_type=MonthColumn, index=True)
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime = Field(sa_type=Instant)
    food_groups: str | None = Field(
        default=None, max_length=120, description="None: not asked, a danger sign came first"
    )
    exclusive_breastfeeding: bool | None = Field(default=None, description="below six months only")
    illnesses: str = Field(default="", max_length=120)
    danger_signs: str = Field(default="", max_length=160)
    posyandu: bool | None = None
    weight_g: int | None = Field(default=None, description="grams, as the family knows it")
    height_mm: int | None = Field(default=None, description="millimetres, as the family knows it")
    bought: str = Field(default="", max_length=120, description="what the aid bought")

    @property
    def groups(self) -> frozenset[FoodGroup]:
        """The food groups eaten yesterday."""
        return frozenset(FoodGroup(code) for code in (self.food_groups or "").split(",") if code)


def check_in_of(session: Session, child_id: int, month: Month) -> CheckIn | None:
    """Return a child's check-in of a month."""
    return session.exec(select(CheckIn).where(CheckIn.child_id == child_id, CheckIn.month == month)).first()


LATE_DAYS = 7
"""So many days of the next month an answer to a month's own question still belongs to that month."""


def month_answered(programme: Programme, begun_on: date, asked: Month | None) -> Month:
    """Return the month to which a check-in belongs that began on a day; `asked` is what its reminder spoke of.

    It is that day's month. In a month's first week it is still the month before, when that was asked, until the own
    month's question is open: an answer is about the weeks behind it.
    """
    this = Month.of(begun_on)
    late = asked == this.plus(-1) and begun_on.day <= LATE_DAYS
    return this.plus(-1) if late and begun_on < programme.check_in_on(this) else this


def month_last_asked(programme: Programme, today: date) -> Month:
    """Return the month about which families were last asked: before a month's day for it, the month before."""
    this = Month.of(today)
    return this if today >= programme.check_in_on(this) else this.plus(-1)


@dataclass(slots=True)
class Answers:
    """What a family answered; None is what was not asked or is not known."""

    illnesses: frozenset[Illness] = frozenset()
    danger_signs: list[DangerSign] = field(default_factory=list)
    groups: frozenset[FoodGroup] | None = None
    feeding: Feeding | None = None
    posyandu: bool | None = None
    weight_g: int | None = None
    height_mm: int | None = None
    bought: list[str] | None = None


def record_check_in(
    session: Session, now: datetime, child_id: int, month: Month, *, by: int | None, answers: Answers
) -> CheckIn:
    """Write a month's answers; answering again corrects them, and what was not asked again stays.

    So does a weight or height that the family knew, unless it now says that the child was not at the posyandu.
    Raises BadInput('size') for what is no child's size.
    """
    check_sizes(answers.weight_g, answers.height_mm)
    row = check_in_of(session, child_id, month) or CheckIn(child_id=child_id, month=month, answered_at=now)
    row.answered_by, row.answered_at = by, now
    groups, fed = answers.groups, answers.feeding
    if fed is not None:
        groups = frozenset() if fed is Feeding.NO_BREAST else frozenset({FoodGroup.BREAST_MILK})
    if groups is not None:
        row.food_groups = ",".join(group for group in FoodGroup if group in groups)
        row.exclusive_breastfeeding = None if fed is None else fed is Feeding.BREAST_ONLY
    row.illnesses = ",".join(illness for illness in Illness if illness in answers.illnesses)
    row.danger_signs = ",".join(answers.danger_signs)
    if answers.posyandu is not None:
        known = (row.weight_g, row.height_mm) if answers.posyandu else (None, None)
        row.posyandu = answers.posyandu
        row.weight_g = known[0] if answers.weight_g is None else answers.weight_g
        row.height_mm = known[1] if answers.height_mm is None else answers.height_mm
    if answers.bought is not None:
        row.bought = ",".join(answers.bought)
    session.add(row)
    record(session, now, by, "checked_in", f"child:{child_id}", str(month))
    session.flush()
    return row


def is_supported(session: Session, child_id: int, month: Month) -> bool:
    """Tell whether somebody gives for a child in a month."""
    return (
        session.exec(select(Pledge.id).where(Pledge.child_id == child_id, counts_in(month))).first()
        is not None
    )


def count_check_ins(session: Session, month: Month, scope: ColumnElement[bool]) -> int:
    """Return how many children in scope have been answered for in a month."""
    query = select(func.count()).select_from(CheckIn).where(CheckIn.month == month)
    if not is_everything(scope):
        query = query.join(Child, col(CheckIn.child_id) == Child.id).where(scope)
    return session.exec(query).one()


def children_to_ask(session: Session, day: date, scope: ColumnElement[bool]) -> int:
    """Count the children in scope who are on the list on a day and have a family that may be asked."""
    query = (
        select(func.count())
        .select_from(Child)
        .join(Guardian, col(Child.guardian_id) == Guardian.id)
        .where(on_list(day), can_be_asked(), scope)
    )
    return session.exec(query).one()
