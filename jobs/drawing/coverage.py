"""The coverage page: one figure to remember, each area's bar, and how it came to be over a year.

The colours are Okabe and Ito's blue and orange (Color Universal Design, 2008), the blue darker, over grey: they
differ in lightness too, so the page survives colour blindness and a black-and-white printer.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil

from babel.numbers import format_decimal

from jobs.charts import CoverageChart, HistoryPoint, PlaceBar
from jobs.drawing.page import ONE_AT_A_TIME, Page, Weight, text_width, wrapped

WIDTH, HEIGHT = 1080, 1200
MARGIN = 64
INNER = WIDTH - 2 * MARGIN

MOST_PLACES = 60
ONE_COLUMN = 12
"""More places than this stand in two columns."""

HISTORY = 258
"""The least height of the year's line with its title and months."""

INK, QUIET, RULE = "#16222E", "#5B6875", "#E4E8EC"
SHADE = "#E3EEF7"
FULLY, PARTLY, NONE = "#0B5FA5", "#E69F00", "#D3D9DF"
ON = {FULLY: "white", PARTLY: INK, NONE: INK}


def draw(data: CoverageChart) -> bytes:
    """Return the page as PNG: 1080 pixels wide and 1200 high, higher only for many places."""
    with ONE_AT_A_TIME:
        return _page(data).png()


def _page(data: CoverageChart) -> Page:
    places = _at_most(MOST_PLACES, data["places"], data["others"], data["locale"])
    footnote = wrapped(data["footnote"], 21, INNER)[:6]
    columns = _columns(places, 1 if len(places) <= ONE_COLUMN else 2)
    top = 500 if data.get("change") else 456
    rest = top + 80 + 30 * len(footnote) + (HISTORY if data["history"] else 0)
    rows = max(len(columns[0]), 2)
    pitch = min(78, max((HEIGHT - rest) / rows, 40 if len(columns) > 1 else 46))
    spare = min(max(HEIGHT - rest - rows * pitch, 0), 160 if data["history"] else 0)
    page = Page(WIDTH, int(rest + rows * pitch + spare))
    _head(page, data)
    _whole(page, top - 150, data, places)
    _places(page, top, pitch, data, columns)
    if data["history"]:
        _history(page, top + 46 + rows * pitch, 100 + spare, data)
    for number, line in enumerate(reversed(footnote)):
        page.text(MARGIN, page.height - 38 - 30 * number, line, size=21, color=QUIET, within=INNER)
    return page


def _head(page: Page, data: CoverageChart) -> None:
    page.box(0, 0, WIDTH, 12, FULLY)
    page.text(MARGIN, 76, data["title"], size=29, color=QUIET, within=INNER)
    page.text(MARGIN, 184, data["headline"], size=92, color=INK, weight="bold", within=INNER, smallest=0.45)
    page.text(MARGIN, 242, data["subtitle"], size=34, color=INK, within=INNER)
    if change := data.get("change"):
        page.text(MARGIN, 292, change, size=29, color=FULLY, weight="bold", within=INNER)


def _whole(page: Page, y: float, data: CoverageChart, places: Sequence[PlaceBar]) -> None:
    """Draw all places as one bar, with the legend under its parts."""
    parts = [(FULLY, data["fully"], sum(p["fully"] for p in places))]
    parts.append((PARTLY, data["partly"], sum(p["partly"] for p in places)))
    parts.append((NONE, data["none"], sum(p["none"] for p in places)))
    _stack(page, MARGIN, y, INNER, 26, [(color, count) for color, _, count in parts])
    x: float = MARGIN
    room = INNER / 3
    for color, word, count in parts:
        page.box(x, y + 46, 22, 22, color, radius=5)
        number = _number(count, data["locale"])
        written = page.text(x + 34, y + 66, number, size=28, color=INK, weight="bold", within=room * 0.5)
        page.text(x + 42 + written, y + 66, word, size=26, color=QUIET, within=room - 58 - written)
        x += room


def _places(
    page: Page, top: float, pitch: float, data: CoverageChart, columns: Sequence[Sequence[PlaceBar]]
) -> None:
    """Draw a bar for each place, its parts as shares of its own children; rows are `pitch` pixels apart."""
    page.text(MARGIN, top, data["places_title"], size=28, color=INK, weight="bold", within=INNER)
    everyone = [place for column in columns for place in column]
    if not any(_children(place) for place in everyone):
        page.text(MARGIN, top + 28 + pitch, data["empty"], size=28, color=QUIET, within=INNER)
        return
    gap = 40
    width = (INNER - gap * (len(columns) - 1)) / len(columns)
    size = 26 if len(columns) == 1 else 21
    label = min(width * 0.44, max(text_width(place["label"], size) for place in everyone) + 4)
    caption = min(width * 0.34, max(text_width(place["caption"], size) for place in everyone) + 4)
    thick = min(48, pitch * 0.64)
    for number, column in enumerate(columns):
        left = MARGIN + number * (width + gap)
        for row, place in enumerate(column):
            y = top + 28 + pitch * (row + 0.5)
            page.text(left, y + size * 0.36, place["label"], size=size, color=INK, within=label)
            page.text(
                left + width,
                y + size * 0.36,
                place["caption"],
                size=size,
                color=INK,
                align="right",
                within=caption,
            )
            _bar(page, left + label + 16, y - thick / 2, width - label - caption - 32, thick, place, data)


