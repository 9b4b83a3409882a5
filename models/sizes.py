"""Reading a weight or a length as people type it, in figures or in words; never guessing; and what can be one.

Anything that could be two numbers, or none, is refused: who asked then asks again, with an example.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from models.errors import BadInput

KILOGRAMS_OF_A_CHILD = (Decimal("0.5"), Decimal(60))
CENTIMETRES_OF_A_CHILD = (Decimal(25), Decimal(150))
"""Beyond these nothing is kept as a child's size, whoever stands by it."""

# Input words, in both languages.
_DIGITS = {
    "nol": 0, "kosong": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7,
    "delapan": 8, "sembilan": 9, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_NUMBERS = {"sepuluh": 10, "sebelas": 11, "seratus": 100, "ten": 10, "eleven": 11, "twelve": 12}
_COMMA = {"koma", "titik", "point"}

_GRAM, _MILLIMETRE = Decimal("0.001"), Decimal("0.1")
_KILOGRAMS = {
    "kg": Decimal(1), "kgs": Decimal(1), "kilo": Decimal(1), "kilogram": Decimal(1), "ons": Decimal("0.1"),
    "gram": _GRAM, "gr": _GRAM, "g": _GRAM,
}  # fmt: skip
_CENTIMETRES = {
    "m": Decimal(100), "meter": Decimal(100), "cm": Decimal(1), "senti": Decimal(1), "sentimeter": Decimal(1),
    "mm": _MILLIMETRE, "mili": _MILLIMETRE,
}  # fmt: skip

_TOKEN = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?(?![.,]?\d)|[a-z]+|\S", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}\.\d{3}", re.ASCII)


def check_sizes(weight_g: int | None, length_mm: int | None) -> None:
    """Raise BadInput('size') for grams or millimetres that are no child's."""
    for kept, unit, (least, most) in (
        (weight_g, 1000, KILOGRAMS_OF_A_CHILD),
        (length_mm, 10, CENTIMETRES_OF_A_CHILD),
    ):
        if kept is not None and not least <= Decimal(kept) / unit <= most:
            raise BadInput("size")


def parse_weight(text: str) -> Decimal:
    """Read kilograms: `9,2`, `9.2 kg`, `9 kg 2 ons`, `9.200 gram`, `delapan koma lima`. Raises BadInput('number')."""
    return _sum(text, _KILOGRAMS)


def parse_length(text: str) -> Decimal:
    """Read centimetres: `82,1`, `82.1 cm`, `1 m 2 cm`, `821 mm`, `delapan puluh dua`. Raises BadInput('number')."""
    return _sum(text, _CENTIMETRES)


def _sum(text: str, units: dict[str, Decimal]) -> Decimal:
    """Add up numbers whose units become smaller; a number that stands alone needs none."""
    parts = list(_parts(text.casefold().strip().rstrip(".!"), units))
    sizes = [units[unit] if unit else Decimal(1) for _, unit in parts]
    if not parts or (len(parts) > 1 and any(not unit for _, unit in parts)):
        raise BadInput("number")
    if sizes != sorted(set(sizes), reverse=True):
        raise BadInput("number")
    return sum(
        (_number(words, size) * size for (words, _), size in zip(parts, sizes, strict=True)), Decimal(0)
    )


def _parts(text: str, units: dict[str, Decimal]) -> Iterator[tuple[list[str], str]]:
    """Yield (the words of a number, the unit behind it or nothing)."""
    words: list[str] = []
    for token in _TOKEN.findall(text):
        if token in units and words:
            yield words, token
            words = []
        elif token.isascii() and token[0].isalnum():
            words.append(token)
        else:
            raise BadInput("number")
    if words:
        yield words, ""


def _number(words: list[str], unit: Decimal) -> Decimal:
    if len(words) == 1 and words[0][0].isdigit():
        # Of grams and millimetres nobody writes thousandths: there the point parts thousands.
        thousands = unit < 1 and _THOUSANDS.fullmatch(words[0])
        return Decimal(words[0].replace(".", "") if thousands else words[0].replace(",", "."))
    return _spoken(words)


def _spoken(words: list[str]) -> Decimal:
    """Read `delapan puluh dua koma satu`: a whole number below a thousand, decimals one by one."""
    comma = next((place for place, word in enumerate(words) if word in _COMMA), len(words))
    decimals = words[comma + 1 :]
    if any(word not in _DIGITS for word in decimals) or (comma < len(words) and not decimals):
        raise BadInput("number")
    digits = "".join(str(_DIGITS[word]) for word in decimals)
    return Decimal(f"{_whole(words[:comma])}.{digits or 0}")


def _whole(words: list[str]) -> int:
    """Read `seratus dua`, `dua belas`, `sebelas`, `delapan puluh dua`; each step smaller than the one before."""
    total, digit, smallest = 0, None, 1000
    for word in words:
        if word in _DIGITS and digit is None:
            digit = _DIGITS[word]
            continue
        value, step = _step(word, digit)
        if step >= smallest:
            raise BadInput("number")
        total, digit, smallest = total + value, None, step
    if not words or (digit is not None and smallest == 1):
        raise BadInput("number")
    return total + (digit or 0)


def _step(word: str, digit: int | None) -> tuple[int, int]:
    """Return what a word makes of the digit before it, and how fine it counts."""
    if digit is None and word in _NUMBERS:
        return _NUMBERS[word], 100 if word == "seratus" else 1
    if digit and word == "belas":
        return digit + 10, 1
    if digit and word in {"puluh", "ratus"}:
        step = 10 if word == "puluh" else 100
        return digit * step, step
    raise BadInput("number")
