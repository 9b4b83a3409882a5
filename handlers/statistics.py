"""C1 /statistik: where the programme stands, in words and a picture.

`/statistik` is everything in scope; `/statistik Sijuk` one kecamatan by its desa, `/statistik Terong` one desa;
`opd` the ASN by office, `jenis` the kinds of foster parents; `salur`, `gizi`, `tumbuh`: `handlers.topics`. A month that
is over may stand beside each, or alone: `/statistik Sijuk 2025-09`.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial

from sqlalchemy import and_
from sqlmodel import col

from handlers import coverage_wording as wording
from handlers.kit.chat import Chat
from handlers.kit.conversation import Audience, conversation
from handlers.kit.days import parse_month
from handlers.texts import Words, join, t
from handlers.topics import TOPICS
from handlers.wording import KINDS
from models.asking import place_called
from models.children import Child
from models.counting import Figures
from models.errors import BadInput
from models.giving import giving_by_kind
from models.grants import Scope
from models.months import Month
from models.statistics import (
    Coverage,
    Point,
    coverage,
    coverage_by_village,
    history,
    participation,
    together,
)

OFFICES_SHOWN = 15


Answer = Callable[[Chat, date], None]
"""Says where something stands on a day."""


@conversation(
    "statistik", "stats", "statistics", title=t.statistics.title(), who=Audience.COORDINATOR, menu=40
)
def statistics(chat: Chat) -> None:
    """Answer by what follows the command: of what, and until the end of which month."""
    typed = chat.argument.split()
    for subject, month in _readings(typed, chat.today):
        if (answer := _answer(chat, subject)) is not None:
            answer(chat, min(month.last_day, chat.today))
            return
    known = [area.name for area in chat.programme.areas if chat.scope.covers(area.name)]
    chat.say(t.statistics.unknown(given=" ".join(typed), example=known[0] if known else "opd"))


def _readings(typed: list[str], today: date) -> Iterator[tuple[str, Month]]:
    """Yield what may be meant: all of it the subject, or a month behind the subject, or before it."""
    yield " ".join(typed), Month.of(today)
    for length in (2, 1):
        for month, subject in ((typed[-length:], typed[:-length]), (typed[:length], typed[length:])):
            with suppress(BadInput):
                yield " ".join(subject), parse_month(" ".join(month), today)


def _answer(chat: Chat, subject: str) -> Answer | None:
    """Return what answers a subject; None where nothing has that name, or it is a kecamatan out of scope."""
    if (answer := _SUBJECTS.get(subject.casefold())) is not None:
        return answer
    found = place_called(chat.programme, subject)
    if found is None or not chat.scope.covers(found[0].name):
        return None
    area, village = found
    return (
        partial(_area, name=area.name) if village is None else partial(_village, area=area.name, name=village)
    )


def _overview(chat: Chat, day: date) -> None:
    """Coverage of everything in scope on a day, with the chart."""
    scope = chat.scope
    found = coverage(chat.db, chat.programme, day, scope, lately=True)
    points = history(chat.db, chat.programme, day, scope, lately=True)
    offices = together(participation(chat.db, chat.programme, day, scope))
    words = [
        wording.headline(chat, found),
        wording.change(points),
        *wording.outlook(points),
        join([wording.levels(found), t.statistics.pending(pending=found.pending)]),
        wording.money(found),
        wording.payouts(chat, found.month, scope.children()),
        wording.check_ins(chat, day, scope),
        join([t.statistics.by_area(), *[wording.place_line(place) for place in found.places]]),
        wording.asn(chat, offices),
        wording.definition(found, points),
    ]
    _send(chat, found, points, words)


def _area(chat: Chat, day: date, *, name: str) -> None:
    """One kecamatan in scope by its desa."""
    inside = Scope(frozenset({name}))
    found = coverage_by_village(chat.db, chat.programme, day, chat.scope, name)
    points = history(chat.db, chat.programme, day, inside)
    words = [
        wording.headline(chat, found),
        wording.change(points),
        wording.payouts(chat, found.month, inside.children()),
        *wording.outlook(points),
        join(
            [t.statistics.by_village(), *[wording.place_line(p) for p in found.places if p.figures.children]]
        ),
        wording.definition(found, points),
    ]
    _send(chat, found, points, words)


def _village(chat: Chat, day: date, *, area: str, name: str) -> None:
    """One desa of a kecamatan in scope. No picture: in a desa with two children everybody knows who they are."""
    whole = coverage_by_village(chat.db, chat.programme, day, chat.scope, area)
    figures = next((place.figures for place in whole.places if place.name == name), Figures())
    found = replace(whole, total=figures)
    here = and_(Scope(frozenset({area})).children(), col(Child.village) == name)
    words: list[Words] = [wording.headline(chat, found, t.statistics.village(name=name, area=area))]
    if figures.children:
        words += [
            wording.levels(found),
            wording.money(found),
            wording.payouts(chat, found.month, here),
            wording.definition(found, ()),
        ]
    chat.say(
        join(words, "\n\n"),
        buttons=[[(t.statistics.area_button(area=area), f"/statistik {area}")], [(t.kit.menu(), "/menu")]],
    )


def _offices(chat: Chat, day: date) -> None:
    rows = participation(chat.db, chat.programme, day, chat.scope)
    known = [row for row in rows if row.signed_up or row.staff_count]
    lines = [wording.office_line(row) for row in known[:OFFICES_SHOWN]]
    if len(known) > OFFICES_SHOWN:
        lines.append(t.report.offices_more(more=len(known) - OFFICES_SHOWN))
    chat.say(
        join([t.statistics.offices(day=day), join(lines), wording.asn(chat, together(rows))], "\n\n"),
        buttons=[[(t.kit.menu(), "/menu")]],
    )


def _kinds(chat: Chat, day: date) -> None:
    """Who gives, by kind: people, children, what is promised and what families say has come in the month."""
    lines = [
        t.statistics.kind(
            kind=KINDS[one.kind],
            people=one.foster_parents,
            children=one.children,
            pledged=one.pledged_idr,
            received=one.received_idr,
        )
        for one in giving_by_kind(chat.db, day, chat.scope)
        if one.foster_parents
    ]
    month = Month.of(day)
    words = t.statistics.kinds(month=month) if lines else t.statistics.kinds_none(month=month)
    chat.say(join([words, *lines]), buttons=[[(t.kit.menu(), "/menu")]])


def _send(chat: Chat, found: Coverage, points: tuple[Point, ...], words: list[Words]) -> None:
    """Words first, then the picture with the ways on."""
    chat.say(join(words, "\n\n"))
    areas = [
        [(t.statistics.area_button(area=place.name), f"/statistik {place.name}")]
        for place in found.places
        if found.area is None
    ]
    ways = [
        *areas,
        [
            (t.statistics.offices_button(), "/statistik opd"),
            (t.statistics.growth_button(), "/statistik tumbuh"),
        ],
        [
            (t.statistics.time_button(), "/statistik salur"),
            (t.statistics.food_button(), "/statistik gizi"),
        ],
    ]
    ways.append([(t.kit.menu(), "/menu")])
    kind = "villages" if found.area else "coverage"
    chat.say(
        t.statistics.picture(day=found.day),
        picture=(
            kind,
            wording.coverage_chart(found, points, wording.whereabouts(chat, found), chat.language),
        ),
        buttons=ways,
    )


# -- what may be asked ------------------------------------------------------------------------------------------------

_SUBJECTS: dict[str, Answer] = {
    "": _overview,
    **dict.fromkeys(("opd", "asn", "office", "offices"), _offices),
    **dict.fromkeys(("jenis", "kind", "kinds"), _kinds),
    **TOPICS,
}
"""What is written behind the command, beside the places."""
