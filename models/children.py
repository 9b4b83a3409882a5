"""Children on the district's list, and who cares for them.

Outside entitlement a child is its code (`BLT-014`), sex, age in months, area, severity and wait: nothing that
finds a family.
"""

import re
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, func
from sqlmodel import Field, Session, SQLModel, and_, col, or_, select

from models.columns import Instant, Sealed, words
from models.months import whole_months


class Sex(StrEnum):
    """As the growth tables distinguish."""

    FEMALE = "female"
    MALE = "male"


class ChildStatus(StrEnum):
    """Why a child is on the list, or why it left."""

    AT_RISK = "at_risk"
    STUNTED = "stunted"
    GRADUATED = "graduated"
    MOVED = "moved"
    DIED = "died"


ON_LIST = (ChildStatus.AT_RISK, ChildStatus.STUNTED)


class Severity(StrEnum):
    """Length/height-for-age at entry (Permenkes 2/2020), worst first; `none`: at risk, not stunted."""

    SEVERE = "severe"
    MODERATE = "moderate"
    NONE = "none"


SEVERITY_RANK = {Severity.SEVERE: 0, Severity.MODERATE: 1, Severity.NONE: 2}


class Guardian(SQLModel, table=True):
    """Who cares for a child and consents for it; `person_id` is set when they have joined by chat."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    name: str = Field(sa_type=Sealed)
    phone: str | None = Field(default=None, sa_type=Sealed)
    phone_index: str | None = Field(default=None, max_length=32, index=True)
    relation: str = Field(default="mother", max_length=20, description="mother, father or guardian")


class Child(SQLModel, table=True):
    """A child on the list from `listed_on` until `left_on` (the first day on which it is off the list)."""

    __table_args__ = (Index("child_of_area", "area", "listed_on", "left_on", "village", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=12, unique=True)
    name: str = Field(sa_type=Sealed)
    nik: str | None = Field(default=None, sa_type=Sealed)
    nik_index: str | None = Field(default=None, max_length=32, unique=True)
    sex: Sex = Field(sa_type=words(Sex))
    born_on: date
    area: str = Field(max_length=60, description="kecamatan, spelled as in programme.toml")
    village: str = Field(max_length=60)
    address: str | None = Field(default=None, sa_type=Sealed)
    status: ChildStatus = Field(sa_type=words(ChildStatus), index=True)
    severity: Severity = Field(sa_type=words(Severity))
    listed_on: date
    left_on: date | None = None
    guardian_id: int | None = Field(default=None, foreign_key="guardian.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    gestation_weeks: int | None = Field(default=None, description="weeks at birth, where they are known")
    silent_since: datetime | None = Field(
        default=None, sa_type=Instant, description="died, moved, or the family asks for silence (K6)"
    )

    def age_months(self, today: date) -> int:
        """Completed months since birth."""
        return whole_months(self.born_on, today)

    def months_waiting(self, today: date) -> int:
        """Completed months since the child came onto the list."""
        return whole_months(self.listed_on, today)


def on_list(day: date) -> ColumnElement[bool]:
    """Condition: the child is on the list on that day."""
    return and_(col(Child.listed_on) <= day, or_(col(Child.left_on).is_(None), col(Child.left_on) > day))


_SPELLED = re.compile(r"(?:([A-Z]+)[ -]*)?(\d{1,9})", re.ASCII)


def child_with_code(session: Session, code: str) -> Child | None:
    """Find a child by its public code, however it is spelled (`blt 14`, `blt014`, `BLT-014`), or its number alone."""
    folded = code.upper().strip()
    found = _SPELLED.fullmatch(folded)
    if found is None:
        return session.exec(select(Child).where(Child.code == folded)).first()
    prefix = found[1] or _prefix(session)
    return session.exec(select(Child).where(Child.code == f"{prefix}-{int(found[2]):03d}")).first()


def _prefix(session: Session) -> str:
    """Return what all codes of the list begin with."""
    first = session.exec(select(Child.code).order_by(col(Child.id)).limit(1)).first()
    return (first or "").rpartition("-")[0]


def next_code(session: Session, prefix: str) -> str:
    """Return the first free code: one above the highest number in use."""
    codes = session.exec(select(Child.code).where(col(Child.code).startswith(prefix + "-")))
    highest = max((int(n) for code in codes if (n := code.rpartition("-")[2]).isdecimal()), default=0)
    return f"{prefix}-{highest + 1:03d}"


def list_began_at(session: Session) -> datetime | None:
    """Return when the first child was entered: since then there is something to lose."""
    return session.exec(select(func.min(Child.created_at))).one()
