"""A month's nutrition check-in of a child, as its family answered it.

Minimum dietary diversity is five of eight food groups eaten yesterday, for children of 6-23 months (WHO/UNICEF,
Indicators for assessing infant and young child feeding practices, 2021); above that age it is information only.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, UniqueConstraint, func
from sqlmodel import Field, Session, SQLModel, col, select

from models.children import ON_LIST, Child, Guardian
from models.columns import Instant, MonthColumn
from models.months import Month


class FoodGroup(StrEnum):
    """The eight groups of the 2021 indicators, in their order."""

    BREAST_MILK = "breast_milk"
    GRAINS = "grains"
    PULSES = "pulses"
    DAIRY = "dairy"
    FLESH = "flesh"
    EGGS = "eggs"
    VITAMIN_A = "vitamin_a"
    OTHER_PRODUCE = "other_produce"


ENOUGH_GROUPS = 5
"""Minimum dietary diversity: at least so many of the eight."""


class CheckIn(SQLModel, table=True):
    """One month's answers. Lists are codes joined by commas; None: not answered or not known."""

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("child_id", "month"),)

    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id")
    month: Month = Field(sa_type=MonthColumn, index=True)
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime = Field(sa_type=Instant)
    food_groups: str = Field(default="", max_length=120)
    illnesses: str = Field(default="", max_length=120)
    danger_signs: str = Field(default="", max_length=160)
    posyandu: bool | None = None
    weight_g: int | None = Field(default=None, description="grams, as the family knows it")
    height_mm: int | None = Field(default=None, description="millimetres, as the family knows it")
    bought: str = Field(default="", max_length=120, description="what the aid bought")

    @property
    def groups(self) -> frozenset[FoodGroup]:
        """The food groups eaten yesterday."""
        return frozenset(FoodGroup(code) for code in self.food_groups.split(",") if code)


def check_in_of(session: Session, child_id: int, month: Month) -> CheckIn | None:
    """Return a child's check-in of a month."""
    return session.exec(select(CheckIn).where(CheckIn.child_id == child_id, CheckIn.month == month)).first()


def count_check_ins(session: Session, month: Month, scope: ColumnElement[bool]) -> int:
    """Return how many children in scope have been answered for in a month."""
    query = select(func.count()).select_from(CheckIn).join(Child, col(CheckIn.child_id) == Child.id)
    return session.exec(query.where(CheckIn.month == month, scope)).one()


def families_to_ask(session: Session, scope: ColumnElement[bool]) -> int:
    """Return how many children in scope have a family that can be asked: on the list, joined, not silent."""
    query = (
        select(func.count())
        .select_from(Child)
        .join(Guardian, col(Child.guardian_id) == Guardian.id)
        .where(col(Guardian.person_id).is_not(None), col(Child.status).in_(ON_LIST))
        .where(col(Child.silent_since).is_(None), scope)
    )
    return session.exec(query).one()
