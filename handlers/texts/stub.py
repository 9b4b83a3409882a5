"""Writes `__init__.pyi`: the catalogs' keys and values as types. Run as `python -m handlers.texts.stub`."""

import sys
from pathlib import Path

from handlers.texts import FORMATS, LANGUAGES, all_texts, parameters, short_forms

TARGET = Path(__file__).with_name("__init__.pyi")

HEAD = """# Written by `python -m handlers.texts.stub` from the Indonesian catalogs; do not edit.
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.months import Month

LANGUAGES: tuple[str, ...]
FOLDER: Path
MARKUP: str
SHORT: str
FORMATS: dict[str, tuple[str, Callable[[Any, str], str]]]
Pieces = tuple[tuple[str, str, str], ...]

@dataclass(frozen=True, slots=True)
class Text:
    key: str
    values: tuple[tuple[str, Any], ...] = ...

@dataclass(frozen=True, slots=True)
class Joined:
    parts: tuple[Words, ...]
    between: str

@dataclass(frozen=True, slots=True)
class Plain:
    words: str

Words = Text | Joined | Plain

def escape(value: str) -> str: ...
def plain(marked: str) -> str: ...
def rupiah(amount_idr: int, language: str) -> str: ...
def short_month(value: Month, language: str) -> str: ...
def moments_in(zone: ZoneInfo) -> None: ...
def join(parts: Iterable[Words], between: str = ...) -> Joined: ...
def render(words: Words, language: str, *, short: bool = ...) -> str: ...
def shortened(words: Words, language: str) -> str: ...
def parameters(pieces: Pieces) -> dict[str, str]: ...
def all_texts() -> dict[str, dict[str, Pieces]]: ...
def short_forms() -> frozenset[str]: ...
"""


def stub() -> str:
    """Return the stub's text."""
    features: dict[str, list[str]] = {}
    for key, pieces in all_texts()[LANGUAGES[0]].items():
        if key in short_forms():
            continue  # found by the long one's key, never named
        feature, _, name = key.partition(".")
        values = ", ".join(f"{value}: {_type(spec)}" for value, spec in parameters(pieces).items())
        signature = f"self, *, {values}" if values else "self"
        features.setdefault(feature, []).append(f"    def {name}({signature}) -> Text: ...")
    classes = [f"class _{feature.title()}:\n" + "\n".join(methods) for feature, methods in features.items()]
    catalog = "class _Catalog:\n" + "\n".join(f"    {f}: _{f.title()}" for f in features)
    return "\n".join([HEAD, *[c + "\n" for c in classes], catalog, "", "t: _Catalog", ""])


def _type(spec: str) -> str:
    return FORMATS[spec][0] if spec else "str | int | Words"


def main() -> int:
    """Write the stub; with `--check` only tell (exit 1) when it is not what the catalogs say."""
    if "--check" not in sys.argv:
        TARGET.write_text(stub(), encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") == stub():
        return 0
    sys.stderr.write("handlers/texts/__init__.pyi is not what the catalogs say: run `make texts`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
