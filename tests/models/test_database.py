"""Running works: order, isolation, what shares a commit, offices, announcements, closing."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.database import Database, in_session, open_database, session_on
from models.errors import ConfigurationError, NotAdoptable
from models.keys import KeyRing
from models.organisations import Organisation, OrganisationKind
from models.sqlite import SQLite
from tests.builders import an_organisation, id_of
from tests.models.other_process import other_process
from tests.processes import forking


def adding(name: str) -> Callable[[Connection], int]:
    return in_session(lambda session: id_of(an_organisation(session, name=name)))


def names(database: Database) -> list[str]:
    query = select(Organisation.name).order_by(col(Organisation.name))
    return database.submit(in_session(lambda session: list(session.exec(query)))).result(30)


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for a condition that another process or thread brings about."""
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.start()
    try:
        while not condition():
            assert not stop.wait(0.01), "it never came about"
    finally:
        timer.cancel()
        timer.join()


@contextmanager
def held_up(database: Database) -> Iterator[None]:
    """Keep SQLite's writer busy, so that what is submitted meanwhile shares the next commit."""
    started, release = threading.Event(), threading.Event()

    def work(_: Connection) -> None:
        started.set()
        assert release.wait(30)

    busy = database.submit(work)
    assert started.wait(30)
    try:
        yield
    finally:
        release.set()
        busy.result(30)


def test_a_work_returns_its_result_after_the_commit(database: Database) -> None:
    assert database.submit(adding("Dinas A")).result(30) > 0
    with database.engine.connect() as elsewhere:
        assert elsewhere.scalar(text("SELECT name FROM organisation")) == "Dinas A"


def test_works_of_a_lane_keep_their_order(database: Database) -> None:
    seen: dict[str, list[int]] = {lane: [] for lane in "abcde"}

    def noting(lane: str, number: int) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            connection.execute(text("SELECT 1"))
            seen[lane].append(number)

        return work

    wait([database.submit(noting(lane, number), lane) for number in range(100) for lane in seen], 60)
    assert seen == {lane: list(range(100)) for lane in seen}


def test_works_of_a_lane_never_run_side_by_side(database: Database) -> None:
    running = threading.Lock()

    def work(_: Connection) -> None:
        assert running.acquire(blocking=False)
        running.release()

    with ThreadPoolExecutor(8) as threads:
        futures = list(threads.map(lambda _: database.submit(work, "one lane"), range(200)))
    for future in futures:
        future.result(30)


def test_on_postgresql_other_lanes_run_side_by_side(postgresql_url: str, keys: KeyRing) -> None:
    database = open_database(postgresql_url, keys)
    both_at_work = threading.Barrier(2)
    try:
        for future in [database.submit(lambda _: both_at_work.wait(30), lane) for lane in "ab"]:
            future.result(30)
    finally:
        database.close()


class Suspended(BaseException):
    """What no `except Exception` may swallow, like a conversation that waits for an answer."""


def refusing(_: Connection) -> None:
    raise NotAdoptable


def interrupting(_: Connection) -> None:
    raise Suspended


def writing_then_raising(session: Session) -> None:
    an_organisation(session, name="Dinas yang batal")
    raise NotAdoptable


def colliding(session: Session) -> None:
    an_organisation(session, name="Dinas yang batal")
    an_organisation(session, name="Dinas A")


def colliding_late(session: Session) -> None:
    """The flush that fails is the one at the session's end."""
    session.add(Organisation(name="Dinas A", kind=OrganisationKind.OPD))


def broken_sql(connection: Connection) -> None:
    connection.exec_driver_sql("INSERT INTO organisation (name, kind) VALUES ('Dinas yang batal', 'opd')")
    connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")


FAILING = [
    pytest.param(refusing, NotAdoptable, id="a rule says no"),
    pytest.param(interrupting, Suspended, id="not even an Exception"),
    pytest.param(in_session(writing_then_raising), NotAdoptable, id="after writing"),
    pytest.param(in_session(colliding), IntegrityError, id="a flush fails"),
    pytest.param(in_session(colliding_late), IntegrityError, id="the last flush fails"),
    pytest.param(broken_sql, Exception, id="the database refuses"),
]


