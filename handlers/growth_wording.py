"""How growth is said: the regulation's terms, and what they mean to somebody who visits. Never a diagnosis."""

from collections.abc import Sequence

from handlers.texts import Text, Words, join, t
from models.children import Child
from models.growth import Growth
from models.growth_categories import Category, Index, category
from models.growth_trends import Point, faltering, improved_since, ready_to_graduate
from models.months import whole_months

INDICES: dict[Index, Text] = {
    Index.HAZ: t.growth.index_haz(),
    Index.WAZ: t.growth.index_waz(),
    Index.WHZ: t.growth.index_whz(),
    Index.BAZ: t.growth.index_baz(),
}

_NORMAL = {
    Index.HAZ: t.growth.normal_height(),
    Index.WAZ: t.growth.normal_weight(),
    Index.WHZ: t.growth.well_nourished(),
    Index.BAZ: t.growth.well_nourished(),
}

_CATEGORIES = {
    Category.SEVERELY_STUNTED: t.growth.severely_stunted(),
    Category.STUNTED: t.growth.stunted(),
    Category.TALL: t.growth.tall(),
    Category.SEVERELY_UNDERWEIGHT: t.growth.severely_underweight(),
    Category.UNDERWEIGHT: t.growth.underweight(),
    Category.SEVERELY_WASTED: t.growth.severely_wasted(),
    Category.WASTED: t.growth.wasted(),
    Category.RISK_OF_OVERWEIGHT: t.growth.risk_of_overweight(),
    Category.OVERWEIGHT: t.growth.overweight(),
    Category.OBESE: t.growth.obese(),
}


def category_name(index: Index, name: Category) -> Text:
    """Return the regulation's term for a category of an index."""
    if name is Category.NORMAL:
        return _NORMAL[index]
    if name is Category.RISK_OF_OVERWEIGHT and index is Index.WAZ:
        return t.growth.risk_of_more_weight()
    return _CATEGORIES[name]


def growth_words(child: Child, points: Sequence[Point]) -> Words:
    """Say what the newest measurement shows: each index with its term, then what it means and what to do."""
    newest = points[-1]
    age = whole_months(child.born_on, newest.measured_on)
    lines: list[Words] = [t.growth.heading(code=child.code, age=age)]
    lines += [_line(newest.growth, index) for index, _ in newest.growth.scores() if index is not Index.BAZ]
    if newest.growth.corrected:
        lines.append(t.growth.corrected())
    return join([join(lines), meaning(points)], "\n\n")


def _line(growth: Growth, index: Index) -> Words:
    z, name = growth.z(index), growth.category(index)
    assert z is not None and name is not None  # noqa: S101, PT018 - asked only for what has a score
    if index in growth.flags:
        return t.growth.line_doubtful(index=INDICES[index], z=z)
    return t.growth.line(index=INDICES[index], category=category_name(index, name), z=z)


def meaning(points: Sequence[Point]) -> Words:
    """Return the one thing that matters most about a child's newest measurement, in plain words."""
    growth = points[-1].growth
    whz = growth.believed(Index.WHZ)
    if whz is not None and category(Index.WHZ, whz) is Category.SEVERELY_WASTED:
        return t.growth.wasted_now()
    if growth.flags:
        return t.growth.doubtful()
    if seen := faltering(points):
        return t.growth.faltering(since=min(one.since for one in seen if one.since is not None))
    if ready_to_graduate(points):
        return t.growth.ready()
    if (since := improved_since(points)) is not None:
        return t.growth.improved(since=since)
    return _steady(growth)


def _steady(growth: Growth) -> Words:
    """Say how a child stands that follows its curve."""
    heights = {Category.STUNTED, Category.SEVERELY_STUNTED}
    weights = {Category.WASTED, Category.UNDERWEIGHT, Category.SEVERELY_UNDERWEIGHT}
    names = {index: growth.category(index) for index, _ in growth.scores()}
    if names.get(Index.HAZ) in heights:
        return t.growth.stunted_steady()
    if names.get(Index.WHZ) in weights or names.get(Index.WAZ) in weights:
        return t.growth.thin_steady()
    if names.get(Index.WHZ) in {Category.OVERWEIGHT, Category.OBESE}:
        return t.growth.heavy()
    return t.growth.fine() if names else t.growth.unknown()
