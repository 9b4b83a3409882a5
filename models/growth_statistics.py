"""What mentoring has come to: visits, and how children grow since they came onto the list.

Each figure says of whom: children on the list on the day, in scope. A child *improved* when its length for age has
risen by half an SD since its first measurement (`models.growth_trends`); *graduated* counts those who left so in
the month.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from models.children import Child, ChildStatus, Severity, on_list
from models.grants import Scope
from models.growth_categories import Category
from models.growth_trends import improved_since, stunting
from models.measurements import Measurement, measurements_of, points_of, usable
from models.months import Month
from models.visits import visits_in

NOW = {
    Category.SEVERELY_STUNTED: Severity.SEVERE,
    Category.STUNTED: Severity.MODERATE,
    Category.NORMAL: Severity.NONE,
    Category.TALL: Severity.NONE,
}
"""The severity that a category of length for age is."""

CHUNK = 1_000
"""Children whose measurements are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Mentoring:
    """A month's visits and growth in a scope.

    `entry` counts all children by their severity at entry; `now` those with a believable measurement by what the
    newest one until the day says, `measured` is how many they are, and `before` counts these same by their severity
    at entry.
    """

    month: Month
    children: int
    visits: int
    visited: int
    entry: dict[Severity, int]
    before: dict[Severity, int]
    now: dict[Severity, int]
    measured: int
    improved: int
    graduated: int


def mentoring(session: Session, day: date, month: Month, scope: Scope) -> Mentoring:
    """Return the figures of a month; growth of those on the list on a day, as they had been measured until then."""
    children = session.exec(select(Child).where(on_list(day), scope.children())).all()
    before, now, improved = _growth(session, children, day)
    visits, visited = visits_in(session, month, scope)
    return Mentoring(
        month=month,
        children=len(children),
        visits=visits,
        visited=visited,
        entry=dict(Counter(child.severity for child in children)),
        before=dict(before),
        now=dict(now),
        measured=now.total(),
        improved=improved,
        graduated=graduated_in(session, month, scope),
    )


def _growth(
    session: Session, children: Iterable[Child], day: date
) -> tuple[Counter[Severity], Counter[Severity], int]:
    """Return where the measured children stood at entry, where they stood on a day, and how many had improved."""
    before: Counter[Severity] = Counter()
    now: Counter[Severity] = Counter()
    improved = 0
    everyone = list(children)
    for start in range(0, len(everyone), CHUNK):
        some = everyone[start : start + CHUNK]
        found = measurements_of(session, some, until=day)
        for child in some:
            points = points_of(child, _ends(usable(child, found.get(child.id or 0, []))))
            if (category := stunting(points)) is not None:
                before[child.severity] += 1
                now[NOW[category]] += 1
            improved += improved_since(points) is not None
    return before, now, improved


def _ends(measurements: list[Measurement]) -> list[Measurement]:
    """Return the first and the last three: what these figures ask, without computing all between."""
    return measurements if len(measurements) <= 4 else [measurements[0], *measurements[-3:]]


def graduated_in(session: Session, month: Month, scope: Scope) -> int:
    """Count the children in scope who graduated in a month."""
    return graduations(session, [month], scope)[0]


def graduations(session: Session, months: Sequence[Month], scope: Scope) -> list[int]:
    """Count the children in scope who graduated in each of some consecutive months."""
    left_on = col(Child.left_on)
    query = (
        rows_of(left_on, func.count())
        .where(col(Child.status) == ChildStatus.GRADUATED, scope.children())
        .where(left_on >= months[0].first_day, left_on <= months[-1].last_day)
        .group_by(left_on)
    )
    found: Counter[Month] = Counter()
    for day, count in session.execute(query):
        found[Month.of(day)] += count
    return [found[month] for month in months]
