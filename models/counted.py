"""Coverage as it was last counted, for lists so long that counting takes seconds (docs/decisions.md).

What is counted is what `counting.tally` says, kept by month and kecamatan with the instant at which it began. Whoever
answers from it says that instant. A list of up to `LONG_LIST` children is not kept here: it is counted when asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import BigInteger, delete, insert, select, true
from sqlmodel import Field, Session, SQLModel, col

from models.children import Child
from models.columns import Instant, MonthColumn
from models.counting import Figures, Moment, tally
from models.inserts import insert_missing
from models.months import Month

LONG_LIST = 20_000
"""Children. Counting so many takes a tenth of a second."""

OVER_LASTS = timedelta(hours=1)
"""So long the count of a month that is over is good: only corrections change it."""


BEFORE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a month was counted that nobody has counted yet."""


class CountedMonth(SQLModel, table=True):
    """When a month was counted, for which day, and by what a child needed in it."""

    __tablename__ = "counted_month"

    month: Month = Field(sa_type=MonthColumn, primary_key=True)
    day: date
    monthly_idr: int
    counted_at: datetime = Field(sa_type=Instant)


class CountedArea(SQLModel, table=True):
    """What was counted in a kecamatan in a month."""

    __tablename__ = "counted_area"

    month: Month = Field(sa_type=MonthColumn, primary_key=True, foreign_key="counted_month.month")
    area: str = Field(max_length=60, primary_key=True)
    children: int
    fully_supported: int
    partly_supported: int
    pledged_idr: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures by (month, area) of some moments, and when the oldest of them were counted."""

    figures: dict[tuple[Month, str], Figures]
    at: datetime


def counted(session: Session, moments: Sequence[Moment]) -> Counted | None:
    """Return what was counted of these (at least one); None unless all of them were, for the same day and amount."""
    month, area = CountedMonth.__table__.c, CountedArea.__table__.c  # type: ignore[attr-defined] # SQLModel's tables
    query = (
        select(
            *(month.month, month.day, month.monthly_idr, month.counted_at),
            *(area.area, area.children, area.fully_supported, area.partly_supported, area.pledged_idr),
        )
        .outerjoin_from(CountedMonth, CountedArea, area.month == month.month)
        .where(month.month.in_([moment.month for moment in moments]))
    )
    known, figures = {}, {}
    for of, day, need, at, name, children, fully, partly, idr in session.execute(query):
        known[of] = (day, need, at)
        if name is not None:
            figures[of, name] = Figures(children, fully, partly, idr, children * need)
    if any(known.get(m.month, ())[:2] != (m.day, m.monthly_idr) for m in moments):
        return None
    return Counted(figures, min(at for _, _, at in known.values()))


def list_is_long(session: Session, long_list: int = LONG_LIST) -> bool:
    """Tell whether more children are known than are counted whenever somebody asks."""
    some = select(col(Child.id)).offset(long_list).limit(1)
    return session.execute(some).first() is not None


def count(session: Session, moment: Moment, today: date, now: datetime) -> int:
    """Count a moment's month anew, unless that is not worth it yet; return how many kecamatan were entered.

    Of two who count at once, the second waits for the first and then counts again.
    """
    connection = session.connection()
    row = {"month": moment.month, "day": moment.day, "monthly_idr": moment.monthly_idr}
    connection.execute(insert_missing(connection, CountedMonth).values(**row, counted_at=BEFORE))
    known = session.get_one(CountedMonth, moment.month, with_for_update=True, populate_existing=True)
    same = (known.day, known.monthly_idr) == (moment.day, moment.monthly_idr)
    if same and moment.day < today and known.counted_at > now - OVER_LASTS:
        return 0
    known.day, known.monthly_idr, known.counted_at = moment.day, moment.monthly_idr, now
    session.add(known)
    session.flush()
    found = tally(session, [moment], col(Child.area), true())
    connection.execute(delete(CountedArea).where(col(CountedArea.month) == moment.month))
    rows = [
        {
            "month": month,
            "area": area,
            "children": figures.children,
            "fully_supported": figures.fully_supported,
            "partly_supported": figures.partly_supported,
            "pledged_idr": figures.pledged_idr,
        }
        for (month, area), figures in found.items()
    ]
    if rows:
        connection.execute(insert(CountedArea), rows)
    return len(rows)


def forget_counts(session: Session, before: Month | None = None) -> int:
    """Drop the counts of the months before one (None: all of them); return how many months."""
    areas, months = delete(CountedArea), delete(CountedMonth)
    if before is not None:
        areas = areas.where(col(CountedArea.month) < before)
        months = months.where(col(CountedMonth.month) < before)
    session.exec(areas)
    return session.exec(months).rowcount
