"""The month's report (C8) as data: what `jobs.documents` makes a PDF of. No child stands in it: it is for the Sekda."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from handlers.kit.messages import Document
from handlers.statistics import coverage_chart
from handlers.texts import Words, plain, render, t
from handlers.wording import KINDS
from models.checkins import count_check_ins, families_to_ask
from models.givers import Givers, givers_by_kind
from models.grants import Scope
from models.ledger import Ledger, ledger
from models.months import Month, local_day
from models.payouts import PayoutState
from models.programme import Programme
from models.statistics import (
    Coverage,
    Figures,
    Participation,
    coverage,
    history,
    participation,
    percent,
    together,
)

OFFICES_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Reporting:
    """A report to be made: of a month, in a scope, as it stands now, in a language."""

    session: Session
    programme: Programme
    now: datetime
    month: Month
    scope: Scope
    language: str

    @property
    def today(self) -> date:
        """The programme's calendar day."""
        return local_day(self.now, self.programme.zone)

    @property
    def day(self) -> date:
        """The day whose coverage is told: the month's last, or today while it runs."""
        return min(self.month.last_day, self.today)

    @property
    def place(self) -> str:
        """What is reported on: the district, or the own kecamatan."""
        if self.scope.areas is None:
            return self.programme.district.name
        return ", ".join(sorted(self.scope.areas))

    def say(self, words: Words) -> str:
        """Write words in the reader's language, without markup."""
        return plain(render(words, self.language))

    def number(self, count: int) -> str:
        """Write a count."""
        return self.say(t.report.number(n=count))

    def rupiah(self, amount_idr: int) -> str:
        """Write whole rupiah."""
        return self.say(t.report.rupiah(amount=amount_idr))

    def share(self, figures: Figures | Participation) -> str:
        """Write a share, a dash when there is none."""
        found = figures.share
        return "-" if found is None else self.say(t.report.share(share=float(percent(found)) / 100))


def report_pdf(reporting: Reporting) -> Document:
    """Return the PDF: without any child's name, to be passed on."""
    return Document("month", _pdf(reporting), f"{file_name(reporting)}.pdf", reporting.say(t.report.sorry()))


def file_name(reporting: Reporting) -> str:
    """Return how a report's file is called, without its ending."""
    return reporting.say(t.report.file_name(month=str(reporting.month)))


# -- the PDF --------------------------------------------------------------------------------------------------------


def _pdf(r: Reporting) -> dict[str, Any]:
    found = coverage(r.session, r.programme, r.day, r.scope)
    points = history(r.session, r.programme, r.day, r.scope)
    paid = ledger(r.session, r.programme, r.month, r.today, r.scope.children())
    offices = participation(r.session, r.programme, r.day, r.scope)
    givers = givers_by_kind(r.session, r.month, r.scope.children())
    letterhead = r.programme.letterhead
    return {
        "locale": r.language,
        "letterhead": [*letterhead.lines, _office(r)],
        "title": r.say(t.report.heading()),
        "subtitle": r.say(t.report.subtitle(place=r.place, month=r.month, day=r.day)),
        "figures": [
            _figure(r, r.number(found.total.fully_supported), t.report.figure_covered()),
            _figure(r, r.share(found.total), t.report.figure_share()),
            _figure(r, r.rupiah(paid.received_idr), t.report.figure_received()),
            _figure(r, r.number(sum(one.people for one in givers)), t.report.figure_givers()),
        ],
        "words": [r.say(words) for words in _summary(r, found, paid, together(offices))],
        "bars": _bars(r, found, paid),
        "tables": [
            areas_table(r, found),
            _givers(r, givers),
            _payouts(r, paid),
            _offices(r, offices),
        ],
        "chart": coverage_chart(found, points, r.place, r.language),
        "definitions": [
            r.say(
                t.report.definition_coverage(
                    amount=found.monthly_idr, target=r.programme.district.target_children
                )
            ),
            r.say(t.report.definition_payouts()),
            r.say(t.report.definition_privacy()),
        ],
        "signature": _signature(r),
        "footer": r.say(t.report.footer(place=r.place, month=r.month, at=r.now)),
        "page": r.say(t.report.page()),
    }


