"""C1 /statistik: where the programme stands, in words and a picture.

`/statistik` is everything in scope; `/statistik Sijuk` one kecamatan by its desa; `/statistik opd` the ASN by office;
`/statistik 2025-09` (or `september`) a month that is over; `/statistik salur`, `gizi`, `tumbuh`: `handlers.topics`.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from handlers.kit.chat import Chat
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import month_named
from handlers.texts import Words, join, plain, render, short_month, t
from handlers.topics import TOPICS
from models.checkins import count_check_ins
from models.errors import BadInput
from models.forecast import forecast
from models.grants import Scope
from models.ledger import ledger
from models.months import Month
from models.programme import Area
from models.statistics import (
    Coverage,
    Participation,
    Place,
    Point,
    coverage,
    coverage_by_village,
    history,
    participation,
    percentage,
    rounded,
    together,
)

OFFICES_SHOWN = 15


@conversation(
    "statistik", "stats", "statistics", title=t.statistics.title(), who=Audience.COORDINATOR, menu=40
)
def statistics(chat: Chat) -> None:
    """Answer by what follows the command."""
    scope, argument = chat.scope, chat.argument.strip()
    if argument.casefold() == "opd":
        _offices(chat, scope)
        return
    if (topic := TOPICS.get(argument.casefold())) is not None:
        topic(chat)
        return
    if not argument:
        _overview(chat, scope, chat.today)
        return
    try:
        _overview(chat, scope, min(month_typed(argument, chat.today).last_day, chat.today))
    except BadInput:
        _area(chat, scope, argument)


def _overview(chat: Chat, scope: Scope, day: date) -> None:
    """Coverage of everything in scope on a day, with the chart."""
    found = coverage(chat.db, chat.programme, day, scope, lately=True)
    points = history(chat.db, chat.programme, day, scope, lately=True)
    offices = together(participation(chat.db, chat.programme, day, scope))
    words = [
        _headline(chat, found),
        _change(points),
        *_forecast(points),
        t.statistics.levels(
            full=found.total.fully_supported,
            partly=found.total.partly_supported,
            none=found.total.unsupported,
            pending=found.pending,
        ),
        t.statistics.money(pledged=found.total.pledged_idr, needed=found.total.needed_idr),
        _payouts(chat, found.month, scope),
        _check_ins(chat, day, scope),
        join([t.statistics.by_area(), *[_place(place) for place in found.places]]),
        _asn(chat, offices),
        _definition(found, points),
    ]
    _send(chat, found, points, words)


def _area(chat: Chat, scope: Scope, name: str) -> None:
    """One kecamatan by its desa; a foreign one answers as an unknown one does."""
    area = _area_in_scope(chat, scope, name)
    if area is None:
        known = [a.name for a in chat.programme.areas if scope.covers(a.name)]
        chat.say(t.statistics.unknown(given=name, example=known[0] if known else "opd"))
        return
    found = coverage_by_village(chat.db, chat.programme, chat.today, scope, area.name)
    points = history(chat.db, chat.programme, chat.today, Scope(frozenset({area.name})))
    words = [
        _headline(chat, found),
        _change(points),
        _payouts(chat, found.month, Scope(frozenset({area.name}))),
        *_forecast(points),
        join([t.statistics.by_village(), *[_place(p) for p in found.places if p.figures.children]]),
        _definition(found, points),
    ]
    _send(chat, found, points, words)


def _offices(chat: Chat, scope: Scope) -> None:
    rows = participation(chat.db, chat.programme, chat.today, scope)
    shown = [row for row in rows if row.signed_up or row.staff_count][:OFFICES_SHOWN]
    lines: list[Words] = [_office(row) for row in shown]
    chat.say(
        join([t.statistics.offices(day=chat.today), join(lines), _asn(chat, together(rows))], "\n\n"),
        buttons=[[(t.kit.menu(), "/menu")]],
    )


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
        picture=(kind, coverage_chart(found, points, _where(chat, found), chat.language)),
        buttons=ways,
    )


# -- words --------------------------------------------------------------------------------------------------------


def _headline(chat: Chat, found: Coverage) -> Words:
    figures = found.total
    place = _where(chat, found)
    if figures.share is None:
        return t.statistics.no_children(place=place, day=found.day)
    return t.statistics.headline(
        place=place,
        full=figures.fully_supported,
        children=figures.children,
        share=rounded(figures.share),
        day=found.day,
    )


def _where(chat: Chat, found: Coverage) -> str:
    """Name what was counted: a kecamatan, the own kecamatan, or the whole district."""
    if found.area is not None:
        return found.area
    own = [place.name for place in found.places]
    return chat.programme.district.name if chat.scope.whole_district else ", ".join(own)


def _change(points: tuple[Point, ...]) -> Words:
    """Compare with the month before, where there is one."""
    if len(points) < 2:
        return t.statistics.no_history()
    before, now = points[-2], points[-1]
    change = now.figures.fully_supported - before.figures.fully_supported
    if change == 0:
        return t.statistics.unchanged(month=before.month)
    words = t.statistics.more if change > 0 else t.statistics.fewer
    return words(change=abs(change), before=before.figures.fully_supported, month=before.month)


def _payouts(chat: Chat, month: Month, scope: Scope) -> Words:
    """How a month's payouts stand: expected, given, confirmed, late."""
    paid = ledger(chat.db, chat.programme, month, chat.today, scope.children())
    if not paid.owed:
        return t.statistics.no_payouts(month=month)
    return t.statistics.payouts(
        month=month,
        owed=paid.owed,
        promised=paid.owed_idr,
        given=paid.given,
        reported=paid.reported_idr,
        confirmed=paid.confirmed,
        received=paid.received_idr,
        late=paid.late,
        doubted=paid.doubted,
    )


