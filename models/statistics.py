"""Coverage and participation: how many children are supported, by whom, and how that changed.

A figure never stands alone: it carries its day, its month, the amount that makes support full, and its
denominator. *Fully supported* on a day: the child is on the list that day (`children.on_list`), and its
pledges that count in that day's month (`pledges.counts_in`) together reach `Programme.monthly_idr(month)`.
*Partly*: they come to something less. Pending pledges are counted apart and support nobody.

Past months are counted from the rows as they are known now: a pledge corrected later corrects its past. Every
question is a handful of grouped statements, whatever the number of children. Of a long list, whoever asks `lately`
may be answered by the last count (`models.counted`), and is told of when it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_one

from models.children import Child, on_list
from models.counted import counted
from models.counting import Figures, Moment, added, tally
from models.errors import NotEntitled
from models.grants import Scope
from models.ledger import Ledger
from models.months import Month
from models.organisations import Organisation, OrganisationKind
from models.payouts import PayoutState
from models.people import FosterKind, FosterParent, Standing
from models.pledges import Pledge, PledgeState, counts_in
from models.programme import Programme


@dataclass(frozen=True, slots=True)
class Place:
    """The figures of one kecamatan or village; `pending` counts the pledges that wait for approval there."""

    name: str
    figures: Figures
    pending: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage on `day`, which lies in `month`, in which a child needs `monthly_idr`.

    `places` are the areas in scope in the programme's order, or the villages of `area` when that is set:
    those without children too, and after them any that the programme does not know. `target_children` is the
    programme's, for the whole district, whatever the scope. `counted_at`: the figures are of then (None: of now).
    """

    day: date
    month: Month
    monthly_idr: int
    target_children: int
    area: str | None
    total: Figures
    pending: int
    places: tuple[Place, ...]
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """Coverage at the end of a month, or on the asking day for the running one."""

    month: Month
    day: date
    monthly_idr: int
    figures: Figures
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Participation:
    """The ASN of one OPD; `name` None: of no known OPD, or of several together.

    `signed_up` includes the `verified` and leaves out the rejected; `giving` have a pledge that counts this
    month for a child in scope. `staff_count` None: not known.
    """

    name: str | None
    staff_count: int | None
    signed_up: int
    verified: int
    giving: int

    @property
    def share(self) -> Fraction | None:
        """The giving among the staff; None when their number is not known."""
        return Fraction(self.giving, self.staff_count) if self.staff_count else None


def coverage(
    session: Session, programme: Programme, day: date, scope: Scope, *, lately: bool = False
) -> Coverage:
    """Return coverage on a day, by area; as it was last counted will do for who asks `lately`."""
    names = [area.name for area in programme.areas if scope.covers(area.name)]
    return _coverage(
        session,
        programme,
        day,
        col(Child.area),
        scope.children(),
        names,
        lately=lately and scope.whole_district,
    )


def coverage_by_village(
    session: Session, programme: Programme, day: date, scope: Scope, area: str
) -> Coverage:
    """Return coverage of one area on a day, by village.

    Raises BadInput('unknown_area') for an area that the programme lacks, NotEntitled for one out of scope.
    """
    known = programme.area_named(area)
    if not scope.covers(known.name):
        raise NotEntitled
    inside = and_(scope.children(), col(Child.area) == known.name)
    return _coverage(session, programme, day, col(Child.village), inside, known.villages, known.name)


def history(
    session: Session,
    programme: Programme,
    day: date,
    scope: Scope,
    months: int = 12,
    *,
    lately: bool = False,
) -> tuple[Point, ...]:
    """Return coverage at the end of each of the last months, oldest first, and on `day` for its own month.

    Months that ended before the first child in scope was listed are left out. `lately` as in `coverage`.
    """
    moments = last_months(programme, day, months)
    known = counted(session, moments) if lately and scope.whole_district else None
    cells = known.figures if known else tally(session, moments, col(Child.area), scope.children())
    of_month: defaultdict[Month, list[Figures]] = defaultdict(list)
    for (month, _), cell in cells.items():
        of_month[month].append(cell)
    first_listed = select_one(func.min(col(Child.listed_on))).where(scope.children())
    began: date | None = session.exec(first_listed).one()
    return tuple(
        Point(
            m.month,
            m.day,
            m.monthly_idr,
            added(of_month[m.month]),
            known.at if known else None,
        )
        for m in reversed(moments)
        if began is not None and began <= m.day
    )


