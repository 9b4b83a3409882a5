"""Coverage in words and as a picture: how /statistik and the month's report say it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement

from handlers.kit.chat import Chat
from handlers.texts import Plain, Words, join, plain, render, short_month, t
from models.checkins import count_check_ins
from models.forecast import forecast
from models.grants import Scope
from models.ledger import ledger
from models.months import Month
from models.statistics import Coverage, Participation, Place, Point, percentage, rounded


def headline(chat: Chat, found: Coverage, named: Words | None = None) -> Words:
    """How many children are fully supported, where (`named`, or what was counted), and when."""
    figures = found.total
    place = named or Plain(whereabouts(chat, found))
    if figures.share is None:
        return t.statistics.no_children(place=place, day=found.day)
    return t.statistics.headline(
        place=place,
        full=figures.fully_supported,
        children=figures.children,
        share=rounded(figures.share),
        day=found.day,
    )


def whereabouts(chat: Chat, found: Coverage) -> str:
    """Name what was counted: a kecamatan, the own kecamatan, or the whole district."""
    if found.area is not None:
        return found.area
    own = [place.name for place in found.places]
    return chat.programme.district.name if chat.scope.whole_district else ", ".join(own)


def change(points: tuple[Point, ...]) -> Words:
    """Compare with the month before, where there is one."""
    if len(points) < 2:
        return t.statistics.no_history()
    before, now = points[-2], points[-1]
    change = now.figures.fully_supported - before.figures.fully_supported
    if change == 0:
        return t.statistics.unchanged(month=before.month)
    words = t.statistics.more if change > 0 else t.statistics.fewer
    return words(change=abs(change), before=before.figures.fully_supported, month=before.month)


def levels(found: Coverage) -> Words:
    """Children fully, partly and not supported."""
    figures = found.total
    return t.statistics.levels(
        full=figures.fully_supported, partly=figures.partly_supported, none=figures.unsupported
    )


def money(found: Coverage) -> Words:
    """What is promised in the month, and what is needed."""
    return t.statistics.money(
        month=found.month, pledged=found.total.pledged_idr, needed=found.total.needed_idr
    )


def payouts(chat: Chat, month: Month, inside: ColumnElement[bool]) -> Words:
    """How a month's payouts stand: expected, given, confirmed, late."""
    paid = ledger(chat.db, chat.programme, month, chat.today, inside)
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


def check_ins(chat: Chat, day: date, scope: Scope) -> Words:
    """How many answered the last check-in that families had been asked for on a day."""
    month = Month.of(day)
    if day < month.day(chat.programme.schedule.checkin_day):
        month = month.plus(-1)
    return t.statistics.check_ins(month=month, answered=count_check_ins(chat.db, month, scope.children()))


def outlook(points: tuple[Point, ...]) -> list[Words]:
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


def place_line(place: Place) -> Words:
    """One kecamatan or desa."""
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


def asn(chat: Chat, total: Participation) -> Words:
    """The ASN together: of the district, or those who give in the own kecamatan."""
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


def office_line(row: Participation) -> Words:
    """One office."""
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


def definition(found: Coverage, points: tuple[Point, ...]) -> Words:
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
        "change": say(change(points)),
        "fully": say(t.statistics.chart_full()),
        "partly": say(t.statistics.chart_partly()),
        "none": say(t.statistics.chart_none()),
        "places_title": say(t.statistics.chart_villages() if found.area else t.statistics.chart_areas()),
        "places": [_bar(p, say) for p in found.places if p.figures.children or found.area is None],
        "others": say(t.statistics.chart_others()),
        "history_title": say(t.statistics.chart_history()),
        "history": [_point(language, point, say) for point in points],
        "footnote": say(definition(found, points)),
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
