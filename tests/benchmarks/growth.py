"""What growth costs: z-scores of a district's measurements, and the picture of one child."""

import random
import time
from typing import Any, cast

from jobs import charts
from models.children import Sex
from models.growth import Position, assess
from models.growth_standards import LAST_DAY, Measure, for_age
from tests.benchmarks.report import Options, Report, Spread

MEASUREMENTS = 100_000
"""What 20,000 children bring together in five months."""


def measure(options: Options) -> Report:
    """Time all four indices of many measurements, and charts of twelve points, each in one thread."""
    many = MEASUREMENTS if options.rounds > 1 else MEASUREMENTS // 50
    children = _children(many)
    assess(**children[0])  # the tables are read once a process
    scored = Spread([_scored(children) for _ in range(min(options.rounds, 3))])
    chart = _chart()
    charts.draw("growth", chart)  # matplotlib is imported once a process
    drawn = Spread([_drawn(chart, options.seconds) for _ in range(options.rounds)])
    return Report(
        title="Growth: z-scores (HAZ, WAZ, WHZ, BAZ together) and charts, per second",
        columns=["", "per second"],
        rows=[
            [f"measurements of {many:,}", str(scored)],
            ["charts (two panels, 12 points)", f"{drawn.middle:.1f}"],
        ],
        notes=[f"{MEASUREMENTS:,} measurements take {MEASUREMENTS / scored.middle:.1f} s"],
        figures={"measurements": scored.figures(), "charts": drawn.figures()},
    )


def _children(many: int) -> list[dict[str, Any]]:
    dice = random.Random(7)
    made = []
    for _ in range(many):
        sex, age_days = dice.choice(list(Sex)), dice.randint(0, LAST_DAY)
        length, weight = (for_age(one, sex, age_days) for one in (Measure.LENGTH, Measure.WEIGHT))
        assert length is not None
        assert weight is not None
        made.append(
            {
                "sex": sex,
                "age_days": age_days,
                "weight_kg": round(weight.size(dice.gauss(-1, 1.2)), 2),
                "length_cm": round(length.size(dice.gauss(-2, 1)), 1),
                "position": dice.choice(list(Position)),
            }
        )
    return made


def _scored(children: list[dict[str, Any]]) -> float:
    started = time.perf_counter()
    for child in children:
        assess(**child)
    return len(children) / (time.perf_counter() - started)


def _chart() -> dict[str, Any]:
    points = []
    for day in range(300, 900, 50):
        line = for_age(Measure.LENGTH, Sex.FEMALE, day)
        assert line is not None
        points.append({"day": day, "size": round(line.size(-2.3), 1)})
    panel = {
        "index": "haz",
        "title": "Panjang/tinggi menurut umur (cm)",
        "bands": ["normal", "pendek", "sangat pendek"],
        "points": points,
        "caption": "82,1 cm · pendek",
    }
    return {
        "locale": "id",
        "sex": "female",
        "title": "BLT-014 · perempuan, 28 bulan",
        "subtitle": "13 Oktober 2025: 9,8 kg · 82,1 cm",
        "age_title": "Umur (bulan)",
        "panels": [panel, cast("dict[str, Any]", panel)],
        "empty": "-",
        "footnote": "Garis: standar WHO 2006.",
    }


def _drawn(chart: dict[str, Any], seconds: float) -> float:
    started, drawn = time.perf_counter(), 0
    while drawn < 3 or time.perf_counter() - started < seconds:
        charts.draw("growth", chart)
        drawn += 1
    return drawn / (time.perf_counter() - started)
