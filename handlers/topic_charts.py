"""The pictures of /statistik's topics: what stands in them, in the reader's words. `jobs.drawing.parts` draws."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from handlers.checkin import FOODS
from handlers.kit.chat import Chat
from handlers.texts import Plain, Text, Words, plain, render, short_month, t
from handlers.wording import SEVERITIES
from models.children import Severity
from models.counting import share_of
from models.growth_statistics import Mentoring
from models.months import Month
from models.nutrition import FoodGroup
from models.nutrition_statistics import Eaten
from models.punctuality import Punctuality, added_up
from models.statistics import rounded

MOST_AREAS = 40
"""So many kecamatan stand in a picture."""

Chart = tuple[str, dict[str, Any]]
M = TypeVar("M", Punctuality, Eaten)


def payouts_chart(
    chat: Chat, months: Sequence[Punctuality], areas: Sequence[Punctuality]
) -> tuple[Chart, Words]:
    """Picture payouts in time by month, and by kecamatan in the newest; give its caption too."""
    newest = months[-1]
    picture = _chart(
        chat,
        topic=t.statistics.time_title(place=_place(chat)),
        headline=t.statistics.chart_headline(full=newest.in_time, children=newest.owed),
        subtitle=t.statistics.time_subtitle(
            share=rounded(share_of(newest.in_time, newest.owed)), month=newest.month
        ),
        parts=[
            ("good", t.statistics.time_good()),
            ("fair", t.statistics.time_later()),
            ("none", t.statistics.time_open()),
        ],
        total=_times(newest),
        months_title=t.statistics.time_months(),
        months=[
            _month(chat, one.month, _times(one), one.in_time)
            for one in _without_gaps(months, lambda month: Punctuality(month, "", 0, 0, 0))
        ],
        rows_title=t.statistics.time_areas(month=newest.month),
        rows=[
            (name, _times(area), t.statistics.chart_bar(full=area.in_time, children=area.owed))
            for name, area in _at_most(MOST_AREAS, _in_order(chat, areas))
        ],
        footnote=t.statistics.time_definition(day=chat.today),
    )
    return picture, t.statistics.time_picture(month=newest.month)


def _times(one: Punctuality) -> list[int]:
    return [one.in_time, one.later, one.not_yet]


def _in_order(chat: Chat, areas: Sequence[Punctuality]) -> list[Punctuality]:
    """Return areas in the programme's order; those it does not know stand last."""
    order = {area.name: place for place, area in enumerate(chat.programme.areas)}
    return sorted(areas, key=lambda one: order.get(one.area, len(order)))


def _at_most(most: int, areas: Sequence[Punctuality]) -> list[tuple[Words, Punctuality]]:
    """Name the areas; those beyond the first ones are added up into one that stands last."""
    named: list[tuple[Words, Punctuality]] = [(Plain(area.area), area) for area in areas]
    if len(areas) <= most:
        return named
    return [*named[: most - 1], (t.statistics.chart_others(), added_up(areas[most - 1 :]))]


def nutrition_chart(chat: Chat, months: Sequence[Eaten], newest: Eaten) -> tuple[Chart, Words]:
    """Picture how many eat diversely enough by month, and each food group in `newest`; give its caption too."""
    groups = sorted(newest.groups.items(), key=lambda found: -found[1])

    def group(name: FoodGroup, count: int) -> tuple[Words, list[int], Words]:
        caption = t.statistics.chart_bar(full=count, children=newest.children)
        return FOODS[name], [count, newest.children - count], caption

    picture = _chart(
        chat,
        topic=t.statistics.food_title(place=_place(chat)),
        headline=t.statistics.chart_headline(full=newest.enough, children=newest.children),
        subtitle=t.statistics.food_subtitle(
            share=rounded(share_of(newest.enough, newest.children)), month=newest.month
        ),
        parts=[("good", t.statistics.food_enough()), ("fair", t.statistics.food_few())],
        total=[newest.enough, newest.children - newest.enough],
        months_title=t.statistics.food_months(),
        months=[
            _month(chat, one.month, [one.enough, one.children - one.enough], one.enough)
            for one in _without_gaps(months, lambda month: Eaten(month, 0, 0, {}))
        ],
        rows_title=t.statistics.food_groups(month=newest.month),
        rows=[group(name, count) for name, count in groups],
        row_tones=["good", "none"],
        footnote=t.statistics.food_definition(day=chat.today),
    )
    return picture, t.statistics.food_picture(month=newest.month)


