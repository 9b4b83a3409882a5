"""Whether payouts are made in time: of a month's owed payouts, those reported by the due day, later, and not yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import and_, case, column, func, select, values
from sqlmodel import Session, col

from models.children import Child
from models.columns import Instant, MonthColumn
from models.grants import Scope
from models.months import Month
from models.payouts import GIVEN, Payout, PayoutMove, PayoutState
from models.pledges import Pledge
from models.programme import Programme


@dataclass(frozen=True, slots=True)
class Punctuality:
    """The payouts owed for a month in one area: first reported by the end of the due day, later, or not yet."""

    month: Month
    area: str
    in_time: int
    later: int
    not_yet: int

    @property
    def owed(self) -> int:
        """How many payouts were owed: all but the waived."""
        return self.in_time + self.later + self.not_yet


def punctuality(
    session: Session, programme: Programme, months: Sequence[Month], scope: Scope
) -> list[Punctuality]:
    """Return months by area, oldest first, areas by name; months and areas without owed payouts are absent.

    A payout counts by its first report (or by the family's word, when that came first): a second transfer that
    makes up for a short one does not make the first one late.
    """
    days = values(column("month", MonthColumn()), column("end", Instant())).data(
        [(month, _due_until(programme, month)) for month in months]
    )
    ends = days.cte("due")
    first = (
        select(func.min(col(PayoutMove.at), type_=Instant()))
        .where(col(PayoutMove.payout_id) == col(Payout.id), col(PayoutMove.after).in_(GIVEN))
        .correlate(Payout)
        .scalar_subquery()
    )
    given = col(Payout.state).in_(GIVEN)
    query = (
        select(
            col(Payout.month),
            col(Child.area),
            func.count(),
            func.sum(case((given, 1), else_=0)),
            func.sum(case((and_(given, first < ends.c.end), 1), else_=0)),
        )
        .join_from(ends, Payout, col(Payout.month) == ends.c.month)
        .join(Pledge, col(Pledge.id) == col(Payout.pledge_id))
        .join(Child, col(Child.id) == col(Pledge.child_id))
        .where(col(Payout.state) != PayoutState.WAIVED, scope.children())
        .group_by(col(Payout.month), col(Child.area))
        .order_by(col(Payout.month), col(Child.area))
    )
    return [
        Punctuality(month, area, int(in_time), int(given) - int(in_time), owed - int(given))
        for month, area, owed, given, in_time in session.execute(query)
    ]


def added_up(areas: Sequence[Punctuality]) -> Punctuality:
    """Return the areas of one month as one, without a name."""
    return Punctuality(
        areas[0].month,
        "",
        sum(one.in_time for one in areas),
        sum(one.later for one in areas),
        sum(one.not_yet for one in areas),
    )


def _due_until(programme: Programme, month: Month) -> datetime:
    """Return the instant at which the due day is over."""
    after = programme.due_on(month) + timedelta(days=1)
    return datetime.combine(after, time(), programme.zone).astimezone(UTC)
