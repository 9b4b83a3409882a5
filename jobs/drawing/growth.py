"""A child's growth on WHO's curves: where it stands, and whether it follows its line.

The bands differ in lightness and are named, so that the picture survives colour blindness; its page is its own
ground, so it reads the same in a dark chat as in a light one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from babel.numbers import format_decimal

from jobs.charts import GrowthChart, GrowthPanel, GrowthPoint
from jobs.drawing.page import ONE_AT_A_TIME, Page, wrapped
from models.children import Sex
from models.growth_categories import Index
from models.growth_standards import LAST_DAY, LAST_LYING_DAY, Measure, for_age

WIDTH = 1080
MARGIN = 56
LEFT, RIGHT = 132, 96
"""Room for the sizes at the left of the curves and for the names of the lines at their right."""

HEAD, PANEL, FOOT = 190, 606, 20
CURVES = 400
"""Pixels that the curves of a panel are high."""

DAYS_A_MONTH = 30.4375
INK, QUIET, RULE = "#16222E", "#5B6875", "#DDE3E8"
ACCENT = "#0B5FA5"
GOOD, LOW, VERY_LOW = "#E2F1E7", "#FBE3B4", "#F2B8A8"
LINES = {
    3: ("#8AA39A", 2.0),
    2: ("#8AA39A", 2.0),
    0: ("#2E7D5B", 4.0),
    -2: ("#B97800", 3.5),
    -3: ("#B23A1E", 3.5),
}
"""The curves that are drawn, from above: z-score → (colour, thickness)."""

NAME_HEIGHT = 27
"""A curve's z-score at its end is written so high."""

MEASURES = {Index.HAZ: Measure.LENGTH, Index.WAZ: Measure.WEIGHT}


def draw(data: GrowthChart) -> bytes:
    """Return the page as PNG: 1080 pixels wide, about 1400 high with two panels."""
    with ONE_AT_A_TIME:
        return _page(data).png()


def _page(data: GrowthChart) -> Page:
    footnote = wrapped(data["footnote"], 23, WIDTH - 2 * MARGIN)[:4]
    panels = data["panels"]
    page = Page(WIDTH, HEAD + PANEL * len(panels) + FOOT + 32 * len(footnote))
    _head(page, data)
    months = _window([point["day"] for panel in panels for point in panel["points"]])
    for number, panel in enumerate(panels):
        _panel(page, HEAD + PANEL * number, data, panel, months)
    for number, line in enumerate(reversed(footnote)):
        page.text(MARGIN, page.height - 36 - 32 * number, line, size=23, color=QUIET)
    return page


def _head(page: Page, data: GrowthChart) -> None:
    inner = WIDTH - 2 * MARGIN
    page.box(0, 0, WIDTH, 12, ACCENT)
    page.text(MARGIN, 86, data["title"], size=48, color=INK, weight="bold", within=inner, smallest=0.5)
    page.text(MARGIN, 142, data["subtitle"], size=34, color=INK, within=inner, smallest=0.6)