def _check_ins(chat: Chat, day: date, scope: Scope) -> Words:
    """How many answered the last check-in that families had been asked for on a day."""
    month = Month.of(day)
    if day < month.day(chat.programme.schedule.checkin_day):
        month = month.plus(-1)
    return t.statistics.check_ins(month=month, answered=count_check_ins(chat.db, month, scope.children()))


def _forecast(points: tuple[Point, ...]) -> list[Words]:
    """Say when all children are supported at the present pace, where there is a pace."""
    seen = forecast(points)
    if seen is None or not points[-1].figures.children:
        return []
    children = points[-1].figures.children
    if seen.missing == 0:
        return [t.statistics.forecast_done(children=children)]
    pace = Decimal(round(seen.per_month * 10)) / 10
    if seen.reached is None:
        return [t.statistics.forecast_none(months=seen.months, pace=pace, children=children)]
    return [t.statistics.forecast(months=seen.months, pace=pace, children=children, reached=seen.reached)]


def _place(place: Place) -> Words:
    figures = place.figures
    if figures.share is None:
        return t.statistics.place_empty(name=place.name)
    return t.statistics.place(
        name=place.name,
        full=figures.fully_supported,
        children=figures.children,
        share=rounded(figures.share),
        partly=figures.partly_supported,
        none=figures.unsupported,
    )


def _asn(chat: Chat, total: Participation) -> Words:
    if (
        not chat.scope.whole_district
    ):  # of all the district's ASN those who give here, which is another question
        place = chat.scope.named(chat.programme.district.name)
        return t.statistics.asn_here(giving=total.giving, place=place, signed=total.signed_up)
    if total.share is None:
        return t.statistics.asn_unknown(signed=total.signed_up, giving=total.giving)
    return t.statistics.asn(
        signed=total.signed_up,
        giving=total.giving,
        staff=total.staff_count or 0,
        share=rounded(total.share),
    )


def _office(row: Participation) -> Words:
    name = row.name or t.statistics.no_office()
    if row.share is None:
        return t.statistics.office_unknown(name=name, giving=row.giving, signed=row.signed_up)
    return t.statistics.office(
        name=name,
        giving=row.giving,
        staff=row.staff_count or 0,
        share=rounded(row.share),
        signed=row.signed_up,
    )


def _definition(found: Coverage, points: tuple[Point, ...]) -> Words:
    """Say what was counted, and, where it was not counted just now, when."""
    words = t.statistics.definition(
        amount=found.monthly_idr, day=found.day, children=found.total.children, target=found.target_children
    )
    counted = [at for at in (found.counted_at, *(point.counted_at for point in points)) if at is not None]
    return join([words, t.statistics.counted(at=min(counted))], " ") if counted else words


# -- the picture --------------------------------------------------------------------------------------------------


def coverage_chart(found: Coverage, points: tuple[Point, ...], place: str, language: str) -> dict[str, Any]:
    """Return the chart's data, all its words in the reader's language (`jobs.charts.CoverageChart`)."""

    def say(words: Words) -> str:
        return plain(render(words, language))

    figures = found.total
    return {
        "locale": language,
        "title": say(t.statistics.chart_title(place=place)),
        "headline": say(t.statistics.chart_headline(full=figures.fully_supported, children=figures.children)),
        "subtitle": say(t.statistics.chart_subtitle(share=rounded(figures.share), day=found.day)),
        "change": say(_change(points)),
        "fully": say(t.statistics.chart_full()),
        "partly": say(t.statistics.chart_partly()),
        "none": say(t.statistics.chart_none()),
        "places_title": say(t.statistics.chart_villages() if found.area else t.statistics.chart_areas()),
        "places": [_bar(p, say) for p in found.places if p.figures.children or found.area is None],
        "others": say(t.statistics.chart_others()),
        "history_title": say(t.statistics.chart_history()),
        "history": [_point(language, point, say) for point in points],
        "footnote": say(_definition(found, points)),
        "empty": say(t.statistics.chart_empty()),
    }


def _bar(place: Place, say: Callable[[Words], str]) -> dict[str, Any]:
    figures = place.figures
    caption = t.statistics.chart_bar(full=figures.fully_supported, children=figures.children)
    return {
        "label": place.name,
        "fully": figures.fully_supported,
        "partly": figures.partly_supported,
        "none": figures.unsupported,
        "caption": say(caption),
    }


def _point(language: str, point: Point, say: Callable[[Words], str]) -> dict[str, Any]:
    return {
        "label": short_month(point.month, language),
        "percent": percentage(point.figures.share),
        "caption": say(t.statistics.chart_point(share=rounded(point.figures.share))),
    }


# -- what was asked -------------------------------------------------------------------------------------------------


def _area_in_scope(chat: Chat, scope: Scope, name: str) -> Area | None:
    try:
        area = chat.programme.area_named(name)
    except BadInput:
        return None
    return area if scope.covers(area.name) else None


def month_typed(text: str, today: date) -> Month:
    """Return the month that was typed, `2025-09` or `september`. Raises BadInput when it is none, or to come."""
    try:
        month = Month.parse(text)
    except ValueError:
        number = month_named(text.casefold())
        month = Month(today.year, number)
        if month.first_day > today:
            month = month.plus(-12)
    if month.first_day > today:
        raise BadInput("month")
    return month
