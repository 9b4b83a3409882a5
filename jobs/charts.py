"""Pictures: a kind and its data in, a PNG out.

The data is plain JSON, because a picture waits in the outbox as `(kind, data)` and is drawn when it leaves. Every
word in it is already in the reader's language and every figure in a sentence already written; numbers that the
drawing places itself (on a bar, say) are written for `locale`.

A new kind is a module of `jobs.drawing` with a function `draw`, a TypedDict here, and a line in `CHARTS`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NotRequired, TypedDict


class PlaceBar(TypedDict):
    """How the children of one place are supported; `caption` stands at its right, like `41 dari 98`."""

    label: str
    fully: int
    partly: int
    none: int
    caption: str


class HistoryPoint(TypedDict):
    """Coverage at a month's end: percent of 0 to 100 (None: no child was listed), said in `caption`."""

    label: str
    percent: float | None
    caption: str


class CoverageChart(TypedDict):
    """The data of kind `coverage`: a page for a phone held upright.

    `locale` is a babel locale (`id`, `en`). `title` names the place and programme, `headline` is the figure that
    everybody should remember, `subtitle` says of what and when, `change` compares with last month. `fully`,
    `partly` and `none` are the legend's words. `places` come in the order in which they are shown; those beyond
    `jobs.drawing.coverage.MOST_PLACES` are added up under the word `others`. `history` is oldest first, empty
    for none. `footnote` states definition, denominator and date; `empty` is said when no child is listed.
    """

    locale: str
    title: str
    headline: str
    subtitle: str
    change: NotRequired[str]
    fully: str
    partly: str
    none: str
    places_title: str
    places: list[PlaceBar]
    others: str
    history_title: str
    history: list[HistoryPoint]
    footnote: str
    empty: str


class ChartPart(TypedDict):
    """A part of every bar: `good`, `fair`, `poor` or `none` gives its colour, `word` stands in the legend."""

    tone: str
    word: str


class PartsBar(TypedDict):
    """A bar of parts, in the order of the legend; `caption` is written at its end."""

    label: str
    counts: list[int]
    caption: str


class PartsChart(TypedDict):
    """The data of kind `parts`: how a number falls into parts, now, month by month, and among others.

    `total` is drawn as one bar under the head, with the legend. `months` stand side by side, oldest first, as high
    as their sums: no figure is a share of something that is not seen. `rows` lie below each other, each as long as
    the next: shares of their own sums. Either may be empty, and then has no title. Where months or rows count
    something else than the legend's parts, they have tones of their own.
    """

    locale: str
    title: str
    headline: str
    subtitle: str
    parts: list[ChartPart]
    total: list[int]
    months_title: str
    month_tones: NotRequired[list[str]]
    months: list[PartsBar]
    rows_title: str
    row_tones: NotRequired[list[str]]
    rows: list[PartsBar]
    footnote: str


class GrowthPoint(TypedDict):
    """A measurement on a curve: the age in days that is compared, and the size as that age is measured."""

    day: int
    size: float


class GrowthPanel(TypedDict):
    """One index (`haz` in cm, `waz` in kg) with the child's points, oldest first.

    `bands` are the words for above -2, -3 to -2 and below -3; `caption` says the newest point.
    """

    index: str
    title: str
    bands: list[str]
    points: list[GrowthPoint]
    caption: str


class GrowthChart(TypedDict):
    """The data of kind `growth`: a child's points on WHO's curves from -3 to +3, a panel below the other.

    `sex` is `female` or `male`; `title` names the child by its code; `age_title` stands under the months.
    `empty` is said in a panel without points. Panels without points but the first are left out by the maker.
    """

    locale: str
    sex: str
    title: str
    subtitle: str
    age_title: str
    panels: list[GrowthPanel]
    empty: str
    footnote: str


class AppealCard(TypedDict):
    """The data of kind `appeal`: a card that invites, to be passed on. No child is in it.

    `headline` is the figure, `share` (0 to 1) how long its bar is, `invites` who invites, `link` how to begin.
    """

    title: str
    headline: str
    subtitle: str
    share: float
    lines: list[str]
    invites: str
    link: str


class UnknownChart(LookupError):
    """No picture of this kind is known (any more); the argument is the kind."""


class Late:
    """A drawing or building function whose module is imported for its first picture or file.

    Late on purpose, and not to hide a circle: matplotlib takes most of a second and tens of megabytes, which a
    process that draws nothing (a web replica, `genting grant`) should not pay.
    """

    def __init__(self, module: str, function: str) -> None:
        self._module, self._function = module, function

    def __call__(self, data: dict[str, Any], *more: Any) -> bytes:
        """Import and call it."""
        content: bytes = getattr(import_module(self._module), self._function)(data, *more)
        return content


CHARTS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "coverage": Late("jobs.drawing.coverage", "draw"),
    "villages": Late("jobs.drawing.coverage", "draw"),
    "parts": Late("jobs.drawing.parts", "draw"),
    "growth": Late("jobs.drawing.growth", "draw"),
    "appeal": Late("jobs.drawing.appeal", "draw"),
}
"""Every kind of picture."""


SHAREABLE = frozenset({"coverage", "parts", "appeal"})
"""Kinds of picture in which nobody can be recognised: readers may pass them on. All others are protected.

`villages` is coverage by desa, in which so few children live that everybody knows who they are.
"""


def draw(kind: str, data: dict[str, Any]) -> bytes:
    """Return a PNG. May be called from any thread; one picture is drawn at a time.

    Raises UnknownChart, and KeyError or TypeError for data that lacks what its kind asks.
    """
    if kind not in CHARTS:
        raise UnknownChart(kind)
    return CHARTS[kind](data)
