"""The month as an Excel file with names (C8): the children and payouts of the asking coordinator's own area.

Whoever calls this has asked twice and recorded who asked; their name stands on every page.
"""

from collections.abc import Sequence
from typing import Any

from handlers.kit.messages import Document
from handlers.monthly import file_name
from handlers.monthly_tables import AREA_COLUMNS, area_counts
from handlers.reporting import Reporting
from handlers.texts import Words, t
from models.children import Child, ChildStatus
from models.counting import Figures
from models.listed import families_in, payouts_since
from models.payouts import PayoutState
from models.statistics import Coverage, coverage

STATUSES = {
    ChildStatus.AT_RISK: t.report.status_at_risk(),
    ChildStatus.STUNTED: t.report.status_stunted(),
    ChildStatus.GRADUATED: t.report.status_graduated(),
    ChildStatus.MOVED: t.report.status_moved(),
    ChildStatus.DIED: t.report.status_died(),
}

PAYOUTS = {
    PayoutState.DUE: t.report.payout_due(),
    PayoutState.REPORTED: t.report.payout_reported(),
    PayoutState.SHORT: t.report.payout_short(),
    PayoutState.DISPUTED: t.report.payout_disputed(),
    PayoutState.CONFIRMED: t.report.payout_confirmed(),
    PayoutState.WAIVED: t.report.payout_waived(),
}


def report_sheet(reporting: Reporting, asked_by: str) -> Document:
    """Return the Excel file with names, marked with who asked for it."""
    name = f"{file_name(reporting)}.xlsx"
    return Document("workbook", _sheets(reporting, asked_by), name, reporting.say(t.report.sorry()))


def _sheets(r: Reporting, asked_by: str) -> dict[str, Any]:
    watermark = r.say(t.report.watermark(name=asked_by, at=r.now))
    head = [r.say(t.report.subtitle(place=r.place, month=r.month, day=r.day)), watermark]
    found = coverage(r.session, r.programme, r.day, r.scope)
    return {
        "title": r.say(t.report.heading()),
        "footer": watermark,
        "sheets": [
            _sheet(r, t.report.sheet_summary(), head, *_areas(r, found), shares=[5]),
            _sheet(r, t.report.sheet_children(), head, *_children(r), money=[9]),
            _sheet(r, t.report.sheet_payouts(), head, *_transfers(r), money=[4, 5, 6]),
        ],
    }


def _sheet(
    r: Reporting,
    name: Words,
    head: list[str],
    columns: list[str],
    rows: list[list[Any]],
    money: Sequence[int] = (),
    shares: Sequence[int] = (),
) -> dict[str, Any]:
    return {
        "name": r.say(name),
        "head": head,
        "columns": columns,
        "rows": rows,
        "money": list(money),
        "shares": list(shares),
    }


def _areas(r: Reporting, found: Coverage) -> tuple[list[str], list[list[Any]]]:
    """Return coverage by kecamatan as the PDF has it, in numbers that Excel can add."""

    def row(name: str, figures: Figures) -> list[Any]:
        share = figures.share
        return [name, *area_counts(figures), None if share is None else float(share)]

    rows = [row(place.name, place.figures) for place in found.places]
    return [r.say(column) for column in AREA_COLUMNS], [*rows, row(r.say(t.report.total()), found.total)]


def _status(r: Reporting, child: Child) -> str:
    """What a child listed on the report's day is today: one that has left since, since when."""
    status = r.say(STATUSES[child.status])
    return r.say(t.report.status_since(status=status, day=child.left_on)) if child.left_on else status


def _children(r: Reporting) -> tuple[list[str], list[list[Any]]]:
    columns = [
        t.report.column_code(),
        t.report.column_name(),
        t.report.column_born(),
        t.report.column_area(),
        t.report.column_village(),
        t.report.column_status(),
        t.report.column_guardian(),
        t.report.column_phone(),
        t.report.column_people(),
        t.report.column_pledged(),
    ]
    rows = [
        [
            one.child.code,
            one.child.name,
            one.child.born_on.isoformat(),
            one.child.area,
            one.child.village,
            _status(r, one.child),
            one.guardian.name if one.guardian else None,
            one.guardian.phone if one.guardian else None,
            one.givers,
            one.pledged_idr,
        ]
        for one in families_in(r.session, r.day, r.month, r.scope.children())
    ]
    return [r.say(column) for column in columns], rows


def _transfers(r: Reporting) -> tuple[list[str], list[list[Any]]]:
    columns = [
        t.report.column_code(),
        t.report.column_area(),
        t.report.column_giver(),
        t.report.column_state(),
        t.report.column_promised(),
        t.report.column_reported(),
        t.report.column_received(),
    ]
    rows = [
        [
            child.code,
            child.area,
            giver.name,
            r.say(PAYOUTS[payout.state]),
            payout.amount_idr,
            payout.reported_idr,
            payout.received_idr,
        ]
        for payout, child, giver in payouts_since(r.session, r.month, r.scope.children(), last=r.month)
    ]
    return [r.say(column) for column in columns], rows