def growth_chart(
    chat: Chat, day: date, found: Mentoring, months: Sequence[Month], left: Sequence[int]
) -> tuple[Chart, Words]:
    """Picture height for age at entry and now, and how many graduated in each month (`left`); give its caption too."""
    levels = (Severity.NONE, Severity.MODERATE, Severity.SEVERE)
    before, now = ([counts.get(level, 0) for level in levels] for counts in (found.before, found.now))
    measured = t.statistics.growth_children(children=found.measured)
    picture = _chart(
        chat,
        topic=t.statistics.growth_chart(place=_place(chat)),
        headline=t.statistics.growth_headline(improved=found.improved, graduated=sum(left)),
        subtitle=t.statistics.growth_subtitle(measured=found.measured, children=found.children, day=day),
        parts=[
            ("good", t.statistics.growth_good()),
            ("fair", SEVERITIES[Severity.MODERATE]),
            ("poor", SEVERITIES[Severity.SEVERE]),
        ],
        total=now,
        months_title=t.statistics.growth_months(),
        months=[
            (_label(chat, month), [count], t.statistics.chart_number(count=count))
            for month, count in zip(months, left, strict=True)
        ]
        if any(left)
        else [],
        month_tones=["good"],
        rows_title=t.statistics.growth_rows(),
        rows=[
            (t.statistics.growth_before(), before, measured),
            (t.statistics.growth_now(), now, measured),
        ],
        footnote=t.statistics.growth_footnote(day=day),
    )
    return picture, t.statistics.growth_picture(day=day)


Bar = tuple[Words, Sequence[int], Words]


def _chart(
    chat: Chat,
    *,
    topic: Words,
    headline: Words,
    subtitle: Words,
    parts: Sequence[tuple[str, Text]],
    total: Sequence[int],
    months_title: Words,
    months: Sequence[Bar],
    rows_title: Words,
    rows: Sequence[Bar],
    footnote: Words,
    month_tones: Sequence[str] | None = None,
    row_tones: Sequence[str] | None = None,
) -> Chart:
    """Return the data of a picture of kind `parts`, its words in the reader's language."""

    def say(words: Words, *, short: bool = False) -> str:
        return plain(render(words, chat.language, short=short))

    def bars(found: Sequence[Bar]) -> list[dict[str, Any]]:
        return [
            {"label": say(label, short=True), "counts": list(counts), "caption": say(caption)}
            for label, counts, caption in found
        ]

    tones = [tone for tone, _ in parts]
    return "parts", {
        "locale": chat.language,
        "title": say(topic),
        "headline": say(headline),
        "subtitle": say(subtitle),
        "parts": [{"tone": tone, "word": say(word)} for tone, word in parts],
        "total": list(total),
        "months_title": say(months_title),
        "month_tones": list(month_tones or tones),
        "months": bars(months),
        "rows_title": say(rows_title),
        "row_tones": list(row_tones or tones),
        "rows": bars(rows),
        "footnote": say(footnote),
    }


def _without_gaps(months: Sequence[M], empty: Callable[[Month], M]) -> list[M]:
    """Return every month from the first to the last: one without figures keeps its place on the axis."""
    known = {one.month: one for one in months}
    return [known.get(month) or empty(month) for month in months[0].month.until(months[-1].month)]


def _month(chat: Chat, month: Month, counts: Sequence[int], good: int) -> Bar:
    share = share_of(good, sum(counts))
    caption = Plain("") if share is None else t.statistics.chart_point(share=rounded(share))
    return _label(chat, month), counts, caption


def _label(chat: Chat, month: Month) -> Words:
    return Plain(short_month(month, chat.language))


def _place(chat: Chat) -> str:
    return chat.scope.named(chat.programme.district.name)