def _bar(
    page: Page, x: float, y: float, width: float, thick: float, place: PlaceBar, data: CoverageChart
) -> None:
    parts = [(FULLY, place["fully"]), (PARTLY, place["partly"]), (NONE, place["none"])]
    size = min(24, thick * 0.66)
    for color, left, wide, count in _stack(page, x, y, width, thick, parts):
        words = _number(count, data["locale"])
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


def _stack(
    page: Page, x: float, y: float, width: float, thick: float, parts: Sequence[tuple[str, int]]
) -> list[tuple[str, float, float, int]]:
    """Draw parts side by side as shares of their sum; return where each (color, left, width, count) lies.

    A part that is there is at least three pixels wide: one child in a thousand shows.
    """
    whole = sum(count for _, count in parts)
    present = [(color, count) for color, count in parts if count]
    if not whole:
        page.box(x, y + thick / 2 - 2, width, 4, RULE)
        return []
    gap, least = 3.0, 3.0
    room = width - gap * (len(present) - 1) - least * len(present)
    drawn = []
    for color, count in present:
        wide = least + room * count / whole
        page.box(x, y, wide, thick, color, radius=5)
        drawn.append((color, x, wide, count))
        x += wide + gap
    return drawn


def _history(page: Page, y: float, tall: float, data: CoverageChart) -> None:
    """Draw the line of the past months, `tall` pixels from nothing to a round percentage above its highest."""
    page.box(MARGIN, y, INNER, 2, RULE)
    page.text(MARGIN, y + 46, data["history_title"], size=28, color=INK, weight="bold", within=INNER)
    points = data["history"]
    left, right, bottom = MARGIN + 40, WIDTH - MARGIN - 40, y + 104 + tall
    ceiling = _ceiling(points)
    step = (right - left) / (len(points) - 1) if len(points) > 1 else 0
    begin = left if step else WIDTH / 2
    spots = [
        None
        if point["percent"] is None
        else (begin + step * n, bottom - tall * min(point["percent"] / ceiling, 1))
        for n, point in enumerate(points)
    ]
    page.box(MARGIN, bottom, INNER, 2, RULE)
    for run in _runs(spots):
        page.area([(run[0][0], bottom), *run, (run[-1][0], bottom)], SHADE)
        if len(run) > 1:
            page.line(run, FULLY, 5)
        else:
            page.dot(*run[0], 7, FULLY)
    _name_months(page, points, begin, step, bottom + 34)
    _say_ends(page, points, spots)


def _name_months(page: Page, points: Sequence[HistoryPoint], begin: float, step: float, y: float) -> None:
    """Write as many months as fit, the last one always."""
    widest = max(text_width(point["label"], 21) for point in points) + 20
    every = max(1, ceil(widest / step)) if step else 1
    for n, point in enumerate(points):
        if (len(points) - 1 - n) % every == 0:
            page.text(
                begin + step * n, y, point["label"], size=21, color=QUIET, align="center", within=INNER / 4
            )


def _say_ends(
    page: Page, points: Sequence[HistoryPoint], spots: Sequence[tuple[float, float] | None]
) -> None:
    """Say the figure at the first point and the last."""
    known = [(spot, point["caption"]) for spot, point in zip(spots, points, strict=True) if spot]
    if len(known) > 1:
        _say(page, *known[0], size=23, color=QUIET, weight="regular")
    if known:
        page.dot(*known[-1][0], 10, FULLY)
        _say(page, *known[-1], size=27, color=FULLY, weight="bold")


def _say(
    page: Page, spot: tuple[float, float], words: str, *, size: float, color: str, weight: Weight
) -> None:
    half = min(text_width(words, size, weight), INNER / 4) / 2
    x = min(max(spot[0], MARGIN + half), WIDTH - MARGIN - half)
    page.text(x, spot[1] - 22, words, size=size, color=color, weight=weight, align="center", within=INNER / 4)


def _ceiling(points: Sequence[HistoryPoint]) -> float:
    highest = max((point["percent"] or 0 for point in points), default=0)
    return next((step for step in (5, 10, 20, 30, 40, 50, 60, 80) if highest <= step), 100)


def _runs(spots: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """Cut the line where a month has no figure."""
    for there, run in groupby(spots, key=lambda spot: spot is not None):
        if there:
            yield [spot for spot in run if spot]


def _at_most(most: int, places: Sequence[PlaceBar], others: str, locale: str) -> list[PlaceBar]:
    """Add up the places beyond the first ones into one that stands last."""
    if len(places) <= most:
        return list(places)
    rest = places[most - 1 :]
    fully, partly, none = (sum(place[part] for place in rest) for part in ("fully", "partly", "none"))
    caption = f"{_number(fully, locale)}/{_number(fully + partly + none, locale)}"
    last: PlaceBar = {"label": others, "fully": fully, "partly": partly, "none": none, "caption": caption}
    return [*places[: most - 1], last]


def _columns(places: Sequence[PlaceBar], columns: int) -> list[Sequence[PlaceBar]]:
    rows = max(1, -(-len(places) // columns))
    return [places[start : start + rows] for start in range(0, len(places), rows)] or [places]


def _children(place: PlaceBar) -> int:
    return place["fully"] + place["partly"] + place["none"]


def _number(count: int, locale: str) -> str:
    return str(format_decimal(count, locale=locale))