def _office(r: Reporting) -> str:
    contact = r.programme.contact
    return " · ".join(part for part in (contact.office, contact.phone) if part)


def _signature(r: Reporting) -> list[str]:
    letterhead = r.programme.letterhead
    if not letterhead.signed_by:
        return []
    return [r.say(t.report.signature_place(place=letterhead.place, day=r.today)), letterhead.signed_by]


def _figure(r: Reporting, value: str, label: Words) -> dict[str, str]:
    return {"value": value, "label": r.say(label)}


def _summary(r: Reporting, found: Coverage, paid: Ledger, asn: Participation) -> list[Words]:
    total = found.total
    counts = paid.counts
    words: list[Words] = [
        t.report.words_coverage(
            day=r.day,
            full=total.fully_supported,
            children=total.children,
            share=float(percent(total.share)) / 100,
            partly=total.partly_supported,
            none=total.unsupported,
        )
        if total.share is not None
        else t.report.words_none(day=r.day),
        t.report.words_payouts(
            owed=paid.owed,
            confirmed=counts[PayoutState.CONFIRMED],
            received=paid.received_idr,
            promised=paid.owed_idr,
            reported=counts[PayoutState.REPORTED],
            disputed=counts[PayoutState.DISPUTED] + counts[PayoutState.SHORT],
            due=counts[PayoutState.DUE],
        )
        if paid.owed
        else t.report.words_no_payouts(),
        t.report.words_check_ins(
            answered=count_check_ins(r.session, r.month, r.scope.children()),
            families=families_to_ask(r.session, r.scope.children()),
        ),
        t.report.words_asn(giving=asn.giving, signed=asn.signed_up),
    ]
    return [t.report.running(), *words] if r.day < r.month.last_day else words


def _bars(r: Reporting, found: Coverage, paid: Ledger) -> list[dict[str, Any]]:
    total, counts = found.total, paid.counts
    unsettled = (PayoutState.DISPUTED, PayoutState.SHORT, PayoutState.DUE)
    return [
        {
            "title": r.say(t.report.bar_coverage()),
            "parts": [
                (r.say(t.report.part_full()), total.fully_supported),
                (r.say(t.report.part_partly()), total.partly_supported),
                (r.say(t.report.part_none()), total.unsupported),
            ],
        },
        {
            "title": r.say(t.report.bar_payouts()),
            "parts": [
                (r.say(t.report.part_confirmed()), counts[PayoutState.CONFIRMED]),
                (r.say(t.report.part_reported()), counts[PayoutState.REPORTED]),
                (r.say(t.report.part_open()), sum(counts[state] for state in unsettled)),
            ],
        },
    ]


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


def areas_table(r: Reporting, found: Coverage) -> dict[str, Any]:
    """Return coverage by kecamatan (`jobs.documents.ReportTable`)."""

    def row(name: str, figures: Figures) -> list[str]:
        counts = (figures.children, figures.fully_supported, figures.partly_supported, figures.unsupported)
        return [name, *map(r.number, counts), r.share(figures)]

    return _table(
        r,
        t.report.table_areas(),
        [
            t.report.column_area(),
            t.report.column_children(),
            t.report.column_full(),
            t.report.column_partly(),
            t.report.column_none(),
            t.report.column_share(),
        ],
        [row(place.name, place.figures) for place in found.places],
        total=row(r.say(t.report.total()), found.total),
    )


def _payouts(r: Reporting, paid: Ledger) -> dict[str, Any]:
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


def _givers(r: Reporting, givers: Sequence[Givers]) -> dict[str, Any]:
    columns = (
        t.report.column_kind(),
        t.report.column_people(),
        t.report.column_children(),
        t.report.column_monthly(),
    )
    rows = [
        [r.say(KINDS[one.kind]), r.number(one.people), r.number(one.children), r.rupiah(one.monthly_idr)]
        for one in givers
    ]
    return _table(r, t.report.table_givers(), columns, rows)


def _offices(r: Reporting, offices: Sequence[Participation]) -> dict[str, Any]:
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
