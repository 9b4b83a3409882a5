"""The coverage page: one figure to remember, each area's bar, and how it came to be over a year.

The colours are Okabe and Ito's blue and orange (Color Universal Design, 2008), the blue darker, over grey: they
differ in lightness too, so the page survives colour blindness and a black-and-white printer.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from babel.numbers import format_decimal

from jobs.charts import CoverageChart, HistoryPoint, PlaceBar
from jobs.drawing.page import ONE_AT_A_TIME, Page, text_width, wrapped

WIDTH, HEIGHT = 1080, 1200
MARGIN = 64
INNER = WIDTH - 2 * MARGIN

MOST_PLACES = 60
ONE_COLUMN = 12
"""More places than this stand in two columns."""

HISTORY = 270
"""The height of the year's line with its title and months."""

INK, QUIET, RULE = "#16222E", "#5B6875", "#E4E8EC"
FULLY, PARTLY, NONE = "#0B5FA5", "#E69F00", "#D3D9DF"
ON = {FULLY: "white", PARTLY: INK, NONE: INK}


def draw(data: CoverageChart) -> bytes:
    """Return the page as PNG: 1080 pixels wide and 1200 high, higher only for many places."""
    with ONE_AT_A_TIME:
        return _page(data).png()


def _page(data: CoverageChart) -> Page:
    places = _at_most(MOST_PLACES, data["places"], data["others"], data["locale"])
    footnote = wrapped(data["footnote"], 21, INNER)[:6]
    columns = 1 if len(places) <= ONE_COLUMN else 2
    rows = -(-len(places) // columns)
    top = 500 if data.get("change") else 456
    below = 50 + 30 * len(footnote) + (HISTORY if data["history"] else 0)
    height = max(HEIGHT, top + rows * (44 if columns == 1 else 40) + below)
    page = Page(WIDTH, height)
    _head(page, data)
    _whole(page, top - 150, data, places)
    _places(page, top, height - below, data, _columns(places, columns))
    if data["history"]:
        _history(page, height - below + 20, data)
    for number, line in enumerate(reversed(footnote)):
        page.text(MARGIN, height - 38 - 30 * number, line, size=21, color=QUIET, within=INNER)
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
    page: Page, top: float, bottom: float, data: CoverageChart, columns: Sequence[Sequence[PlaceBar]]
) -> None:
    """Draw a bar for each place, its parts as shares of its own children."""
    page.text(MARGIN, top, data["places_title"], size=28, color=INK, weight="bold", within=INNER)
    if not any(_children(place) for column in columns for place in column):
        page.text(
            WIDTH / 2, (top + bottom) / 2, data["empty"], size=32, color=QUIET, align="center", within=INNER
        )
        return
    gap = 36
    width = (INNER - gap * (len(columns) - 1)) / len(columns)
    size = 26 if len(columns) == 1 else 20
    pitch = min(84, (bottom - top - 28) / len(columns[0]))
    everyone = [place for column in columns for place in column]
    label = min(width * 0.36, max(text_width(place["label"], size) for place in everyone) + 4)
    caption = min(width * 0.34, max(text_width(place["caption"], size) for place in everyone) + 4)
    for number, column in enumerate(columns):
        x = MARGIN + number * (width + gap)
        for row, place in enumerate(column):
            middle = top + 28 + pitch * (row + 0.5)
            page.text(x, middle + size * 0.36, place["label"], size=size, color=INK, within=label)
            right = x + width
            page.text(
                right,
                middle + size * 0.36,
                place["caption"],
                size=size,
                color=INK,
                align="right",
                within=caption,
            )
            thick = min(46, pitch * 0.62)
            _bar(page, x + label + 16, middle - thick / 2, width - label - caption - 32, thick, place, data)


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


def _history(page: Page, y: float, data: CoverageChart) -> None:
    """Draw the line of the past months between nothing and a round percentage above its highest."""
    page.box(MARGIN, y, INNER, 2, RULE)
    page.text(MARGIN, y + 46, data["history_title"], size=28, color=INK, weight="bold", within=INNER)
    points = data["history"]
    left, right, top, bottom = MARGIN + 34, WIDTH - MARGIN - 34, y + 106, y + 206
    ceiling = _ceiling(points)
    step = (right - left) / (len(points) - 1) if len(points) > 1 else 0
    begin = left if step else (left + right) / 2
    spots = [
        None
        if point["percent"] is None
        else (begin + step * n, bottom - (bottom - top) * min(point["percent"] / ceiling, 1))
        for n, point in enumerate(points)
    ]
    page.box(MARGIN, bottom, INNER, 2, RULE)
    for run in _runs(spots):
        page.area([(run[0][0], bottom), *run, (run[-1][0], bottom)], "#E3EEF7")
        if len(run) > 1:
            page.line(run, FULLY, 5)
    _mark(page, points, spots, begin, step, bottom)


def _mark(
    page: Page,
    points: Sequence[HistoryPoint],
    spots: Sequence[tuple[float, float] | None],
    begin: float,
    step: float,
    bottom: float,
) -> None:
    """Name the months; say the figure at the first point and the last."""
    every = 1 if len(points) <= 12 else -(-len(points) // 12)
    known = [n for n, spot in enumerate(spots) if spot]
    for n, (point, spot) in enumerate(zip(points, spots, strict=True)):
        if (len(points) - 1 - n) % every == 0:
            page.text(
                begin + step * n,
                bottom + 32,
                point["label"],
                size=21,
                color=QUIET,
                align="center",
                within=max(step, 70),
            )
        if spot:
            page.dot(*spot, 9 if n == known[-1] else 5, FULLY)
        if spot and n in {known[0], known[-1]}:
            last = n == known[-1]
            page.text(
                spot[0],
                spot[1] - 20,
                point["caption"],
                size=26 if last else 22,
                color=FULLY if last else QUIET,
                weight="bold" if last else "regular",
                align="center",
            )


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
    return [places[start : start + rows] for start in range(0, len(places), rows)]


def _children(place: PlaceBar) -> int:
    return place["fully"] + place["partly"] + place["none"]


def _number(count: int, locale: str) -> str:
    return str(format_decimal(count, locale=locale))
