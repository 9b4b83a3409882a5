"""The texts that people read, by key, in Indonesian and English.

One TOML file a feature and language (`id/signup.toml`, `en/signup.toml`). `t.signup.welcome(name=…)` makes a
`Text`, which is rendered when it is known who reads it. The stub beside this file is written by
`python -m handlers.texts.stub` from the Indonesian catalogs, so the type check refuses an unknown key or
parameter, and at import both languages are compared: same keys, same parameters.

A value in braces may say how it is written: `{amount:idr}` Rp450.000, `{n:number}`, `{size:decimal}` 82,1,
`{z:score}` -1,30, `{share:percent}`,
`{day:date}` 13 Oktober 2025, `{month:month}` Oktober 2025, `{at:moment}` 13 Okt 2025 10.00 WIB (see `moments_in`).
Light markup: `*bold*`, `_italic_`,
`` `code` ``; a value can never be markup (see `escape`).

A label may have a short form under its key with `_short` behind it, for platforms whose buttons are small; it takes
some of the same values, and is never used by name.
"""

import functools
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from models.months import WIB, Month

LANGUAGES = ("id", "en")
FOLDER = Path(__file__).parent
_LOCALES = {"id": "id_ID", "en": "en_GB"}
MARKUP = "*_`\\"
SHORT = "_short"
"""Ends the key of a label's short form: `agree_short` says `agree` in at most 20 letters."""


def escape(value: str) -> str:
    """Make a value literal: what a person typed is never read as markup."""
    if not any(mark in value for mark in MARKUP):
        return value
    return "".join("\\" + letter if letter in MARKUP else letter for letter in value)


def plain(marked: str) -> str:
    """Return rendered words without their markup, for buttons and pictures."""
    out: list[str] = []
    letters = iter(marked)
    for letter in letters:
        if letter == "\\":
            out.append(next(letters, ""))
        elif letter not in MARKUP:
            out.append(letter)
    return "".join(out)


def rupiah(amount_idr: int, language: str) -> str:
    """Write whole rupiah: `Rp450.000`."""
    return format_currency(
        amount_idr, "IDR", locale=_LOCALES[language], format="'Rp'#,##0", currency_digits=False
    )


def short_month(value: Month, language: str) -> str:
    """Write a month as it stands under a column: `Okt 25`."""
    return format_date(value.first_day, "MMM yy", locale=_LOCALES[language])


def _month(value: Month, language: str) -> str:
    return format_date(value.first_day, "MMMM y", locale=_LOCALES[language])


_zone = WIB


def moments_in(zone: ZoneInfo) -> None:
    """Write every instant in this zone from now on: a process serves one district, and so one zone."""
    global _zone  # noqa: PLW0603 - or each of some hundred calls of `render` would have to hand the zone on
    _zone = zone


def _moment(value: datetime, language: str) -> str:
    """Write an instant on the district's clock, which says its own name: WIB, WITA or WIT."""
    local = value.astimezone(_zone)
    return f"{format_datetime(local, 'd MMM y HH.mm', locale=_LOCALES[language])} {local.tzname()}"