@pytest.mark.parametrize(("failing", "error"), FAILING)
def test_a_failing_work_is_undone_whole_and_disturbs_none_that_share_its_commit(
    database: Database, failing: Callable[[Connection], None], error: type[BaseException]
) -> None:
    database.submit(adding("Dinas A")).result(30)
    with held_up(database):
        before = database.submit(adding("Dinas B"), "before")
        failed = database.submit(failing, "failing")
        after = database.submit(adding("Dinas C"), "after")
        same_lane = database.submit(adding("Dinas D"), "failing")
    for future in (before, after, same_lane):
        assert future.result(30) > 0
    assert isinstance(failed.exception(30), error)
    assert names(database) == ["Dinas A", "Dinas B", "Dinas C", "Dinas D"]


def test_a_session_that_caught_a_failure_goes_on(database: Database) -> None:
    def work(connection: Connection) -> None:
        with session_on(connection) as session:
            an_organisation(session, name="Dinas A")
        with pytest.raises(IntegrityError):
            in_session(colliding)(connection)
        with session_on(connection) as session:
            an_organisation(session, name="Dinas B")

    database.submit(work).result(30)
    assert names(database) == ["Dinas A", "Dinas B"]


def test_a_work_whose_waiter_has_left_is_not_begun_and_the_lane_goes_on(database: Database) -> None:
    begun = threading.Event()
    entered, release = threading.Event(), threading.Event()

    def first(_: Connection) -> None:
        entered.set()
        assert release.wait(30)

    busy = database.submit(first, "lane")
    assert entered.wait(30)
    left = database.submit(lambda _: begun.set(), "lane")
    stays = database.submit(adding("Dinas A"), "lane")
    assert left.cancel()
    release.set()
    assert stays.result(30) > 0
    assert not busy.cancel()
    assert not begun.is_set()
    with pytest.raises(CancelledError):
        left.result(30)


def test_a_work_at_work_cannot_be_cancelled(database: Database) -> None:
    entered, release = threading.Event(), threading.Event()

    def work(connection: Connection) -> int:
        entered.set()
        assert release.wait(30)
        return adding("Dinas A")(connection)

    future = database.submit(work)
    assert entered.wait(30)
    assert not future.cancel()
    release.set()
    assert future.result(30) > 0
    assert names(database) == ["Dinas A"]


def test_closing_finishes_what_is_queued_and_then_takes_nothing_more(
    database_url: str, keys: KeyRing
) -> None:
    database = open_database(database_url, keys, durable=False)
    futures = [database.submit(adding(f"Dinas {n:03d}"), f"lane {n % 7}") for n in range(100)]
    database.close()
    assert all(future.done() and not future.exception() for future in futures)
    with pytest.raises(RuntimeError):
        database.submit(adding("Dinas yang terlambat"))
    again = open_database(database_url, keys, durable=False)
    assert len(names(again)) == 100
    again.close()


def test_many_threads_submit_at_once(database: Database) -> None:
    def many(thread: int) -> list[Future[int]]:
        return [database.submit(adding(f"Dinas {thread}-{n}"), f"lane {thread}") for n in range(20)]

    with ThreadPoolExecutor(8) as threads:
        futures = [future for some in threads.map(many, range(8)) for future in some]
    assert len({future.result(60) for future in futures}) == 160


def test_an_unknown_kind_of_database_is_refused(keys: KeyRing) -> None:
    for url in ("mysql://here/db", "postgresql://here/db", "sqlite://", "genting.db", ""):
        with pytest.raises(ConfigurationError, match=r"sqlite:///file\.db or postgresql"):
            open_database(url, keys)


def test_a_file_that_is_no_database_is_refused_at_once(tmp_path: Path, keys: KeyRing) -> None:
    path = tmp_path / "genting.db"
    path.write_bytes(b"a letter, not a database" * 100)
    with pytest.raises(ConfigurationError, match="cannot be opened") as refusal:
        open_database(f"sqlite:///{path}", keys)
    assert "\n" not in str(refusal.value)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        open_database(f"sqlite:///{folder}", keys)


def _append(url: str, keys_text: str, process: int) -> None:
    database = open_database(url, KeyRing.parse(keys_text), durable=False)
    for number in range(50):
        database.submit(adding(f"Dinas {process}-{number}")).result(60)
    database.close()


