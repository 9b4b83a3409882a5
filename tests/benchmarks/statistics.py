"""What /statistik costs from one district's list to a country's: of one kecamatan, and of everything.

Every child has a full pledge with a payout, and a kecamatan has at most two thousand children (a district's list is
rarely longer), whatever the size. Beside each answer stands the plain one: without the index, or not counted ahead.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median

from sqlalchemy import insert, literal, select, text
from sqlmodel import Session, col

from models.columns import MonthColumn
from models.counted import count
from models.database import Database, in_session
from models.grants import WHOLE_DISTRICT, Scope
from models.ledger import ledger
from models.months import Month
from models.payouts import Payout, PayoutState
from models.pledges import Pledge
from models.programme import Area, Programme
from models.statistics import coverage, coverage_by_village, history, last_months, participation
from tests.benchmarks.district import district
from tests.benchmarks.index import PROJECT
from tests.benchmarks.report import Options, Report

SIZES = {"postgresql": (237, 10_000, 100_000, 1_000_000), "sqlite": (237, 10_000, 100_000)}
QUICK = (237, 2_000)
IN_AN_AREA = 2_000
DAY = date(2026, 1, 20)
NOW = datetime(2026, 1, 20, 3, tzinfo=UTC)
INDEXES = ("child_of_area", "ix_pledge_child_id")
LONG = 5.0
"""Seconds after which a question is not asked again."""

PLAIN = "  plain: "


def measure(options: Options) -> Report:
    """Ask each size on both databases."""
    thorough = options.rounds > 1
    sizes = SIZES["postgresql"] if thorough else QUICK
    report = Report(
        title="Statistics: milliseconds of a question, by the number of children",
        columns=["", *(f"{size:,}" for size in sizes)],
        notes=[
            f"medians of {options.rounds} (fewer where one takes seconds)",
            f"at most {IN_AN_AREA:,} children a kecamatan; everything is answered as it was last counted",
        ],
    )
    for name, own in SIZES.items():
        found = [_of_size(name, size, options.rounds) for size in (own if thorough else QUICK)]
        for question in found[0]:
            cells = [f"{times[question]:,.1f}" for times in found]
            cells += ["-"] * (len(sizes) - len(cells))
            report.rows.append([f"{name}: {question}", *cells])
        for size, times in zip(sizes, found, strict=False):
            report.figures[f"{name}, {size} children"] = {what: round(ms, 2) for what, ms in times.items()}
    return report


def _of_size(name: str, children: int, rounds: int) -> dict[str, float]:
    areas = max(5, children // IN_AN_AREA)
    with district(name, children, areas) as database:
        database.submit(in_session(_enter_payouts)).result()
        if name == "postgresql":
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
        return _asked(database, areas, rounds)


def _enter_payouts(session: Session) -> None:
    """Owe the month's payout of every pledge."""
    promised = select(
        col(Pledge.id),
        literal(Month.of(DAY), MonthColumn()),
        col(Pledge.monthly_idr),
        literal("cash"),
        literal(PayoutState.REPORTED, Payout.__table__.c.state.type),  # type: ignore[attr-defined] # SQLModel's table
        col(Pledge.monthly_idr),
    )
    columns = ["pledge_id", "month", "amount_idr", "kind", "state", "reported_idr"]
    session.execute(insert(Payout).from_select(columns, promised))


def _asked(database: Database, areas: int, rounds: int) -> dict[str, float]:
    programme = Programme.load(PROJECT / "programme.toml")
    named = tuple(Area(name=str(number), villages=("Sijuk",)) for number in range(areas))
    programme = programme.model_copy(update={"areas": named})
    one, month, everybody = Scope(frozenset({"3"})), Month.of(DAY), WHOLE_DISTRICT
    with Session(database.engine) as session:
        found = coverage(session, programme, DAY, one).total
        assert found.children == found.fully_supported > 0, "the district is not as it was filled"

        def timed(ask: Callable[[], object]) -> float:
            return _timed(rounds, ask)

        times = {
            "one kecamatan": timed(lambda: coverage(session, programme, DAY, one)),
            "its desa": timed(lambda: coverage_by_village(session, programme, DAY, one, "3")),
            "its twelve months": timed(lambda: history(session, programme, DAY, one)),
            "its payouts": timed(lambda: ledger(session, programme, month, DAY, one.children())),
        }
        plain = {
            "everything": timed(lambda: coverage(session, programme, DAY, everybody)),
            "its twelve months": timed(lambda: history(session, programme, DAY, everybody)),
        }
        moments = last_months(programme, DAY)
        counting = _once(lambda: [count(session, moment, DAY, NOW) for moment in moments])
        assert coverage(session, programme, DAY, everybody, lately=True).counted_at == NOW
        times |= {
            "everything": timed(lambda: coverage(session, programme, DAY, everybody, lately=True)),
            "twelve months of everything": timed(
                lambda: history(session, programme, DAY, everybody, lately=True)
            ),
            "payouts of everything": timed(
                lambda: ledger(session, programme, month, DAY, everybody.children())
            ),
            "ASN of everything": timed(lambda: participation(session, programme, DAY, everybody)),
        }
        parts = (
            "everything",
            "twelve months of everything",
            "payouts of everything",
            "ASN of everything",
        )
        times["these four, as /statistik answers"] = sum(times[part] for part in parts)
        for index in INDEXES:
            session.execute(text(f"DROP INDEX {index}"))
        times[PLAIN + "one kecamatan without indexes"] = timed(lambda: coverage(session, programme, DAY, one))
        session.rollback()
    times[PLAIN + "everything, not counted ahead"] = plain["everything"]
    times[PLAIN + "twelve months of everything, not counted ahead"] = plain["its twelve months"]
    times["counting ahead, every ten minutes"] = counting
    return times


def _timed(rounds: int, ask: Callable[[], object]) -> float:
    """Return the median milliseconds of a question that has been asked once before."""
    taken, began = [_once(ask)], time.perf_counter()
    while len(taken) <= rounds and time.perf_counter() - began < LONG:
        taken.append(_once(ask))
    return median(taken[1:])


def _once(ask: Callable[[], object]) -> float:
    before = time.perf_counter()
    ask()
    return (time.perf_counter() - before) * 1000
