"""A child's growth as the data of its picture (`jobs.charts`, kind `growth`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from handlers.growth_wording import category_name
from handlers.measuring import CENTIMETRES, KILOGRAMS
from handlers.texts import Words, join, plain, render, t
from handlers.wording import SEXES
from models.children import Child
from models.growth import Growth
from models.growth_categories import Index
from models.growth_trends import Point
from models.months import whole_months


def growth_chart(child: Child, points: Sequence[Point], language: str) -> tuple[str, dict[str, Any]]:
    """Return a message's picture: height, and below it weight, where they were measured; named by the code."""

    def say(words: Words) -> str:
        return plain(render(words, language))

    newest = points[-1] if points else None
    age = whole_months(child.born_on, newest.measured_on) if newest else 0
    panels = [_drawn(HEIGHT, points, say)]
    if any(point.weight_kg is not None for point in points):
        panels.append(_drawn(WEIGHT, points, say))
    return "growth", {
        "locale": language,
        "sex": child.sex.value,
        "title": say(t.growth.chart_title(code=child.code, sex=SEXES[child.sex], age=age))
        if newest
        else child.code,
        "subtitle": say(t.growth.chart_subtitle(day=newest.measured_on, size=sizes(newest)))
        if newest
        else say(t.growth.chart_none()),
        "age_title": say(t.growth.chart_age()),
        "panels": panels,
        "empty": say(t.growth.chart_none()),
        "footnote": say(t.growth.chart_footnote()),
    }


@dataclass(frozen=True, slots=True)
class _Panel:
    """How one index is drawn: its size at a point, that size's unit, and the words."""

    index: Index
    size: Callable[[Point], float | None]
    unit: str
    title: Words
    bands: tuple[Words, Words, Words]


HEIGHT = _Panel(
    Index.HAZ,
    lambda point: point.growth.length_cm,
    CENTIMETRES.name,
    t.growth.chart_height(),
    (t.growth.normal_height(), t.growth.stunted(), t.growth.severely_stunted()),
)
WEIGHT = _Panel(
    Index.WAZ,
    lambda point: point.weight_kg,
    KILOGRAMS.name,
    t.growth.chart_weight(),
    (t.growth.normal_height(), t.growth.chart_low(), t.growth.chart_very_low()),
)


def _drawn(panel: _Panel, points: Sequence[Point], say: Callable[[Words], str]) -> dict[str, Any]:
    """Return a panel's data: the points that have both the size and its z-score."""
    shown = [
        (point.growth, size)
        for point in points
        if (size := panel.size(point)) is not None and point.growth.category(panel.index) is not None
    ]
    return {
        "index": panel.index.value,
        "title": say(panel.title),
        "bands": [say(word) for word in panel.bands],
        "points": _placed(shown),
        "caption": _caption(panel.index, shown, panel.unit, say),
    }


def _placed(shown: Sequence[tuple[Growth, float]]) -> list[dict[str, float]]:
    return [{"day": growth.age_days, "size": round(size, 3)} for growth, size in shown]


def _caption(
    index: Index, shown: Sequence[tuple[Growth, float]], unit: str, say: Callable[[Words], str]
) -> str:
    if not shown:
        return ""
    growth, size = shown[-1]
    name = growth.category(index)
    assert name is not None  # noqa: S101 - only what has a z-score is shown
    return say(t.growth.chart_caption(size=_size(size, unit), category=category_name(index, name)))


def sizes(point: Point) -> Words:
    """Write what a measurement weighed and how long it was."""
    parts: list[Words] = []
    if point.weight_kg is not None:
        parts.append(_size(point.weight_kg, KILOGRAMS.name))
    if point.growth.length_cm is not None:
        parts.append(_size(point.growth.length_cm, CENTIMETRES.name))
    return join(parts, " · ")


def _size(number: float, unit: str) -> Words:
    return t.visit.amount(number=Decimal(str(round(number, 2))), unit=unit)