def test_two_processes_write_into_one_database(database_url: str, keys: KeyRing, keys_text: str) -> None:
    processes = [forking().Process(target=_append, args=(database_url, keys_text, n)) for n in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
        process.close()
    database = open_database(database_url, keys, durable=False)
    assert len(names(database)) == 100
    database.close()


def test_sqlite_keeps_every_commit_through_a_power_cut(sqlite_url: str, keys: KeyRing) -> None:
    database = open_database(sqlite_url, keys)
    with database.engine.connect() as connection:
        pragmas = {
            name: connection.scalar(text(f"PRAGMA {name}")) for name in ("synchronous", "journal_mode")
        }
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    database.close()
    assert pragmas == {"synchronous": 2, "journal_mode": "wal"}  # 2 is FULL


# --- offices ------------------------------------------------------------------------------------------------


def end_sessions(database: Database) -> None:
    """End the sessions that hold an office, as a restarting or overloaded server does."""
    ending = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    with database.engine.connect() as connection:
        connection.execute(ending)


def test_an_office_is_held_by_one_and_free_again_afterwards(database: Database) -> None:
    office = database.lead("telegram:send")
    assert office is not None
    with office as held:
        assert held()
        assert database.lead("telegram:send") is None
        other = database.lead("whatsapp:send")
        assert other is not None
        with other:
            pass
    again = database.lead("telegram:send")
    assert again is not None
    with again:
        pass


def test_an_office_whose_session_the_server_has_ended_is_known_to_be_lost(
    postgresql_url: str, keys: KeyRing
) -> None:
    here, there = open_database(postgresql_url, keys), open_database(postgresql_url, keys)
    office = here.lead("telegram:send")
    assert office is not None
    with office as still:
        assert still()
        end_sessions(there)
        assert not still()
        assert not still(), "a new session in its place holds nothing"
        other = there.lead("telegram:send")
        assert other is not None
        with other as theirs:
            assert theirs()
    again = here.lead("telegram:send")
    assert again is not None
    with again as still:
        assert still()
    here.close()
    there.close()


def test_an_office_is_free_again_after_an_error_in_it(database: Database) -> None:
    office = database.lead("telegram:send")
    assert office is not None
    with pytest.raises(NotAdoptable), office:
        raise NotAdoptable
    again = database.lead("telegram:send")
    assert again is not None
    with again:
        pass


def test_an_office_is_held_against_other_processes_and_freed_when_its_holder_is_killed(
    database_url: str, keys: KeyRing, keys_text: str
) -> None:
    database = open_database(database_url, keys, durable=False)
    taken = []

    def take() -> bool:
        office = database.lead("telegram:send")
        if office is not None:
            with office:
                taken.append(office)
        return office is not None

    try:
        with (
            other_process("lead", database_url, keys_text, "telegram:send") as holder,
            other_process("lead", database_url, keys_text, "telegram:send") as second,
        ):
            holder.go()
            assert holder.hear() == "leading"
            second.go()
            assert second.hear() == "taken"
            assert not take()
            holder.kill()
            until(take)
    finally:
        database.close()


# --- announcements ------------------------------------------------------------------------------------------


@contextmanager
def listening(database: Database) -> Iterator[threading.Semaphore]:
    """Listen in a thread; each announcement releases the semaphore once."""
    heard, stopped = threading.Semaphore(0), threading.Event()
    listener = threading.Thread(target=database.listen, args=(heard.release, stopped))
    listener.start()
    try:
        yield heard
    finally:
        stopped.set()
        listener.join(30)
        assert not listener.is_alive()


def listens(database: Database) -> bool:
    query = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    with database.engine.connect() as connection:
        return bool(connection.scalar(query))


def test_an_announcement_reaches_the_other_process_at_the_commit_and_only_then(
    postgresql_url: str, keys: KeyRing
) -> None:
    here, there = open_database(postgresql_url, keys), open_database(postgresql_url, keys)

    def announcing_then_failing(connection: Connection) -> None:
        here.announce(connection)
        raise NotAdoptable

    with listening(there) as heard:
        until(lambda: listens(here))
        assert isinstance(here.submit(announcing_then_failing).exception(30), NotAdoptable)
        here.submit(here.announce).result(30)
        assert heard.acquire(timeout=60), "what was announced is heard"
        for _ in range(3):
            here.submit(here.announce).result(30)
        for _ in range(3):
            assert heard.acquire(timeout=60), "each time"
        assert not heard.acquire(blocking=False), "what was undone is not"
    here.close()
    there.close()


def test_listening_ends_when_it_is_told_to(database: Database) -> None:
    with listening(database):
        pass


def test_sqlite_has_nobody_to_tell(sqlite_url: str, keys: KeyRing) -> None:
    database = SQLite(Path(sqlite_url.removeprefix("sqlite:///")), keys)
    with listening(database) as heard:
        database.submit(database.announce).result(30)
        assert not heard.acquire(blocking=False)
    database.close()
