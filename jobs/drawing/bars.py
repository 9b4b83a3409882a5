"""What pages of figures are made of: a head to remember, bars of parts, columns of months, a footnote.

The colours are Okabe and Ito's blue and orange (Color Universal Design, 2008), the blue darker, a dark red, over
grey: they differ in lightness too, so a page survives colour blindness and a black-and-white printer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from babel.numbers import format_decimal

from jobs.drawing.page import Page, text_width, wrapped

WIDTH = 1080
MARGIN = 64
INNER = WIDTH - 2 * MARGIN

INK, QUIET, RULE = "#16222E", "#5B6875", "#E4E8EC"
FULLY, PARTLY, POOR, NONE = "#0B5FA5", "#E69F00", "#A8321A", "#D3D9DF"
ON = {FULLY: "white", PARTLY: INK, POOR: "white", NONE: INK}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole: its colour, its word, and how many it is."""

    color: str
    word: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """A bar with its name at the left and its caption at the right; `counts` in the order of the colours."""

    label: str
    counts: Sequence[int]
    caption: str


def head(page: Page, title: str, headline: str, subtitle: str, change: str | None) -> None:
    """Write what the page is about, and the figure that everybody should remember."""
    page.box(0, 0, WIDTH, 12, FULLY)
    page.text(MARGIN, 76, title, size=29, color=QUIET, within=INNER)
    page.text(MARGIN, 184, headline, size=92, color=INK, weight="bold", within=INNER, smallest=0.45)
    page.text(MARGIN, 242, subtitle, size=34, color=INK, within=INNER)
    if change:
        page.text(MARGIN, 292, change, size=29, color=FULLY, weight="bold", within=INNER)


def whole(page: Page, y: float, parts: Sequence[Part], locale: str) -> None:
    """Draw parts as one bar, with the legend under it."""
    stack(page, MARGIN, y, INNER, 26, [(part.color, part.count) for part in parts])
    x: float = MARGIN
    room = INNER / len(parts)
    for part in parts:
        page.box(x, y + 46, 22, 22, part.color, radius=5)
        written = page.text(
            x + 34,
            y + 66,
            number(part.count, locale),
            size=28,
            color=INK,
            weight="bold",
            within=room * 0.5,
        )
        page.text(x + 42 + written, y + 66, part.word, size=26, color=QUIET, within=room - 58 - written)
        x += room


def rows(
    page: Page,
    top: float,
    pitch: float,
    columns: Sequence[Sequence[Row]],
    colors: Sequence[str],
    locale: str,
) -> None:
    """Draw a bar for each row, its parts as shares of their own sum; rows are `pitch` pixels apart."""
    everyone = [row for column in columns for row in column]
    gap = 40
    width = (INNER - gap * (len(columns) - 1)) / len(columns)
    size = 26 if len(columns) == 1 else 21
    label = min(width * 0.44, max(text_width(row.label, size) for row in everyone) + 4)
    caption = min(width * 0.34, max(text_width(row.caption, size) for row in everyone) + 4)
    thick = min(48, pitch * 0.64)
    for place, column in enumerate(columns):
        left = MARGIN + place * (width + gap)
        for line, row in enumerate(column):
            y = top + pitch * (line + 0.5)
            base = y + size * 0.36
            page.text(left, base, row.label, size=size, color=INK, within=label)
            page.text(left + width, base, row.caption, size=size, color=INK, align="right", within=caption)
            _bar(
                page,
                left + label + 16,
                y - thick / 2,
                width - label - caption - 32,
                thick,
                list(zip(colors, row.counts, strict=True)),
                locale,
            )


def _bar(
    page: Page,
    x: float,
    y: float,
    width: float,
    thick: float,
    parts: Sequence[tuple[str, int]],
    locale: str,
) -> None:
    size = min(24, thick * 0.66)
    for color, left, wide, count in stack(page, x, y, width, thick, parts):
        words = number(count, locale)
        if text_width(words, size, "bold") + 10 <= wide:
            page.text(
                left + wide / 2,
                y + thick / 2 + size * 0.36,
                words,
                size=size,
                color=ON[color],
                weight="bold",
                align="center",
            )


def stack(
    page: Page, x: float, y: float, width: float, thick: float, parts: Sequence[tuple[str, int]]
) -> list[tuple[str, float, float, int]]:
    """Draw parts side by side as shares of their sum; return where each (color, left, width, count) lies.

    A part that is there is at least three pixels wide: one child in a thousand shows.
    """
    together = sum(count for _, count in parts)
    present = [(color, count) for color, count in parts if count]
    if not together:
        page.box(x, y + thick / 2 - 2, width, 4, RULE)
        return []
    gap, least = 3.0, 3.0
    room = width - gap * (len(present) - 1) - least * len(present)
    drawn = []
    for color, count in present:
        wide = least + room * count / together
        page.box(x, y, wide, thick, color, radius=5)
        drawn.append((color, x, wide, count))
        x += wide + gap
    return drawn


def month_names(page: Page, labels: Sequence[str], begin: float, step: float, y: float) -> None:
    """Write as many months as fit, the last one always."""
    widest = max(text_width(label, 21) for label in labels) + 20
    every = max(1, ceil(widest / step)) if step else 1
    for n, label in enumerate(labels):
        if (len(labels) - 1 - n) % every == 0:
            page.text(begin + step * n, y, label, size=21, color=QUIET, align="center", within=INNER / 4)


def footnote(page: Page, lines: Sequence[str]) -> None:
    """Write lines at the foot of the page."""
    for place, line in enumerate(reversed(lines)):
        page.text(MARGIN, page.height - 38 - 30 * place, line, size=21, color=QUIET, within=INNER)


def footnote_lines(words: str) -> list[str]:
    """Break a footnote into the lines that a page has room for."""
    return wrapped(words, 21, INNER)[:6]


def number(count: int, locale: str) -> str:
    """Write a count as the reader does."""
    return str(format_decimal(count, locale=locale))
