"""The coverage page: one figure to remember, each area's bar, and how it came to be over a year."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from jobs.charts import CoverageChart, HistoryPoint, PlaceBar
from jobs.drawing.bars import (
    FULLY,
    INK,
    INNER,
    MARGIN,
    NONE,
    PARTLY,
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
from jobs.drawing.page import ONE_AT_A_TIME, Page, Weight, text_width

HEIGHT = 1200
COLORS = (FULLY, PARTLY, NONE)
SHADE = "#E3EEF7"

MOST_PLACES = 60
ONE_COLUMN = 12
"""More places than this stand in two columns."""

HISTORY = 258
"""The least height of the year's line with its title and months."""


def draw(data: CoverageChart) -> bytes:
    """Return the page as PNG: 1080 pixels wide and 1200 high, higher only for many places."""
    with ONE_AT_A_TIME:
        return _page(data).png()


def _page(data: CoverageChart) -> Page:
    places = _at_most(MOST_PLACES, data["places"], data["others"], data["locale"])
    notes = footnote_lines(data["footnote"])
    columns = _columns(places, 1 if len(places) <= ONE_COLUMN else 2)
    top = 500 if data.get("change") else 456
    rest = top + 80 + 30 * len(notes) + (HISTORY if data["history"] else 0)
    lines = max(len(columns[0]), 2)
    pitch = min(78, max((HEIGHT - rest) / lines, 40 if len(columns) > 1 else 46))
    spare = min(max(HEIGHT - rest - lines * pitch, 0), 160 if data["history"] else 0)
    page = Page(WIDTH, int(rest + lines * pitch + spare))
    head(page, data["title"], data["headline"], data["subtitle"], data.get("change"))
    words = (data["fully"], data["partly"], data["none"])
    sums = [sum(counts) for counts in zip(*map(_parts, places), strict=True)] or [0, 0, 0]
    whole(page, top - 150, list(map(Part, COLORS, words, sums)), data["locale"])
    _places(page, top, pitch, data, columns)
    if data["history"]:
        _history(page, top + 46 + lines * pitch, 100 + spare, data)
    footnote(page, notes)
    return page


def _places(
    page: Page, top: float, pitch: float, data: CoverageChart, columns: Sequence[Sequence[PlaceBar]]
) -> None:
    """Draw a bar for each place; rows are `pitch` pixels apart."""
    page.text(MARGIN, top, data["places_title"], size=28, color=INK, weight="bold", within=INNER)
    if not any(_children(place) for column in columns for place in column):
        page.text(MARGIN, top + 28 + pitch, data["empty"], size=28, color=QUIET, within=INNER)
        return
    bars = [[Row(place["label"], _parts(place), place["caption"]) for place in column] for column in columns]
    rows(page, top + 28, pitch, bars, COLORS, data["locale"])


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
    month_names(page, [point["label"] for point in points], begin, step, bottom + 34)
    _say_ends(page, points, spots)


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
    caption = f"{number(fully, locale)}/{number(fully + partly + none, locale)}"
    last: PlaceBar = {"label": others, "fully": fully, "partly": partly, "none": none, "caption": caption}
    return [*places[: most - 1], last]


def _columns(places: Sequence[PlaceBar], columns: int) -> list[Sequence[PlaceBar]]:
    rows = max(1, -(-len(places) // columns))
    return [places[start : start + rows] for start in range(0, len(places), rows)] or [places]


def _parts(place: PlaceBar) -> tuple[int, int, int]:
    return place["fully"], place["partly"], place["none"]


def _children(place: PlaceBar) -> int:
    return sum(_parts(place))
