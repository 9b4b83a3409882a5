"""The page of parts: drawn whatever the figures are, every word on it, counts as high and long as they say."""

import io
from typing import Any, cast

import pytest
from PIL import Image

from jobs import charts
from jobs.charts import PartsBar, PartsChart
from jobs.drawing import bars, parts
from jobs.drawing.page import Page
from tests.jobs.pages import no_word_leaves


def a_bar(label: str, *counts: int, caption: str = "") -> PartsBar:
    return {"label": label, "counts": list(counts), "caption": caption or f"{counts[0]} of {sum(counts)}"}


def a_chart(**changed: object) -> PartsChart:
    data: dict[str, object] = {
        "locale": "id",
        "title": "Payouts in time · Genting Kabupaten Belitung",
        "headline": "90 of 155",
        "subtitle": "payouts in time · 58,1 % · November 2025",
        "parts": [
            {"tone": tone, "word": word}
            for tone, word in (("good", "in time"), ("fair", "late"), ("none", "no"))
        ],
        "total": [90, 40, 25],
        "months_title": "By month, and the % in time",
        "months": [a_bar(f"M{n:02}", 3 * n, n, n % 3, caption="66,7 %") for n in range(1, 13)],
        "rows_title": "By kecamatan",
        "rows": [a_bar("Tanjungpandan", 41, 22, 15), a_bar("Selat Nasik", 3, 1, 0)],
        "footnote": "In time: reported by the month's due day. " * 3,
    }
    return cast("PartsChart", data | changed)


def drawn(data: PartsChart) -> bytes:
    return charts.draw("parts", cast("dict[str, Any]", data))


CASES = {
    "an ordinary month": a_chart(),
    "one month of one payout": a_chart(total=[1, 0, 0], months=[a_bar("M1", 1, 0, 0)], rows=[]),
    "nothing given": a_chart(total=[0, 0, 3], months=[a_bar("M1", 0, 0, 3)], rows=[a_bar("Sijuk", 0, 0, 3)]),
    "only zeros": a_chart(total=[0, 0, 0], months=[a_bar("M1", 0, 0, 0)], rows=[a_bar("Sijuk", 0, 0, 0)]),
    "neither months nor rows": a_chart(months=[], rows=[]),
    "rows alone": a_chart(months=[]),
    "a million": a_chart(
        total=[800_000, 150_000, 50_000],
        months=[a_bar(f"M{n}", 800_000, 150_000, 50_000, caption="80,0 %") for n in range(12)],
        rows=[a_bar(f"Kecamatan Pulau-Pulau Batu Utara {n}", 800_000, 150_000, n) for n in range(500)],
        title="A very long title " * 8,
        headline="800.000 of 1.000.000",
        footnote="A long definition. " * 60,
    ),
    "one of very many": a_chart(months=[a_bar("M1", 1, 0, 99_999)], rows=[a_bar("Sijuk", 1, 0, 99_999)]),
    "other tones in rows and months": a_chart(
        rows=[a_bar("Telur", 2, 36)],
        row_tones=["good", "none"],
        months=[a_bar("M1", 2)],
        month_tones=["poor"],
    ),
    "characters that mean something to the drawing": a_chart(
        title="$x^2$ \\alpha {} % & _ 👶", rows=[a_bar("$", 1, 1, 1)]
    ),
}


@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_every_figure_gets_a_picture_that_a_cheap_phone_can_load_with_every_word_on_the_page(
    data: PartsChart,
) -> None:
    png = drawn(data)
    shown = Image.open(io.BytesIO(png))
    assert shown.width == 1080
    assert shown.height <= 3000
    assert len(png) < 250_000
    no_word_leaves(parts._page(data))


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (3, 3), (4, 4), (5, 6), (38, 40), (155, 200), (1_000_000, 1_000_000)]
)
def test_an_axis_begins_at_nothing_and_ends_at_a_round_count_above_the_highest(most: int, top: int) -> None:
    page = Page(1080, 400)
    assert parts._axis(page, 300, 200, most, 134, "id") == top
    written = [text.get_text() for text in page._figure.texts]
    assert written[0] == "0"
    assert len(written) <= 6


def test_a_column_is_as_high_as_its_count() -> None:
    """Two months, one of twice as many: of the pixels of their colour one has twice the height."""
    shown = Image.open(
        io.BytesIO(drawn(a_chart(rows=[], months=[a_bar("M1", 50, 0, 0), a_bar("M2", 100, 0, 0)])))
    ).convert("RGB")
    blue = tuple(bytes.fromhex(bars.FULLY.removeprefix("#")))
    left = bars.MARGIN + parts.AXIS
    step = (bars.WIDTH - bars.MARGIN - left) / 2
    heights = [
        sum(
            shown.getpixel((round(left + step * (n + 0.5)), y)) == blue
            for y in range(parts.HEAD + 40, shown.height)
        )
        for n in range(2)
    ]
    assert heights[1] == pytest.approx(2 * heights[0], abs=4)
    assert heights[1] > 150
