"""The months in which a pledge rests. It gives nothing then and leaves its share of those months to others."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import Field, SQLModel, col, select

from models.columns import Instant, MonthColumn, Sealed
from models.months import Month

LONGEST_MONTHS = 3
"""A longer rest is an end: the child needs somebody."""


class Pause(SQLModel, table=True):
    """A rest from `first_month` to `last_month`, both included. Coming back early shortens it."""

    id: int | None = Field(default=None, primary_key=True)
    pledge_id: int = Field(foreign_key="pledge.id", index=True)
    first_month: Month = Field(sa_type=MonthColumn)
    last_month: Month = Field(sa_type=MonthColumn)
    reason: str = Field(default="", sa_type=Sealed, description="as it was said")
    created_at: datetime = Field(sa_type=Instant)

    def covers(self, month: Month) -> bool:
        """Whether the pledge rests in that month."""
        return self.first_month <= month <= self.last_month


def rests_in(pledge_id: SQLColumnExpression[Any], month: Month) -> ColumnElement[bool]:
    """Condition: the pledge of that id (a column of the asking query) rests in that month."""
    rest = select(Pause.id).where(
        col(Pause.pledge_id) == pledge_id, col(Pause.first_month) <= month, col(Pause.last_month) >= month
    )
    return rest.correlate_except(Pause).exists()
