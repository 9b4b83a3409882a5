"""What planning costs: a whole month for a district, set by set, beside the ways in which it is usually done.

The month is January 2026 and nobody reports, answers or visits, so every stage of every child is planned: the most
that a month can be. Each piece is a transaction of its own; the longest is how long anybody else waits to write.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection, func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from jobs.planning import Step, stages, take_step
from models.contacts import Contact
from models.database import Database
from models.months import Month, local_instant
from models.payouts import Payout, PayoutState, open_month
from models.people import Person
from models.pledges import Pledge
from models.programme import Programme
from models.reminders import Reminder, ReminderKind, ReminderState
from models.statements import milliseconds
from tests.benchmarks.district import district
from tests.benchmarks.index import PROJECT
from tests.benchmarks.report import Options, Report

MONTH = Month(2026, 1)
SIZES = (237, 10_000, 1_000_000)
LOOP = 2_000
"""So many rows the loops plan: each costs the same, and a million of them would take an hour."""


@dataclass
class Planned:
    """How a size was planned on a database."""

    rows: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    again: float = 0.0
    cpu_again: float = 0.0
    locks: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def measure(options: Options) -> Report:
    """Plan each size on both databases, then as others would; the same rows are counted everywhere."""
    sizes = SIZES if options.rounds > 1 else (237, 2_000)
    report = Report(
        title="Planning a month: ledger and reminders of all stages",
        columns=["", "rows", "rows/s", "longest lock", "planning again"],
        notes=[
            "loops and job stores plan one stage of at most 2,000 children; their rows cost the same at any size",
            "a lock is a transaction from its queueing to its commit",
        ],
    )
    programme = Programme.load(PROJECT / "programme.toml")
    for name in ("sqlite", "postgresql"):
        loops: dict[str, float] = {}
        for children in sizes:
            with district(name, children) as database:
                planned = _plan_month(database, programme)
                title = f"{name}, {children:,} children"
                _enter(report, title, planned)
                if children == sizes[1]:
                    loops = _loops(database, programme, min(LOOP, children))
        for what, rate in loops.items():
            times = planned.rate / rate
            report.rows.append([f"{name}, {what}", "", f"{rate:,.0f}", "", f"{times:,.0f} times slower"])
            report.figures[f"{name}, {what}"] = {"rows_per_second": round(rate)}
    return report


def _enter(report: Report, title: str, planned: Planned) -> None:
    longest, share = max(planned.locks), planned.again / planned.seconds
    report.rows.append(
        [title, f"{planned.rows:,}", f"{planned.rate:,.0f}", f"{longest * 1000:.0f} ms", f"{share:.3f} of it"]
    )
    report.figures[title] = {
        "rows": planned.rows,
        "rows_per_second": round(planned.rate),
        "seconds": round(planned.seconds, 3),
        "cpu_seconds": round(planned.cpu, 3),
        "longest_lock_ms": round(longest * 1000, 1),
        "lock_99_percent_ms": round(sorted(planned.locks)[len(planned.locks) * 99 // 100] * 1000, 1),
        "again": round(share, 4),
        "again_cpu": round(planned.cpu_again / planned.cpu, 4),
    }


# -- set by set -----------------------------------------------------------------------------------------------------


def _plan_month(database: Database, programme: Programme) -> Planned:
    pieces = _pieces(programme)
    planned = Planned()
    planned.seconds, planned.cpu = _take(database, programme, pieces, planned.locks)
    planned.rows = database.submit(_count).result()
    planned.again, planned.cpu_again = _take(database, programme, pieces, planned.locks)
    assert database.submit(_count).result() == planned.rows, "nothing twice"
    return planned


def _pieces(programme: Programme) -> list[tuple[date, Step]]:
    """Return the month's ledger and each of its stages on the day on which it begins."""
    first = MONTH.first_day
    found, known = [(first, Step(MONTH))], stages(programme, first - timedelta(days=1))
    for day in (first + timedelta(days=number) for number in range(MONTH.last_day.day)):
        now = stages(programme, day)
        found += [(day, Step(stage)) for stage in now if stage not in known]
        known = now
    return found


