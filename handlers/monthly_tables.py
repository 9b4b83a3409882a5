"""The tables of the month's report, as `jobs.documents.ReportTable` has them."""

from collections.abc import Sequence
from typing import Any

from handlers.reporting import Reporting
from handlers.texts import Words, t
from handlers.wording import HEIGHTS, KINDS
from models.counting import Figures
from models.giving import Giving
from models.grants import Scope
from models.growth_statistics import Mentoring
from models.ledger import Ledger, ledger
from models.payouts import PayoutState
from models.statistics import Coverage, Participation

OFFICES_SHOWN = 15

AREA_COLUMNS = (
    t.report.column_area(),
    t.report.column_children(),
    t.report.column_full(),
    t.report.column_partly(),
    t.report.column_none(),
    t.report.column_share(),
)


def area_counts(figures: Figures) -> tuple[int, ...]:
    """Return what stands between a kecamatan's name and its share."""
    return figures.children, figures.fully_supported, figures.partly_supported, figures.unsupported


def areas_table(r: Reporting, found: Coverage) -> dict[str, Any]:
    """Return coverage by kecamatan (`jobs.documents.ReportTable`)."""

    def row(name: str, figures: Figures) -> list[str]:
        return [name, *map(r.number, area_counts(figures)), r.share(figures)]

    return _table(
        r,
        t.report.table_areas(),
        AREA_COLUMNS,
        [row(place.name, place.figures) for place in found.places],
        total=row(r.say(t.report.total()), found.total),
    )


def payouts_table(r: Reporting, paid: Ledger) -> dict[str, Any]:
    """Return the month's payouts by kecamatan."""

    def row(name: str, one: Ledger) -> list[str]:
        return [
            name,
            r.number(one.owed),
            r.number(one.counts[PayoutState.CONFIRMED]),
            r.rupiah(one.owed_idr),
            r.rupiah(one.received_idr),
        ]

    inside = [area.name for area in r.programme.areas if paid.owed and r.scope.covers(area.name)]
    by_area = {
        name: ledger(r.session, r.programme, r.month, r.today, Scope(frozenset({name})).children())
        for name in inside
    }
    return _table(
        r,
        t.report.table_payouts(),
        [
            t.report.column_area(),
            t.report.column_owed(),
            t.report.column_confirmed(),
            t.report.column_promised(),
            t.report.column_received(),
        ],
        [row(name, one) for name, one in by_area.items()],
        total=row(r.say(t.report.total()), paid) if inside else None,
    )


def givers_table(r: Reporting, givers: Sequence[Giving]) -> dict[str, Any]:
    """Return who gives, by kind."""
    columns = (
        t.report.column_kind(),
        t.report.column_people(),
        t.report.column_children(),
        t.report.column_monthly(),
    )
    rows = [
        [
            r.say(KINDS[one.kind]),
            r.number(one.foster_parents),
            r.number(one.children),
            r.rupiah(one.pledged_idr),
        ]
        for one in givers
    ]
    return _table(r, t.report.table_givers(), columns, rows)


def offices_table(r: Reporting, offices: Sequence[Participation]) -> dict[str, Any]:
    """Return the ASN's participation by office, the first of them."""
    shown = [row for row in offices if row.name and (row.signed_up or row.staff_count)]
    more = len(shown) - OFFICES_SHOWN
    return _table(
        r,
        t.report.table_offices(),
        [
            t.report.column_office(),
            t.report.column_staff(),
            t.report.column_signed(),
            t.report.column_giving(),
            t.report.column_participation(),
        ],
        [
            [
                row.name or "",
                r.number(row.staff_count) if row.staff_count else r.say(t.report.no_staff()),
                r.number(row.signed_up),
                r.number(row.giving),
                r.share(row),
            ]
            for row in shown[:OFFICES_SHOWN]
        ],
        note=r.say(t.report.offices_more(more=more)) if more > 0 else "",
    )


def growth_table(r: Reporting, found: Mentoring) -> dict[str, Any]:
    """Return height for age at entry and now; without rows where nobody has been measured."""
    columns = (t.report.column_height_for_age(), t.report.column_entry(), t.report.column_now())
    rows = [
        [r.say(label), r.number(found.entry.get(severity, 0)), r.number(found.now.get(severity, 0))]
        for severity, label in HEIGHTS.items()
    ]
    total = [r.say(t.report.total()), r.number(found.children), r.number(found.measured)]
    return _table(r, t.report.table_growth(), columns, rows if found.measured else [], total=total)


def _table(
    r: Reporting,
    title: Words,
    columns: Sequence[Words],
    rows: list[list[str]],
    *,
    total: list[str] | None = None,
    note: str = "",
) -> dict[str, Any]:
    return {
        "title": r.say(title),
        "columns": [r.say(column) for column in columns],
        "rows": [*rows, total] if total else rows,
        "right": list(range(1, len(columns))),
        "total": total is not None,
        "note": note,
    }
