"""How growth is said: the regulation's terms, an index's name."""

from handlers.texts import Text, t
from models.growth_categories import Category, Index

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


def category_name(index: Index, category: Category) -> Text:
    """Return the regulation's term for a category of an index."""
    if category is Category.NORMAL:
        return _NORMAL[index]
    if category is Category.RISK_OF_OVERWEIGHT and index is Index.WAZ:
        return t.growth.risk_of_more_weight()
    return _CATEGORIES[category]