def _take(
    database: Database, programme: Programme, pieces: list[tuple[date, Step]], locks: list[float]
) -> tuple[float, float]:
    """Plan; return the seconds that it took, and this process's seconds of computing."""
    begun, computing = time.perf_counter(), time.process_time()
    for day, piece in pieces:
        now = _morning(programme, day)
        rest: Step | None = piece
        while rest is not None:
            before = time.perf_counter()
            rest = database.submit(lambda c, s=rest, n=now: take_step(c, programme, n, s)).result()  # type: ignore[misc] # loop
            locks.append(time.perf_counter() - before)
    return time.perf_counter() - begun, time.process_time() - computing


def _morning(programme: Programme, day: date) -> datetime:
    return local_instant(day, programme.schedule.remind_at, programme.zone)


def _count(connection: Connection) -> int:
    tables = (Reminder, Payout)
    return sum(connection.execute(rows_of(func.count()).select_from(table)).scalar_one() for table in tables)


# -- as it is usually done ------------------------------------------------------------------------------------------


def _loops(database: Database, programme: Programme, many: int) -> dict[str, float]:
    """Return rows a second of an ORM loop that checks before it adds, and of a job for each family."""
    month = MONTH.plus(2)
    database.submit(lambda c: open_month(c, programme, month, most=many)).result()
    return {
        "ORM loop that checks before it adds": _orm_loop(database, programme, month, many),
        "APScheduler, a stored job a family": _jobs(database, programme, many, stored=True),
        "APScheduler, a job a family in memory (lost at a restart)": _jobs(
            database, programme, many, stored=False
        ),
    }


def _orm_loop(database: Database, programme: Programme, month: Month, many: int) -> float:
    """The due day's reminders by loading, checking and adding one by one, in one transaction."""
    due = programme.due_on(month)
    now_ms = milliseconds(_morning(programme, due))
    before = time.perf_counter()
    with Session(database.engine) as session:
        owed = select(Payout).where(Payout.month == month, Payout.state == PayoutState.DUE).limit(many)
        count = 0
        for payout in session.exec(owed).all():
            pledge = session.get_one(Pledge, payout.pledge_id)
            giver = session.get_one(Person, pledge.foster_parent_id)
            chats = select(Contact).where(
                Contact.person_id == giver.id, col(Contact.unreachable_at).is_(None)
            )
            if giver.messages_off_at is not None or session.exec(chats).first() is None:
                continue
            same = select(Reminder).where(
                Reminder.kind == ReminderKind.PAYOUT_DUE,
                Reminder.subject_id == pledge.id,
                Reminder.period == str(month),
            )
            if session.exec(same).first() is None:
                session.add(
                    Reminder(
                        kind=ReminderKind.PAYOUT_DUE,
                        subject_id=pledge.id or 0,
                        period=str(month),
                        person_id=giver.id or 0,
                        ends_on=due + timedelta(days=3),
                        planned_ms=now_ms,
                        state=ReminderState.PLANNED,
                    )
                )
                count += 1
        session.commit()
    assert count == many
    return count / (time.perf_counter() - before)


def remind_family(pledge_id: int, month: str) -> None:
    """What a stored job would call."""


def _jobs(database: Database, programme: Programme, many: int, *, stored: bool) -> float:
    """A job for each family, at the due day's morning, put into the store one by one as `add_job` does it."""
    at = datetime.now(UTC) + timedelta(days=3650)
    store: Any = SQLAlchemyJobStore(engine=database.engine) if stored else MemoryJobStore()
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=programme.zone)
    scheduler.start(paused=True)
    try:
        before = time.perf_counter()
        for number in range(many):
            scheduler.add_job(
                remind_family,
                "date",
                run_date=at,
                args=[number, str(MONTH)],
                id=f"{number}",
                misfire_grace_time=None,
            )
        return many / (time.perf_counter() - before)
    finally:
        scheduler.shutdown(wait=False)
