"""The month's report (C8) as data: what `jobs.documents` makes a PDF of. No child stands in it: it is for the Sekda."""

from typing import Any

from handlers.coverage_wording import coverage_chart
from handlers.kit.messages import Document
from handlers.monthly_tables import areas_table, givers_table, growth_table, offices_table, payouts_table
from handlers.reporting import Reporting
from handlers.texts import Words, t
from models.checkins import children_to_ask, count_check_ins
from models.giving import giving_by_kind
from models.growth_statistics import Mentoring, mentoring
from models.ledger import Ledger, ledger
from models.payouts import PayoutState
from models.statistics import Coverage, Participation, coverage, history, participation, rounded, together


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
    givers = [one for one in giving_by_kind(r.session, r.day, r.scope) if one.foster_parents]
    grown = mentoring(r.session, r.day, r.month, r.scope)
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
            _figure(r, r.number(sum(one.foster_parents for one in givers)), t.report.figure_givers()),
        ],
        "words": [r.say(words) for words in _summary(r, found, paid, grown, together(offices))],
        "bars": _bars(r, found, paid),
        "tables": [
            areas_table(r, found),
            givers_table(r, givers),
            payouts_table(r, paid),
            growth_table(r, grown),
            offices_table(r, offices),
        ],
        "chart": coverage_chart(found, points, r.place, r.language),
        "definitions": [
            r.say(
                t.report.definition_coverage(
                    amount=found.monthly_idr, target=r.programme.district.target_children
                )
            ),
            r.say(t.report.definition_payouts()),
            r.say(t.report.definition_growth(day=r.day)),
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


def _summary(
    r: Reporting, found: Coverage, paid: Ledger, grown: Mentoring, asn: Participation
) -> list[Words]:
    total = found.total
    counts = paid.counts
    words: list[Words] = [
        t.report.words_coverage(
            day=r.day,
            full=total.fully_supported,
            children=total.children,
            share=rounded(total.share),
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
            asked=children_to_ask(r.session, r.day, r.scope.children()),
        ),
        t.report.words_visits(visits=grown.visits, visited=grown.visited),
        t.report.words_growth(improved=grown.improved, graduated=grown.graduated)
        if grown.measured
        else t.report.words_not_measured(),
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
