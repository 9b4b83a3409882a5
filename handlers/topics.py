"""What /statistik tells of one topic: payouts in time, what children eat, how they grow. Words first, then a picture.

Everything is of the asking coordinator's own scope, and nothing else is in the picture. Without figures there is no
picture: the words say so.
"""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby

from handlers.checkin import FOODS
from handlers.kit.chat import Chat
from handlers.texts import Words, join, t
from handlers.topic_charts import Chart, growth_chart, nutrition_chart, payouts_chart
from handlers.wording import HEIGHTS
from models.counting import share_of
from models.growth_statistics import graduations, mentoring
from models.months import Month
from models.nutrition_statistics import Eaten, eaten_in
from models.punctuality import added_up, punctuality
from models.statistics import rounded

MONTHS = 12
"""So many months stand in a picture."""

RAREST = 3
"""So many of the food groups that the fewest children eat are named."""

LINES = 6
"""So many months are told in words."""


def payouts_in_time(chat: Chat, day: date) -> None:
    """Of the payouts whose day has passed: how many came in time, month by month and by kecamatan."""
    programme = chat.programme
    due = [month for month in _months(day) if programme.due_on(month) < chat.today]
    by_area = punctuality(chat.db, programme, due, chat.scope) if due else []
    if not by_area:
        _say(chat, [t.statistics.time_none()])
        return
    months = [added_up(list(areas)) for _, areas in groupby(by_area, key=lambda one: one.month)]
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
    areas = [one for one in by_area if one.month == newest.month]
    _say(chat, words, payouts_chart(chat, months, areas))


def nutrition(chat: Chat, day: date) -> None:
    """How diverse the children's food is, month by month, and which groups they lack."""
    months = eaten_in(chat.db, _months(day), chat.scope)
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
    _say(chat, words, nutrition_chart(chat, months, newest))


def growth(chat: Chat, day: date) -> None:
    """This month's visits, and how children grow since they came onto the list."""
    found = mentoring(chat.db, day, Month.of(day), chat.scope)
    steps: list[Words] = [
        t.statistics.growth_step(
            severity=label, before=found.entry.get(severity, 0), now=found.now.get(severity, 0)
        )
        for severity, label in HEIGHTS.items()
    ]
    words: list[Words] = [
        t.statistics.growth_visits(month=found.month, visits=found.visits, visited=found.visited),
        join([t.statistics.growth_title(children=found.children, measured=found.measured), *steps]),
        t.statistics.growth_news(improved=found.improved, graduated=found.graduated, month=found.month),
        t.statistics.growth_definition(day=day),
    ]
    if not found.measured:
        words.append(t.statistics.growth_none())
        _say(chat, words)
        return
    months = _months(day)
    left = graduations(chat.db, months, chat.scope)
    _say(chat, words, growth_chart(chat, day, found, months, left))


TOPICS: dict[str, Callable[[Chat, date], None]] = {
    **dict.fromkeys(("salur", "penyaluran", "setoran", "payouts"), payouts_in_time),
    **dict.fromkeys(("gizi", "makanan", "nutrition", "food"), nutrition),
    **dict.fromkeys(("tumbuh", "pertumbuhan", "kunjungan", "growth", "visits"), growth),
}
"""What is written behind the command."""


def _months(day: date) -> list[Month]:
    return Month.of(day).plus(1 - MONTHS).until(Month.of(day))


def _say(chat: Chat, words: Sequence[Words], chart: tuple[Chart, Words] | None = None) -> None:
    """Say the words; the picture, when there is one, carries the ways on."""
    ways = [[(t.statistics.title(), "/statistik")], [(t.kit.menu(), "/menu")]]
    if chart is None:
        chat.say(join(list(words), "\n\n"), buttons=ways)
        return
    chat.say(join(list(words), "\n\n"))
    picture, caption = chart
    chat.say(caption, picture=picture, buttons=ways)


def _last_over(months: Sequence[Eaten], running: Month) -> Eaten:
    """Return the last month that is over: the running one's check-ins are still coming in. Or what there is."""
    return next((one for one in reversed(months) if one.month < running), months[-1])
