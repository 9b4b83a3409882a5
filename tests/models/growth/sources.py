"""Numbers that WHO has published, and where; `.csv` files beside this one are excerpts.

- `who_expanded_tables.csv`: L, M and S of WHO's expanded z-score tables (who.int, child growth standards,
  "…-zscore-expanded-tables.xlsx"), through the collection of Yannngn/pygrowthstandards on GitHub.
- `who_field_tables.csv`: WHO's simplified field tables by completed month and by half centimetre, -3 to +3 SD as
  printed (one decimal), through ewheeler/pygrowup on GitHub.
- `who_sample_survey.csv`: the sample survey that WHO ships with its igrowup macros, with the z-scores that WHO's
  own macro computed (two decimals), through ewheeler/pygrowup (`testdata/survey_z_rc.csv`); children with oedema
  are left out, and of the others a third, with all who were measured the other way round or are over 1,800 days.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from models.children import Sex
from models.growth import Growth, Position, assess
from models.growth_standards import Lms

FOLDER = Path(__file__).parent
SDS = {"sd3neg": -3, "sd2neg": -2, "sd1neg": -1, "sd0": 0, "sd1": 1, "sd2": 2, "sd3": 3}


def rows(file: str) -> Iterator[dict[str, str]]:
    """Yield an excerpt's rows."""
    with (FOLDER / file).open(encoding="ascii") as lines:
        yield from csv.DictReader(lines)


def expanded() -> Iterator[tuple[str, Sex, float, Lms]]:
    """Yield (table, sex, day or cm, line)."""
    for row in rows("who_expanded_tables.csv"):
        line = Lms(float(row["l"]), float(row["m"]), float(row["s"]))
        yield row["table"], Sex(row["sex"]), float(row["at"]), line


def survey() -> Iterator[tuple[str, Growth, dict[str, float | None]]]:
    """Yield each child's id, what we compute, and what WHO's macro computed."""
    for row in rows("who_sample_survey.csv"):
        growth = assess(
            Sex(row["sex"]),
            int(row["age_days"]),
            weight_kg=_number(row["weight_kg"]),
            length_cm=_number(row["length_cm"]),
            position=Position(row["position"]) if row["position"] else None,
        )
        yield row["id"], growth, {name: _number(row[name]) for name in ("haz", "waz", "whz", "baz")}


def _number(text: str) -> float | None:
    return float(text) if text else None
