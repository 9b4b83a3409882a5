"""What /statistik costs from one district's list to a country's: coverage of one kecamatan and of everything.

Every child has a full pledge, and a kecamatan has at most two thousand children, whatever the size. Beside it the same
questions without the indexes that they rest on.
"""

import time
from collections.abc import Callable
from datetime import date
from statistics import median

from sqlalchemy import text
from sqlmodel import Session

from models.database import Database
from models.grants import WHOLE_DISTRICT, Scope
from models.programme import Area, Programme
from models.statistics import coverage, history
from tests.benchmarks.district import district
from tests.benchmarks.index import PROJECT
from tests.benchmarks.report import Options, Report

SIZES = (237, 10_000, 1_000_000)
IN_AN_AREA = 2_000
DAY = date(2026, 1, 20)
INDEXES = ("ix_child_area", "ix_pledge_child_id")


def measure(options: Options) -> Report:
    """Ask each size on both databases, with and without indexes."""
    sizes = SIZES if options.rounds > 1 else (237, 2_000)
    report = Report(
        title="Statistics: milliseconds of a question",
        columns=["", "one kecamatan", "its twelve months", "everything", "one kecamatan without indexes"],
        notes=[f"medians of {options.rounds}; at most {IN_AN_AREA:,} children a kecamatan"],
    )
    for name in ("sqlite", "postgresql"):
        for children in sizes:
            areas = max(5, children // IN_AN_AREA)
            with district(name, children, areas) as database:
                _enter(report, f"{name}, {children:,} children", _asked(database, areas, options.rounds))
    return report


def _asked(database: Database, areas: int, rounds: int) -> dict[str, float]:
    programme = Programme.load(PROJECT / "programme.toml")
    named = tuple(Area(name=str(number), villages=("Sijuk",)) for number in range(areas))
    programme = programme.model_copy(update={"areas": named})
    one = Scope(frozenset({"3"}))
    with Session(database.engine) as session:
        found = coverage(session, programme, DAY, one).total
        assert found.children == found.fully_supported > 0, "the district is not as it was filled"
        times = {
            "area": _timed(rounds, lambda: coverage(session, programme, DAY, one)),
            "year": _timed(rounds, lambda: history(session, programme, DAY, one)),
            "whole": _timed(rounds, lambda: coverage(session, programme, DAY, WHOLE_DISTRICT)),
        }
        for index in INDEXES:
            session.execute(text(f"DROP INDEX {index}"))
        times["bare"] = _timed(1, lambda: coverage(session, programme, DAY, one))
        session.rollback()
    return times


def _timed(rounds: int, ask: Callable[[], object]) -> float:
    """Return the median milliseconds of a question that has been asked once before."""
    taken = []
    for _ in range(rounds + 1):
        before = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - before) * 1000)
    return median(taken[1:])


def _enter(report: Report, title: str, times: dict[str, float]) -> None:
    report.rows.append([title, *(f"{ms:,.1f}" for ms in times.values())])
    report.figures[title] = {f"{what}_ms": round(ms, 2) for what, ms in times.items()}