def last_months(programme: Programme, day: date, months: int = 12) -> list[Moment]:
    """Return the moments of `history`, newest first: the day itself, and the last day of each month before."""
    running = Month.of(day)
    return [Moment.at(programme, min(running.plus(-back).last_day, day)) for back in range(months)]


def participation(
    session: Session, programme: Programme, day: date, scope: Scope
) -> tuple[Participation, ...]:
    """Return the ASN's participation by OPD, best first; `together` adds it up.

    Every OPD is there, without participants too. ASN who belong to no OPD come as one row without a name.
    Best is the highest share giving; an OPD of unknown size that gives stands before those that do not.
    """
    after_day = _midnight(programme, day + timedelta(days=1))
    counts = _asn_by_organisation(session, day, after_day, scope)
    offices = session.exec(select_one(Organisation).where(Organisation.kind == OrganisationKind.OPD)).all()
    rows = [
        Participation(office.name, office.staff_count, *counts.pop(office.id, (0, 0, 0)))
        for office in offices
    ]
    if counts:  # what is left belongs to no OPD
        rows.append(Participation(None, None, *(sum(each) for each in zip(*counts.values(), strict=True))))
    return tuple(sorted(rows, key=_best_first))


def together(rows: Iterable[Participation]) -> Participation:
    """Add offices up. The staff is unknown when one office's is: no share over half a denominator."""
    rows = tuple(rows)
    staff = [row.staff_count for row in rows]
    return Participation(
        name=None,
        staff_count=None if None in staff else sum(number for number in staff if number is not None),
        signed_up=sum(row.signed_up for row in rows),
        verified=sum(row.verified for row in rows),
        giving=sum(row.giving for row in rows),
    )


def percent(share: Fraction) -> Decimal:
    """Return a share of 0 to 1 as a percentage with one decimal, half up: 92/237 is 38.8.

    Only all is 100.0 and only none is 0.0, so a last child never vanishes in rounding.
    """
    exact = Decimal(share.numerator * 100) / Decimal(share.denominator)
    rounded = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if 0 < share < 1:
        return min(max(rounded, Decimal("0.1")), Decimal("99.9"))
    return rounded


def percentage(share: Fraction | None) -> float | None:
    """Return `percent` as plain JSON has it; None without a share."""
    return None if share is None else float(percent(share))


def rounded(share: Fraction | None) -> float:
    """Return a share of 0 to 1 for the texts, rounded as `percent` rounds it; 0 without a share."""
    return 0.0 if share is None else float(percent(share) / 100)


def to_json(
    coverage: Coverage,
    points: Sequence[Point] = (),
    offices: Sequence[Participation] = (),
    payouts: Ledger | None = None,
) -> dict[str, Any]:
    """Return the figures as plain JSON values: dates as ISO text, percentages as numbers or null.

    `payouts` is null when they were not asked for.
    """
    return {
        "day": coverage.day.isoformat(),
        "month": str(coverage.month),
        "counted_at": None if coverage.counted_at is None else coverage.counted_at.isoformat(),
        "definition": "children on the list on `day` whose active pledges in `month` reach `monthly_idr`",
        "monthly_idr": coverage.monthly_idr,
        "target_children": coverage.target_children,
        "area": coverage.area,
        **_figures_json(coverage.total),
        "pending_pledges": coverage.pending,
        "by_village" if coverage.area else "by_area": [
            {"name": place.name, **_figures_json(place.figures), "pending_pledges": place.pending}
            for place in coverage.places
        ],
        "history": [
            {
                "month": str(point.month),
                "day": point.day.isoformat(),
                "monthly_idr": point.monthly_idr,
                **_figures_json(point.figures),
            }
            for point in points
        ],
        "participation": {
            "total": _participation_json(together(offices)),
            "by_opd": [_participation_json(office) for office in offices],
        },
        "payouts": None if payouts is None else _payouts_json(payouts),
    }


