"""The pictures: always drawn, whatever the figures and names, and light enough for a cheap phone."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any, cast

import pytest
from PIL import Image

from jobs import charts
from jobs.charts import CoverageChart, HistoryPoint, PlaceBar
from jobs.drawing import bars, coverage, page
from tests.jobs.pages import no_word_leaves

AREAS = (
    ("Tanjungpandan", 41, 12, 45),
    ("Membalong", 17, 9, 32),
    ("Selat Nasik", 3, 1, 10),
    ("Sijuk", 19, 6, 17),
    ("Badau", 12, 3, 10),
)
YEAR = (2.1, 4.0, 7.5, 7.4, 11.0, 15.0, 18.3, 22.0, 25.5, 24.0, 33.8, 38.8)


def a_bar(label: str, fully: int, partly: int, none: int) -> PlaceBar:
    caption = f"{fully} of {fully + partly + none}"
    return {"label": label, "fully": fully, "partly": partly, "none": none, "caption": caption}


def a_year(*percents: float | None) -> list[HistoryPoint]:
    return [
        {"label": f"M{number}", "percent": percent, "caption": f"{percent} %"}
        for number, percent in enumerate(percents, 1)
    ]


def a_chart(**changed: object) -> CoverageChart:
    """Belitung on 13 October 2025, with what a test changes; a None takes the entry away."""
    data: dict[str, object] = {
        "locale": "id",
        "title": "Genting Kabupaten Belitung",
        "headline": "92 of 237 · 38,8 %",
        "subtitle": "children fully supported · 13 October 2025",
        "change": "▲ 12 more than in September",
        "fully": "Fully",
        "partly": "Partly",
        "none": "Not yet",
        "places_title": "By area",
        "places": [a_bar(*area) for area in AREAS],
        "others": "others",
        "history_title": "Fully supported, last 12 months",
        "history": a_year(*YEAR),
        "footnote": "Fully supported: on the list on 13 October 2025, pledges reaching Rp450.000 a month. "
        * 2,
        "empty": "No child is listed yet",
    }
    data.update(changed)
    return cast("CoverageChart", {key: value for key, value in data.items() if value is not None})


def drawn(data: CoverageChart) -> bytes:
    return charts.draw("coverage", cast("dict[str, Any]", data))


def picture(data: CoverageChart) -> Image.Image:
    return Image.open(io.BytesIO(drawn(data))).convert("RGB")


def rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


VILLAGES = [a_bar(f"Desa Aik Pelempang Jaya {n}", n % 5, n % 2, n % 7) for n in range(49)]
HUGE = a_bar("Kecamatan Pulau-Pulau Batu Utara Timur Laut Raya", 1_234_567, 345_678, 9_876_543)

CASES = {
    "an ordinary month": a_chart(),
    "no children": a_chart(places=[a_bar(name, 0, 0, 0) for name, *_ in AREAS], history=[], change=None),
    "no places": a_chart(places=[], history=[]),
    "one area": a_chart(places=[a_bar("Sijuk", 19, 6, 17)]),
    "one child": a_chart(places=[a_bar("Sijuk", 1, 0, 0)]),
    "everybody supported": a_chart(
        places=[a_bar("Sijuk", 42, 0, 0)], history=a_year(*[100.0] * 12), headline="42 of 42 · 100,0 %"
    ),
    "one in a hundred thousand": a_chart(places=[a_bar("Sijuk", 1, 0, 99_999)]),
    "huge numbers and long names": a_chart(
        places=[HUGE, *(a_bar(*area) for area in AREAS)],
        headline="1.234.567 of 11.456.788 · 10,8 %",
        title="A very long title " * 8,
        change="A change that needs many words to say " * 4,
        fully="Fully supported by foster parents",
        footnote="A long definition. " * 60,
    ),
    "villages": a_chart(places=VILLAGES),
    "more places than a page holds": a_chart(places=[a_bar(f"Desa {n}", n, 1, 2) for n in range(500)]),
    "no history": a_chart(history=[]),
    "one month": a_chart(history=a_year(38.8)),
    "no figure in any month": a_chart(history=a_year(None, None)),
    "months without figures": a_chart(history=a_year(None, 3.0, None, 4.0, 5.0, None, 9.9)),
    "nothing but zero": a_chart(history=a_year(0.0, 0.0, 0.0)),
    "four years": a_chart(history=a_year(*YEAR * 4)),
    "characters that mean something to the drawing": a_chart(
        title="$x^2$ \\alpha {} % & _ 👶 汉字\n\t",
        places=[a_bar("$", 1, 1, 1), a_bar("👶", 1, 0, 0)],
        footnote="$",
    ),
    "no words at all": a_chart(title="", headline="", subtitle="", footnote="", places_title=""),
}


@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_every_district_gets_a_picture_that_a_cheap_phone_can_load(data: CoverageChart) -> None:
    png = drawn(data)
    shown = Image.open(io.BytesIO(png))
    assert png.startswith(b"\x89PNG")
    assert shown.width == 1080
    assert shown.height <= 2400
    assert len(png) < 200_000


@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_no_word_leaves_the_page(data: CoverageChart) -> None:
    no_word_leaves(coverage._page(data))


def test_an_ordinary_month_fills_a_phone_held_upright() -> None:
    assert picture(a_chart()).size == (1080, 1200)


def test_drawing_leaves_the_data_as_it_was_and_gives_the_same_bytes_again() -> None:
    data = a_chart(places=[a_bar(f"Desa {n}", n, 1, 2) for n in range(80)])
    before = deepcopy(data)
    assert drawn(data) == drawn(data)
    assert data == before


def test_several_threads_draw_at_once() -> None:
    alone = [drawn(data) for data in (CASES["an ordinary month"], CASES["one area"])]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(drawn, [CASES["an ordinary month"], CASES["one area"]] * 4))
    assert together == alone * 4


def test_the_bar_of_all_children_shows_their_shares() -> None:
    shown = picture(a_chart())
    y = 500 - 150 + 13  # the middle of the first bar
    line = [shown.getpixel((x, y)) for x in range(bars.MARGIN, bars.MARGIN + bars.INNER)]
    shares = {color: line.count(rgb(color)) / len(line) for color in (bars.FULLY, bars.PARTLY, bars.NONE)}
    assert shares == {
        bars.FULLY: pytest.approx(92 / 237, abs=0.01),
        bars.PARTLY: pytest.approx(31 / 237, abs=0.01),
        bars.NONE: pytest.approx(114 / 237, abs=0.01),
    }


def test_a_single_supported_child_among_very_many_is_visible() -> None:
    shown = picture(CASES["one in a hundred thousand"])
    assert shown.getpixel((bars.MARGIN + 1, 500 - 150 + 13)) != rgb(bars.NONE)


def test_places_beyond_the_page_are_added_up_under_one_name() -> None:
    places = [a_bar(f"Desa {n}", n, 1, 2) for n in range(1000, 1070)]
    shown = coverage._at_most(60, places, "others", "id")
    assert len(shown) == 60
    assert shown[:59] == places[:59]
    rest = sum(range(1059, 1070))
    assert shown[-1] == {
        "label": "others",
        "fully": rest,
        "partly": 11,
        "none": 22,
        "caption": "11.704/11.737",
    }


def test_a_line_too_wide_is_set_smaller_and_then_cut() -> None:
    words, size = page.fitted("A name", 30, "regular", 1000)
    assert (words, size) == ("A name", 30)
    words, size = page.fitted("A name that is a little wide", 30, "regular", 380)
    assert (words, 20 < size < 30) == ("A name that is a little wide", True)
    words, size = page.fitted("A name that is wide " * 9, 30, "bold", 300)
    assert words.startswith("A name")
    assert words.endswith("…")
    assert page.text_width(words, size, "bold") <= 300


def test_a_footnote_is_wrapped_without_losing_a_word() -> None:
    words = "Fully supported: on the list and pledged for. " * 6
    lines = page.wrapped(words, 21, 400)
    assert " ".join(lines) == words.strip()
    assert all(page.text_width(line, 21) <= 400 for line in lines)


def test_a_kind_that_nobody_draws_is_refused_by_name() -> None:
    with pytest.raises(charts.UnknownChart, match="growth-of-1999"):
        charts.draw("growth-of-1999", {})


def test_nothing_large_is_loaded_before_the_first_picture_and_pyplot_never() -> None:
    program = """
import sys
from jobs import charts
print("matplotlib" in sys.modules)
try:
    charts.draw("coverage", {})
except KeyError:
    print("matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True", "False"]
