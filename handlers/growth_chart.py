"""A child's growth as the data of its picture (`jobs.charts`, kind `growth`)."""

from collections.abc import Sequence
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
    panels = [_height(points, say)]
    if any(point.weight_kg is not None for point in points):
        panels.append(_weight(points, say))
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


def _height(points: Sequence[Point], say: Any) -> dict[str, Any]:
    shown = [
        (point.growth, point.growth.length_cm)
        for point in points
        if point.growth.length_cm is not None and point.growth.haz is not None
    ]
    bands = (t.growth.normal_height(), t.growth.stunted(), t.growth.severely_stunted())
    return {
        "index": Index.HAZ.value,
        "title": say(t.growth.chart_height()),
        "bands": [say(word) for word in bands],
        "points": _placed(shown),
        "caption": _caption(Index.HAZ, shown, CENTIMETRES.name, say),
    }


def _weight(points: Sequence[Point], say: Any) -> dict[str, Any]:
    shown = [
        (point.growth, point.weight_kg)
        for point in points
        if point.weight_kg is not None and point.growth.waz is not None
    ]
    bands = (t.growth.normal_height(), t.growth.chart_low(), t.growth.chart_very_low())
    return {
        "index": Index.WAZ.value,
        "title": say(t.growth.chart_weight()),
        "bands": [say(word) for word in bands],
        "points": _placed(shown),
        "caption": _caption(Index.WAZ, shown, KILOGRAMS.name, say),
    }


def _placed(shown: Sequence[tuple[Growth, float]]) -> list[dict[str, float]]:
    return [{"day": growth.age_days, "size": round(size, 3)} for growth, size in shown]


def _caption(index: Index, shown: Sequence[tuple[Growth, float]], unit: str, say: Any) -> str:
    if not shown:
        return ""
    growth, size = shown[-1]
    name = growth.category(index)
    assert name is not None  # noqa: S101 - only what has a z-score is shown
    words: str = say(t.growth.chart_caption(size=_size(size, unit), category=category_name(index, name)))
    return words


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