def _coverage(
    session: Session,
    programme: Programme,
    day: date,
    place: SQLColumnExpression[str],
    inside: ColumnElement[bool],
    names: Sequence[str],
    area: str | None = None,
    *,
    lately: bool = False,
) -> Coverage:
    moment = Moment.at(programme, day)
    known = counted(session, [moment]) if lately else None
    cells = known.figures if known else tally(session, [moment], place, inside)
    figures = {name: found for (_, name), found in cells.items()}
    pending = _pending(session, _midnight(programme, day), place, inside)
    unknown = sorted({*figures, *pending} - set(names))
    return Coverage(
        day=day,
        month=moment.month,
        monthly_idr=moment.monthly_idr,
        target_children=programme.district.target_children,
        area=area,
        total=added(figures.values()),
        pending=sum(pending.values()),
        places=tuple(
            Place(name, figures.get(name, Figures()), pending.get(name, 0)) for name in (*names, *unknown)
        ),
        counted_at=known.at if known else None,
    )


def _pending(
    session: Session, midnight: datetime, place: SQLColumnExpression[str], inside: ColumnElement[bool]
) -> dict[str, int]:
    """Count the pledges that wait for approval, by place; those that had lapsed before the day do not."""
    query = (
        select(place, func.count())
        .join_from(Pledge, Child, col(Child.id) == col(Pledge.child_id))
        .where(col(Pledge.state) == PledgeState.PENDING, col(Pledge.expires_at) > midnight, inside)
        .where(col(Pledge.pledged_at) < midnight + timedelta(days=1))
        .group_by(place)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _asn_by_organisation(
    session: Session, day: date, after_day: datetime, scope: Scope
) -> dict[int | None, tuple[int, int, int]]:
    """Count the ASN who signed up, are verified, and give, by organisation id."""
    giving = (
        select(col(Pledge.foster_parent_id))
        .join(Child, col(Child.id) == col(Pledge.child_id))
        .where(counts_in(Month.of(day)), on_list(day), scope.children())
        .distinct()
        .subquery()
    )
    query = (
        select(
            col(FosterParent.organisation_id),
            func.count(),
            func.count().filter(col(FosterParent.standing) == Standing.VERIFIED),
            func.count(giving.c.foster_parent_id),
        )
        .outerjoin(giving, giving.c.foster_parent_id == col(FosterParent.person_id))
        .where(col(FosterParent.kind) == FosterKind.ASN, col(FosterParent.standing) != Standing.REJECTED)
        .where(col(FosterParent.registered_at) < after_day)
        .group_by(col(FosterParent.organisation_id))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}


def _best_first(row: Participation) -> tuple[Any, ...]:
    share = row.share
    return (
        row.giving == 0,
        share is None,
        -(share or 0),
        -row.giving,
        -row.verified,
        -row.signed_up,
        row.name or "",
    )


def _midnight(programme: Programme, day: date) -> datetime:
    """The instant at which a day begins in the district."""
    return datetime.combine(day, time(), programme.zone)


def _figures_json(figures: Figures) -> dict[str, Any]:
    return {
        "children": figures.children,
        "fully_supported": figures.fully_supported,
        "partly_supported": figures.partly_supported,
        "unsupported": figures.unsupported,
        "percent": percentage(figures.share),
        "pledged_idr": figures.pledged_idr,
        "needed_idr": figures.needed_idr,
    }


def _payouts_json(payouts: Ledger) -> dict[str, Any]:
    """`given` are reported, `confirmed` has the family's word; `late` are due after the month's due day."""
    return {
        "month": str(payouts.month),
        "expected": payouts.owed,
        "expected_idr": payouts.owed_idr,
        "given": payouts.given,
        "given_idr": payouts.reported_idr,
        "confirmed": payouts.confirmed,
        "received_idr": payouts.received_idr,
        "disputed_or_short": payouts.doubted,
        "late": payouts.late,
        "waived": payouts.counts[PayoutState.WAIVED],
    }


def _participation_json(row: Participation) -> dict[str, Any]:
    return {
        "name": row.name,
        "staff_count": row.staff_count,
        "signed_up": row.signed_up,
        "verified": row.verified,
        "giving": row.giving,
        "percent": percentage(row.share),
    }