def _window(days: Sequence[int]) -> tuple[int, int]:
    """Return the first and last month to show: whole half years, at least one year, all points within."""
    if not days:
        return 0, 24
    newest, oldest = max(days) / DAYS_A_MONTH, min(days) / DAYS_A_MONTH
    last = min(60, max(12, 6 * ceil((newest + 1) / 6)))
    if newest > 60:
        last = 61
    first = min(6 * floor(oldest / 6), last - (12 if last <= 24 else 24))
    return max(0, first), last


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where a panel's days and sizes lie on the page."""

    top: float
    months: tuple[int, int]
    sizes: tuple[float, float]

    def x(self, day: float) -> float:
        first, last = (month * DAYS_A_MONTH for month in self.months)
        return LEFT + (day - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(self, size: float) -> float:
        least, most = self.sizes
        return self.top + CURVES - (size - least) / (most - least) * CURVES

    @property
    def days(self) -> range:
        """The days that are drawn."""
        first, last = (round(month * DAYS_A_MONTH) for month in self.months)
        return range(first, min(last, LAST_DAY) + 1)


def _panel(page: Page, top: float, data: GrowthChart, panel: GrowthPanel, months: tuple[int, int]) -> None:
    inner = WIDTH - 2 * MARGIN
    written = page.text(
        MARGIN, top + 34, panel["title"], size=31, color=INK, weight="bold", within=inner * 0.6
    )
    caption = panel["caption"]
    page.text(
        WIDTH - MARGIN,
        top + 34,
        caption,
        size=31,
        color=ACCENT,
        weight="bold",
        align="right",
        within=inner - written - 24,
        smallest=0.6,
    )
    _legend(page, top + 78, panel["bands"])
    size_at = _sizes(Sex(data["sex"]), MEASURES[Index(panel["index"])])
    plot = _scaled(top + 104, months, size_at, panel["points"])
    runs = list(_runs(plot.days, gap=panel["index"] == Index.HAZ))
    for run in runs:
        _bands(page, plot, run, size_at)
    _grid(page, plot, data["locale"])
    for run in runs:
        for z, (color, thickness) in LINES.items():
            page.line([(plot.x(day), plot.y(size_at(day, z))) for day in run], color, thickness)
    _name_lines(page, plot, size_at)
    _months(page, plot, data["age_title"])
    _child(page, plot, panel, data["empty"])


def _sizes(sex: Sex, measure: Measure) -> Callable[[int, float], float]:
    def size_at(day: int, z: float) -> float:
        line = for_age(measure, sex, day)
        assert line is not None  # noqa: S101 - only days of the table are drawn
        return line.size(z)

    return size_at


def _scaled(
    top: float,
    months: tuple[int, int],
    size_at: Callable[[int, float], float],
    points: Sequence[GrowthPoint],
) -> _Plot:
    """Make room for every curve and every point, with a little air."""
    days = _Plot(top, months, (0, 1)).days
    sizes = [size_at(day, z) for day in (days[0], days[-1]) for z in (-3.4, 3.2)]
    sizes += [point["size"] for point in points]
    air = (max(sizes) - min(sizes)) * 0.02
    return _Plot(top, months, (max(0, min(sizes) - air), max(sizes) + air))


def _runs(days: range, *, gap: bool) -> Iterator[list[int]]:
    """Yield the days to draw, every fourth, cut where children begin to be measured standing."""
    parts = [days]
    if gap and days[0] <= LAST_LYING_DAY < days[-1]:
        parts = [range(days[0], LAST_LYING_DAY + 1), range(LAST_LYING_DAY + 1, days[-1] + 1)]
    for part in parts:
        yield [*part[::4], part[-1]]


def _bands(page: Page, plot: _Plot, run: Sequence[int], size_at: Callable[[int, float], float]) -> None:
    floor_y = plot.top + CURVES
    edges = {z: [(plot.x(day), plot.y(size_at(day, z))) for day in run] for z in (3, -2, -3)}
    ground = [(plot.x(run[0]), floor_y), (plot.x(run[-1]), floor_y)]
    for upper, lower, color in ((3, -2, GOOD), (-2, -3, LOW), (-3, None, VERY_LOW)):
        below = ground if lower is None else edges[lower]
        page.area([*edges[upper], *reversed(below)], color)


def _grid(page: Page, plot: _Plot, locale: str) -> None:
    """Draw lines at round sizes, with the sizes."""
    least, most = plot.sizes
    step = next(step for step in (1, 2, 5, 10, 20) if (most - least) / step <= 7)
    size = step * ceil(least / step)
    while size <= most:
        y = plot.y(size)
        page.box(LEFT, y - 1, WIDTH - LEFT - RIGHT, 2, RULE)
        words = str(format_decimal(size, locale=locale))
        page.text(LEFT - 14, y + 9, words, size=26, color=QUIET, align="right")
        size += step


def _name_lines(page: Page, plot: _Plot, size_at: Callable[[int, float], float]) -> None:
    """Write each line's z-score at its right end, no nearer to the one above than can be read."""
    last, above = plot.days[-1], float("-inf")
    for z, (color, _) in LINES.items():
        y = above = max(plot.y(size_at(last, z)) + 9, above + NAME_HEIGHT)
        words = "0" if z == 0 else f"{z:+d}".replace("-", "−")  # noqa: RUF001 - a minus, not a hyphen
        page.text(WIDTH - RIGHT + 12, y, words, size=27, color=color, weight="bold")


def _months(page: Page, plot: _Plot, title: str) -> None:
    first, last = plot.months
    step = next(step for step in (1, 2, 3, 6, 12) if (last - first) / step <= 12)
    bottom = plot.top + CURVES
    page.box(LEFT, bottom, WIDTH - LEFT - RIGHT, 2, QUIET)
    for month in range(first, last + 1, step):
        page.text(plot.x(month * DAYS_A_MONTH), bottom + 36, str(month), size=26, color=QUIET, align="center")
    page.text(WIDTH / 2, bottom + 68, title, size=24, color=QUIET, align="center")


def _legend(page: Page, y: float, bands: Sequence[str]) -> None:
    x: float = MARGIN
    for color, words in zip((GOOD, LOW, VERY_LOW), bands, strict=True):
        page.box(x, y - 22, 28, 28, color, radius=5)
        x += 40 + page.text(x + 38, y, words, size=25, color=INK, within=300) + 32


def _child(page: Page, plot: _Plot, panel: GrowthPanel, empty: str) -> None:
    """Draw the child's line and points, the newest larger."""
    spots = [(plot.x(point["day"]), plot.y(point["size"])) for point in panel["points"]]
    if not spots:
        page.text(WIDTH / 2, plot.top + CURVES / 2, empty, size=30, color=INK, align="center", within=700)
        return
    for before, after in pairwise(spots):
        page.line([before, after], INK, 6)
    for spot in spots[:-1]:
        page.dot(*spot, 9, INK)
    page.dot(*spots[-1], 15, ACCENT)
