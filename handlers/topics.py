"""What /statistik tells of one topic: payouts in time, what children eat, how they grow. Words first, then a picture.

Everything is of the asking coordinator's own scope, and nothing else is in the picture. Without figures there is no
picture: the words say so.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, TypeVar

from handlers.checkin import FOODS
from handlers.kit.chat import Chat
from handlers.texts import Plain, Text, Words, join, plain, render, short_month, t
from handlers.wording import SEVERITIES
from models.children import Severity
from models.counting import share_of
from models.growth_statistics import Mentoring, graduations, mentoring
from models.months import Month
from models.nutrition import FoodGroup
from models.nutrition_statistics import Eaten, eaten_in
from models.punctuality import Punctuality, punctuality
from models.statistics import rounded

MONTHS = 12
"""So many months stand in a picture."""

RAREST = 3
"""So many of the food groups that the fewest children eat are named."""

MOST_AREAS = 40
"""So many kecamatan stand in a picture."""

LINES = 6
"""So many months are told in words."""

Chart = tuple[str, dict[str, Any]]
M = TypeVar("M", Punctuality, Eaten)


def payouts_in_time(chat: Chat) -> None:
    """Of the payouts whose day has passed: how many came in time, month by month and by kecamatan."""
    programme = chat.programme
    due = [month for month in _months(chat) if programme.due_on(month) < chat.today]
    by_area = punctuality(chat.db, programme, due, chat.scope) if due else []
    if not by_area:
        _say(chat, [t.statistics.time_none()])
        return
    months = [_together(list(areas)) for _, areas in groupby(by_area, key=lambda one: one.month)]
    newest = months[-1]
    words: list[Words] = [
        t.statistics.time_newest(
            month=newest.month,
            time=newest.in_time,
            owed=newest.owed,
            share=rounded(share_of(newest.in_time, newest.owed)),
            later=newest.later,
            open=newest.not_yet,
            due=programme.due_on(newest.month),
        ),
        join(
            [
                t.statistics.time_month(month=one.month, time=one.in_time, later=one.later, open=one.not_yet)
                for one in reversed(months[-LINES:])
            ]
        ),
        t.statistics.time_definition(day=chat.today),
    ]
    areas = _in_order(chat, [one for one in by_area if one.month == newest.month])
    _say(chat, words, _time_chart(chat, months, areas))


def nutrition(chat: Chat) -> None:
    """How diverse the children's food is, month by month, and which groups they lack."""
    months = eaten_in(chat.db, _months(chat), chat.scope)
    if not months:
        _say(chat, [t.statistics.food_none()])
        return
    newest = _last_over(months, chat.month)
    rarest = sorted(newest.groups, key=lambda group: newest.groups[group])[:RAREST]
    words: list[Words] = [
        t.statistics.food_newest(
            month=newest.month,
            enough=newest.enough,
            children=newest.children,
            share=rounded(share_of(newest.enough, newest.children)),
        ),
        join(
            [
                t.statistics.food_rarest(),
                *[
                    t.statistics.food_group(
                        group=FOODS[group], count=newest.groups[group], children=newest.children
                    )
                    for group in rarest
                ],
            ]
        ),
        join(
            [
                t.statistics.food_month(month=one.month, enough=one.enough, children=one.children)
                for one in reversed(months[-LINES:])
            ]
        ),
        t.statistics.food_definition(day=chat.today),
    ]
    _say(chat, words, _food_chart(chat, months, newest))


def growth(chat: Chat) -> None:
    """This month's visits, and how children grow since they came onto the list."""
    found = mentoring(chat.db, chat.today, chat.month, chat.scope)
    steps: list[Words] = [
        t.statistics.growth_step(
            severity=label, before=found.entry.get(severity, 0), now=found.now.get(severity, 0)
        )
        for severity, label in SEVERITIES.items()
    ]
    words: list[Words] = [
        t.statistics.growth_visits(month=found.month, visits=found.visits, visited=found.visited),
        join([t.statistics.growth_title(children=found.children, measured=found.measured), *steps]),
        t.statistics.growth_news(improved=found.improved, graduated=found.graduated, month=found.month),
        t.statistics.growth_definition(day=chat.today),
    ]
    if not found.measured:
        words.append(t.statistics.growth_none())
        _say(chat, words)
        return
    _say(chat, words, _growth_chart(chat, found))


TOPICS: dict[str, Callable[[Chat], None]] = {
    **dict.fromkeys(("salur", "penyaluran", "setoran", "payouts"), payouts_in_time),
    **dict.fromkeys(("gizi", "makanan", "nutrition", "food"), nutrition),
    **dict.fromkeys(("tumbuh", "pertumbuhan", "kunjungan", "growth", "visits"), growth),
}
"""What is written behind the command."""


def _months(chat: Chat) -> list[Month]:
    return chat.month.plus(1 - MONTHS).until(chat.month)


def _together(areas: Sequence[Punctuality]) -> Punctuality:
    """Add the areas of a month up."""
    return Punctuality(
        areas[0].month,
        "",
        sum(one.in_time for one in areas),
        sum(one.later for one in areas),
        sum(one.not_yet for one in areas),
    )


def _say(chat: Chat, words: Sequence[Words], chart: tuple[Chart, Words] | None = None) -> None:
    """Say the words; the picture, when there is one, carries the ways on."""
    ways = [[(t.statistics.title(), "/statistik")], [(t.kit.menu(), "/menu")]]
    if chart is None:
        chat.say(join(list(words), "\n\n"), buttons=ways)
        return
    chat.say(join(list(words), "\n\n"))
    picture, caption = chart
    chat.say(caption, picture=picture, buttons=ways)


# -- pictures -------------------------------------------------------------------------------------------------------


def _time_chart(
    chat: Chat, months: Sequence[Punctuality], areas: Sequence[Punctuality]
) -> tuple[Chart, Words]:
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
            for name, area in _at_most(MOST_AREAS, areas)
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


def _last_over(months: Sequence[Eaten], running: Month) -> Eaten:
    """Return the last month that is over: the running one's check-ins are still coming in. Or what there is."""
    return next((one for one in reversed(months) if one.month < running), months[-1])


def _at_most(most: int, areas: Sequence[Punctuality]) -> list[tuple[Words, Punctuality]]:
    """Name the areas; those beyond the first ones are added up into one that stands last."""
    named: list[tuple[Words, Punctuality]] = [(Plain(area.area), area) for area in areas]
    if len(areas) <= most:
        return named
    return [*named[: most - 1], (t.statistics.chart_others(), _together(areas[most - 1 :]))]


def _food_chart(chat: Chat, months: Sequence[Eaten], newest: Eaten) -> tuple[Chart, Words]:
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


def _growth_chart(chat: Chat, found: Mentoring) -> tuple[Chart, Words]:
    months = _months(chat)
    left = graduations(chat.db, months, chat.scope)
    levels = (Severity.NONE, Severity.MODERATE, Severity.SEVERE)
    before, now = ([counts.get(level, 0) for level in levels] for counts in (found.before, found.now))
    measured = t.statistics.growth_children(children=found.measured)
    picture = _chart(
        chat,
        topic=t.statistics.growth_chart(place=_place(chat)),
        headline=t.statistics.growth_headline(improved=found.improved, graduated=sum(left)),
        subtitle=t.statistics.growth_subtitle(
            measured=found.measured, children=found.children, day=chat.today
        ),
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
        footnote=t.statistics.growth_footnote(day=chat.today),
    )
    return picture, t.statistics.growth_picture(day=chat.today)


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
