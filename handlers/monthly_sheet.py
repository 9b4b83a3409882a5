"""The month as an Excel file with names (C8): the children and payouts of the asking coordinator's own area.

Whoever calls this has asked twice and recorded who asked; their name stands on every page.
"""

from collections.abc import Sequence
from typing import Any

from handlers.kit.messages import Document
from handlers.monthly import file_name
from handlers.monthly_tables import areas_table
from handlers.reporting import Reporting
from handlers.texts import Words, t
from models.children import ChildStatus
from models.listed import families_in, payouts_since
from models.payouts import PayoutState
from models.statistics import coverage

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
    areas = areas_table(r, found)
    return {
        "title": r.say(t.report.heading()),
        "footer": watermark,
        "sheets": [
            _sheet(r, t.report.sheet_summary(), head, areas["columns"], areas["rows"]),
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
) -> dict[str, Any]:
    return {
        "name": r.say(name),
        "head": head,
        "columns": columns,
        "rows": rows,
        "money": list(money),
    }


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
            r.say(STATUSES[one.child.status]),
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
