"""A page of parts: how a number falls apart now, from place to place, and over the months.

Months are columns on an axis from nothing to a round count, so a month with few answers looks like one; rows are
shares, each with its count beside it.
"""

from collections.abc import Sequence

from jobs.charts import PartsBar, PartsChart
from jobs.drawing.bars import (
    FULLY,
    INK,
    INNER,
    MARGIN,
    NONE,
    PARTLY,
    POOR,
    QUIET,
    RULE,
    WIDTH,
    Part,
    Row,
    footnote,
    footnote_lines,
    head,
    month_names,
    number,
    rows,
    whole,
)
from jobs.drawing.page import ONE_AT_A_TIME, Page, text_width

TONES = {"good": FULLY, "fair": PARTLY, "poor": POOR, "none": NONE}
HEAD = 400
"""The head with the bar of all and its legend."""

TITLE, PITCH, COLUMNS, HEADROOM, GAP = 44, 64, 290, 70, 36
"""Pixels of a section's title, of a row, of the columns with theirs, above the highest one, and between sections."""

MOST_ROWS, MOST_MONTHS = 40, 24
"""What is beyond is the maker's to add up, and is not drawn."""

FEW_ROWS, NARROW = 12, 46
"""More rows than these stand so near."""

ROUND = tuple(int(f"{size}{'0' * zeros}") for zeros in range(12) for size in (1, 2, 5))
"""Steps of an axis."""

WIDEST = 92
"""Of a column: with few months they do not become walls."""

AXIS = 70
"""Room for the counts at the axis."""


def draw(data: PartsChart) -> bytes:
    """Return the page as PNG, 1080 pixels wide and as high as what is on it."""
    with ONE_AT_A_TIME:
        return _page(data).png()


def _page(data: PartsChart) -> Page:
    notes = footnote_lines(data["footnote"])
    months, bars = data["months"][-MOST_MONTHS:], data["rows"][:MOST_ROWS]
    pitch = PITCH if len(bars) <= FEW_ROWS else NARROW
    tall = (TITLE + pitch * len(bars) if bars else 0) + (COLUMNS + TITLE if months else 0)
    between = GAP if bars and months else 0
    page = Page(WIDTH, HEAD + tall + between + 30 * len(notes) + 74)
    tones = [part["tone"] for part in data["parts"]]
    head(page, data["title"], data["headline"], data["subtitle"], None)
    words = [part["word"] for part in data["parts"]]
    whole(page, 280, list(map(Part, _colors(tones), words, data["total"])), data["locale"])
    y = HEAD + 20
    if bars:
        _title(page, y, data["rows_title"])
        drawn = [Row(bar["label"], bar["counts"], bar["caption"]) for bar in bars]
        rows(page, y + 20, pitch, [drawn], _colors(data.get("row_tones", tones)), data["locale"])
        y += TITLE + pitch * len(bars) + GAP
    if months:
        _title(page, y, data["months_title"])
        colors = _colors(data.get("month_tones", tones))
        _columns(page, y + COLUMNS, COLUMNS - HEADROOM, months, colors, data["locale"])
    footnote(page, notes)
    return page


def _colors(tones: Sequence[str]) -> list[str]:
    return [TONES[tone] for tone in tones]


def _title(page: Page, y: float, words: str) -> None:
    page.text(MARGIN, y, words, size=28, color=INK, weight="bold", within=INNER)


def _columns(
    page: Page, bottom: float, tall: float, months: Sequence[PartsBar], colors: Sequence[str], locale: str
) -> None:
    """Draw a column for each month, the first part at its foot, its caption above it."""
    left = MARGIN + AXIS
    top = _axis(page, bottom, tall, max(sum(month["counts"]) for month in months), left, locale)
    step = (WIDTH - MARGIN - left) / len(months)
    wide = min(WIDEST, step * 0.68)
    size = _size([month["caption"] for month in months], step)
    for place, month in enumerate(months):
        x, y = left + step * (place + 0.5), bottom
        for color, count in zip(colors, month["counts"], strict=True):
            if count:
                high = max(3.0, tall * count / top)
                page.box(x - wide / 2, y - high + 2, wide, high - 2, color)
                y -= high
        page.text(x, y - 12, month["caption"], size=size, color=INK, align="center", within=step)
    month_names(page, [month["label"] for month in months], left + step / 2, step, bottom + 34)


def _axis(page: Page, bottom: float, tall: float, most: int, left: float, locale: str) -> int:
    """Draw lines at round counts from nothing on; return the count at the height of `tall`."""
    step = next(step for step in ROUND if most <= 4 * step)
    top = step * max(1, -(-most // step))
    for count in range(0, top + 1, step):
        y = bottom - tall * count / top
        page.box(left - 10, y - 1, WIDTH - MARGIN - left + 10, 2, QUIET if not count else RULE)
        page.text(left - 20, y + 8, number(count, locale), size=21, color=QUIET, align="right", within=AXIS)
    return top


def _size(captions: Sequence[str], step: float) -> float:
    """Return one size for all captions, in which the widest stands over its column."""
    widest = max(text_width(caption, 24) for caption in captions)
    return min(24.0, 24 * (step - 6) / widest) if widest else 24.0
