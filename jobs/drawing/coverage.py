"""The coverage page: one figure to remember, each area's bar, and how it came to be over a year.

Colours are Okabe and Ito's blue and orange (Color Universal Design, 2008) over grey: they differ in lightness
too, so the page survives colour blindness and a black-and-white printer.
"""

from collections.abc import Sequence

from babel.numbers import format_decimal

from jobs.charts import CoverageChart, HistoryPoint, PlaceBar
from jobs.drawing.page import ONE_AT_A_TIME, Page, text_width, wrapped

WIDTH, HEIGHT = 1080, 1200
MARGIN = 64
INNER = WIDTH - 2 * MARGIN

MOST_PLACES = 60
ONE_COLUMN = 12
"""More places than this stand in two columns."""

INK, QUIET, RULE = "#16222E", "#5B6875", "#E4E8EC"
FULLY, PARTLY, NONE = "#0B62A4", "#E69F00", "#D3D9DF"
ON = {FULLY: "white", PARTLY: INK, NONE: INK}


def draw(data: CoverageChart) -> bytes:
    """Return the page as PNG, 1080 pixels wide and 1200 high (higher for many places)."""
    with ONE_AT_A_TIME:
        places = _at_most(data["places"], data["others"], data["locale"])
        footnote = wrapped(data["footnote"], 21, INNER)[:5]
        below = 52 + 30 * len(footnote) + (262 if data["history"] else 0)
        columns = 1 if len(places) <= ONE_COLUMN else 2
        rows = -(-len(places) // columns)
        height = max(HEIGHT, TOP_OF_PLACES + rows * (40 if columns == 2 else 46) + below)
        page = Page(WIDTH, height)
        _head(page, data)
        _whole(page, data, places)
        _places(page, data, places, columns, height - below)
        if data["history"]:
            _history(page, data, height - below)
        _foot(page, footnote)
        return page.png()


TOP_OF_PLACES = 470
