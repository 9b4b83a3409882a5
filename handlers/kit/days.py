"""Days and months as people type them."""

import re
from contextlib import suppress
from datetime import date, timedelta
from difflib import SequenceMatcher

from babel.dates import get_month_names

from handlers.texts import LANGUAGES
from models.errors import BadInput
from models.months import Month

ALIKE = 0.7
"""`septembr` is a month; `desa` is none."""

# Input words, not output: what people type for a day.
_DAYS_AGO = {
    "hari ini": 0,
    "today": 0,
    "kemarin": 1,
    "kemaren": 1,
    "yesterday": 1,
    "kemarin lusa": 2,
    "lusa kemarin": 2,
    "2 hari lalu": 2,
}
_MONTHS_AGO = {"bulan ini": 0, "this month": 0, "bulan lalu": 1, "last month": 1}
_ALSO = {"ags": 8, "agt": 8, "nop": 11, "peb": 2, "mrt": 3}
"""Beginnings that only everyday spelling has (*Nopember*)."""
_MONTHS = [
    [name.casefold() for name in get_month_names("wide", locale=language).values()] for language in LANGUAGES
]


def parse_day(text: str, today: date) -> date:
    """Read a day: `kemarin`, `12/10/2025`, `12-10`, `12 Okt 2025`, `2025-10-12`. Raises BadInput('day').

    Without a year it is the latest such day that is not in the future.
    """
    folded = " ".join(text.casefold().split())
    if folded in _DAYS_AGO:
        return today - timedelta(days=_DAYS_AGO[folded])
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", folded):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    found = re.fullmatch(
        r"(\d{1,2})(?:[/.\- ]|(?=[a-z]))(\d{1,2}|[a-z]{3,9})(?:[/.\- ](\d{4}|\d{2}))?", folded
    )
    if not found:
        raise BadInput("day")
    month = int(found[2]) if found[2].isdigit() else month_named(found[2])
    if found[3]:
        return _day(int(found[3]) + (2000 if len(found[3]) == 2 else 0), month, int(found[1]))
    latest = _day(today.year, month, int(found[1]))
    return latest if latest <= today else _day(today.year - 1, month, int(found[1]))


def parse_month(text: str, today: date) -> Month:
    """Read a month that has begun: `2025-09`, `september`, `sep 2025`. Raises BadInput('month').

    Without a year it is the latest such month.
    """
    folded = " ".join(text.casefold().split())
    if folded in _MONTHS_AGO:
        return Month.of(today).plus(-_MONTHS_AGO[folded])
    with suppress(ValueError):
        return _begun(Month.parse(folded), today)
    found = re.fullmatch(r"([a-z]{3,9})(?: (2\d{3}))?", folded)
    if not found:
        raise BadInput("month")
    try:
        number = month_named(found[1])
    except BadInput:
        raise BadInput("month") from None
    if found[2]:
        return _begun(Month(int(found[2]), number), today)
    month = Month(today.year, number)
    return month if month.first_day <= today else month.plus(-12)


def _begun(month: Month, today: date) -> Month:
    if month.first_day > today:
        raise BadInput("month")
    return month


def month_named(word: str) -> int:
    """Return a month's number by its Indonesian or English name, shortened or misspelled. Raises BadInput('day')."""
    if (number := _ALSO.get(word[:3])) is not None:
        return number
    for names in _MONTHS:
        for number, name in enumerate(names, start=1):
            if word[:3] == name[:3] and (name.startswith(word) or _alike(word, name)):
                return number
    raise BadInput("day")


def _alike(word: str, name: str) -> bool:
    return SequenceMatcher(None, word, name).ratio() >= ALIKE


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise BadInput("day") from None
