"""`genting growth`: WHO's z-scores of one measurement, for somebody who wants to check or to script them."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from handlers.growth_wording import INDICES, category_name
from handlers.texts import render
from models.children import Sex
from models.errors import BadInput, GentingError
from models.growth import Growth, Position, assess
from models.growth_categories import Index

T = TypeVar("T")


def print_growth(
    *,
    sex: str,
    age_days: str,
    weight: str | None,
    length: str | None,
    height: str | None,
    gestation_weeks: str | None,
    as_json: bool,
) -> None:
    """Print the indices, categories and flags of what was typed. Raises GentingError, saying what is wrong."""
    if length is not None and height is not None:
        raise GentingError("give --length (lying) or --height (standing), not both")
    position = Position.LYING if length is not None else Position.STANDING if height is not None else None
    try:
        growth = assess(
            _read("--sex", "female or male", sex, _sex),
            _read("--age-days", "whole days, like 730", age_days, int),
            weight_kg=_read_size("--weight", "kg, like 9.8", weight),
            length_cm=_read_size(
                "--length or --height", "cm, like 82.1", length if height is None else height
            ),
            position=position,
            gestation_weeks=_read("--gestation-weeks", "whole weeks, like 34", gestation_weeks, int)
            if gestation_weeks is not None
            else None,
        )
    except BadInput as refused:
        raise GentingError(_REFUSED[refused.code].format(**refused.details)) from None
    if as_json:
        sys.stdout.write(json.dumps(to_json(growth), ensure_ascii=False, indent=2) + "\n")
    else:
        _print_table(growth)


def to_json(growth: Growth) -> dict[str, Any]:
    """Return unrounded z-scores by index (None with a reason), categories, codes of both, and WHO's flags."""
    names = {index: category_name(index, name) for index in Index if (name := growth.category(index))}
    return {
        **{index.value: growth.z(index) for index in Index},
        "reasons": {index.value: why.value for index, why in growth.missing.items()},
        "categories": {index.value: render(name, "id") for index, name in names.items()},
        "categories_en": {index.value: render(name, "en") for index, name in names.items()},
        "codes": {index.value: code.value for index in Index if (code := growth.category(index))},
        "flags": {index.value: index in growth.flags for index, _ in growth.scores()},
        "age_days": growth.age_days,
        "age_corrected": growth.corrected,
        "length_cm": None if growth.length_cm is None else round(growth.length_cm, 4),
        "position": growth.position.value,
        "position_doubted": growth.position_doubted,
        "bmi": growth.bmi,
    }


def _print_table(growth: Growth) -> None:
    table = Table("Index", "", "z", "Category (Permenkes 2/2020)", "WHO's flag")
    for index in Index:
        z, name = growth.z(index), growth.category(index)
        said = render(category_name(index, name), "id") if name else f"- ({growth.missing[index]})"
        flag = "implausible" if index in growth.flags else ""
        table.add_row(
            index.upper(), render(INDICES[index], "id"), "-" if z is None else f"{z:.2f}", said, flag
        )
    Console().print(table)


_REFUSED = {
    "age": "the age must not be negative: {days}",
    "weight": "a weight is between {least:g} and {most:g} kg, not {given:g}",
    "length": "a length is between {least:g} and {most:g} cm, not {given:g}",
    "gestation": "a pregnancy lasts 22 to 44 weeks, not {weeks}",
}


def _sex(word: str) -> Sex:
    return Sex(word.casefold())


def _read(option: str, example: str, given: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(given)
    except ValueError:
        raise GentingError(f"{option} wants {example}, not {given!r}") from None


def _read_size(option: str, example: str, given: str | None) -> float | None:
    return None if given is None else _read(option, example, given, _number)


def _number(given: str) -> float:
    """Read a number with comma or point and as many decimals as a table has."""
    if not re.fullmatch(r"\d+(?:[.,]\d+)?", given, re.ASCII):
        raise ValueError(given)
    return float(given.replace(",", "."))
