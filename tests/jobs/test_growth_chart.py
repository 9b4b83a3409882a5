"""The growth picture: drawn for every age, light, and with the child where its numbers say."""

import io
from typing import cast

import pytest
from PIL import Image

from jobs import charts
from jobs.charts import GrowthChart, GrowthPanel
from jobs.drawing.growth import ACCENT
from models.children import Sex
from models.growth_standards import LAST_DAY, Measure, for_age

WORDS = "Garis: standar WHO 2006. " * 6


def a_panel(measure: Measure, sex: Sex, scores: dict[int, float]) -> GrowthPanel:
    points = []
    for day, z in scores.items():
        line = for_age(measure, sex, day)
        assert line is not None
        points.append({"day": day, "size": round(line.size(z), 1)})
    panel = {
        "index": "haz" if measure is Measure.LENGTH else "waz",
        "title": "Panjang/tinggi menurut umur (cm)",
        "bands": ["normal", "pendek", "sangat pendek"],
        "points": points,
        "caption": "82,1 cm · pendek",
    }
    return cast("GrowthPanel", panel)


def a_growth_chart(scores: dict[int, float], sex: Sex = Sex.FEMALE, panels: int = 2) -> GrowthChart:
    measures = (Measure.LENGTH, Measure.WEIGHT)[:panels]
    return {
        "locale": "id",
        "sex": sex.value,
        "title": "BLT-014 · perempuan, 18 bulan",
        "subtitle": "13 Oktober 2025: 9,8 kg · 82,1 cm",
        "age_title": "Umur (bulan)",
        "panels": [a_panel(measure, sex, scores) for measure in measures],
        "empty": "Belum ada pengukuran",
        "footnote": WORDS,
    }


def drawn(chart: GrowthChart) -> tuple[Image.Image, int]:
    png = charts.draw("growth", cast("dict[str, object]", chart))
    image = Image.open(io.BytesIO(png))
    image.load()
    return image.convert("RGB"), len(png)


@pytest.mark.parametrize("sex", Sex)
@pytest.mark.parametrize(
    "scores",
    [
        {95: -2.4},
        {0: -2, 30: -2.2, 95: -2.4},
        {1400: -3.4, 1765: -2.2},
        {0: 1, LAST_DAY: -1},
        {730: -2, 731: -2},
        {500: -8.5, 600: 8},
        {},
    ],
    ids=["3 months", "first points", "58 months", "five years", "second birthday", "far off", "none"],
)
def test_a_growth_chart_is_drawn_and_light(scores: dict[int, float], sex: Sex) -> None:
    image, size = drawn(a_growth_chart(scores, sex))

    assert image.width == 1080
    assert image.height < 1600
    assert size < 120_000


def test_the_newest_point_stands_where_its_number_is() -> None:
    """In one panel of 0 to 12 months a higher child's point is higher, an older one's further to the right."""

    def newest(day: int, z: float) -> tuple[float, float]:
        image, _ = drawn(a_growth_chart({0: 0, day: z}, panels=1))
        accent = tuple(int(ACCENT[i : i + 2], 16) for i in (1, 3, 5))
        found = [
            (x, y) for y in range(300, 710, 2) for x in range(132, 984, 2) if image.getpixel((x, y)) == accent
        ]
        assert found
        xs, ys = zip(*found, strict=True)
        return sum(xs) / len(xs), sum(ys) / len(ys)

    low, high, older = newest(180, -2), newest(180, 2), newest(300, -2)
    assert high[1] < low[1] - 60
    assert abs(high[0] - low[0]) < 3
    assert older[0] > low[0] + 200


def test_the_same_child_gives_the_same_picture_and_can_be_recognised_by_it() -> None:
    chart = cast("dict[str, object]", a_growth_chart({95: -2.4}))

    assert charts.draw("growth", chart) == charts.draw("growth", chart)
    assert "growth" not in charts.SHAREABLE