FORMATS: dict[str, tuple[str, Callable[[Any, str], str]]] = {
    "idr": ("int", rupiah),
    "number": ("int", lambda v, lang: format_decimal(v, locale=_LOCALES[lang])),
    "decimal": ("Decimal", lambda v, lang: format_decimal(v, format="#,##0.###", locale=_LOCALES[lang])),
    "score": ("float", lambda v, lang: format_decimal(v, format="+0.00;-0.00", locale=_LOCALES[lang])),
    "percent": ("float", lambda v, lang: format_percent(v, "#,##0.0 %", locale=_LOCALES[lang])),
    "date": ("date", lambda v, lang: format_date(v, "d MMMM y", locale=_LOCALES[lang])),
    "month": ("Month", _month),
    "moment": ("datetime", _moment),
}
"""How a value is written: the name in the catalog → (its Python type, the writer)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be rendered: its key and its values."""

    key: str
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """Several texts one after the other."""

    parts: tuple["Words", ...]
    between: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A person's or a place's own words (a name), never markup."""

    words: str


Words = Text | Joined | Plain


def join(parts: Iterable[Words], between: str = "\n") -> Joined:
    """Put texts together, by default each on its own line."""
    return Joined(tuple(parts), between)


def render(words: Words, language: str, *, short: bool = False) -> str:
    """Write a text in a language, in light markup; `short` in fewer letters, where the catalog knows how."""
    if isinstance(words, Plain):
        return escape(words.words)
    if isinstance(words, Joined):
        return words.between.join(render(part, language, short=short) for part in words.parts)
    catalog = _catalog(language)
    pieces = (catalog.get(words.key + SHORT) if short else None) or catalog[words.key]
    values = dict(words.values)
    return "".join(
        literal + (_write(values[name], spec, language, short=short) if name else "")
        for literal, name, spec in pieces
    )


def shortened(words: Words, language: str) -> str:
    """Return what a label is called where there is little room; empty when that is nothing else."""
    short = render(words, language, short=True)
    return "" if short == render(words, language) else short


def _write(value: Any, spec: str, language: str, *, short: bool) -> str:
    if spec:
        return FORMATS[spec][1](value, language)
    if isinstance(value, Text | Joined | Plain):
        return render(value, language, short=short)
    return escape(str(value))


Pieces = tuple[tuple[str, str, str], ...]


@functools.cache
def _catalog(language: str) -> dict[str, Pieces]:
    """Read a language's files into key → pieces of (literal, value name or "", format)."""
    texts: dict[str, Pieces] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        for name, words in tomllib.loads(path.read_text(encoding="utf-8")).items():
            texts[f"{path.stem}.{name}"] = _pieces(words)
    return texts


def _pieces(words: str) -> Pieces:
    return tuple((literal, name or "", spec or "") for literal, name, spec, _ in Formatter().parse(words))


def parameters(pieces: Pieces) -> dict[str, str]:
    """Return a text's value names with their formats."""
    return {name: spec for _, name, spec in pieces if name}


class _Feature:
    """The texts of one file: `t.signup.welcome(name=…)`."""

    def __init__(self, feature: str) -> None:
        self._feature = feature

    def __getattr__(self, name: str) -> Callable[..., Text]:
        key = f"{self._feature}.{name}"
        if key not in _catalog(LANGUAGES[0]):
            raise AttributeError(f"no text {key}")

        def text(**values: Any) -> Text:
            return Text(key, tuple(values.items()))

        setattr(self, name, text)
        return text


class _Catalog:
    """All texts: `t.signup`, `t.adopt`, …."""

    def __getattr__(self, feature: str) -> _Feature:
        if not (FOLDER / LANGUAGES[0] / f"{feature}.toml").exists():
            raise AttributeError(f"no texts for {feature}")
        found = _Feature(feature)
        setattr(self, feature, found)
        return found


t = _Catalog()


def all_texts() -> dict[str, dict[str, Pieces]]:
    """Return every text by language and key. Raises ValueError when the languages do not agree."""
    catalogs = {language: _catalog(language) for language in LANGUAGES}
    first, *others = LANGUAGES
    for other in others:
        if odd := catalogs[first].keys() ^ catalogs[other].keys():
            raise ValueError(f"only in one of {first}, {other}: {sorted(odd)}")
        for key, pieces in catalogs[first].items():
            if parameters(pieces) != parameters(catalogs[other][key]):
                raise ValueError(f"{key} takes other values in {other}")
    for key in short_forms():
        long = catalogs[first][key.removesuffix(SHORT)]
        if not parameters(catalogs[first][key]).items() <= parameters(long).items():
            raise ValueError(f"{key} takes other values than what it is the short form of")
    return catalogs


def short_forms() -> frozenset[str]:
    """Return the keys of short forms: those that say another text, under its key, in fewer letters."""
    catalog = _catalog(LANGUAGES[0])
    return frozenset(key for key in catalog if key.endswith(SHORT) and key.removesuffix(SHORT) in catalog)


all_texts()
