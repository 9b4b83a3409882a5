"""SQLite: one file, one writer thread, several waiting works per commit.

WAL with `synchronous=FULL`: a power cut loses nothing that was acknowledged. Every transaction begins
IMMEDIATE, because a read that upgrades to a write fails at once whatever the busy time-out.
"""

import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from models.columns import use_keys
from models.crashpoints import reach
from models.errors import ConfigurationError
from models.keys import KeyRing
from models.statements import driver

T = TypeVar("T")

WORKS_PER_COMMIT = 32
"""At most so many waiting works share a commit (and its fsync); measured in `make bench`."""

READS_ONLY = "genting_reads_only"
"""The execution option of a connection that only reads: it takes no write lock."""


class SQLite:
    """A `Database` in one file."""

    def __init__(self, path: Path, keys: KeyRing, *, durable: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _create(path)
        self.path = path
        self.keys = keys
        self.engine = _engine(path, keys, durable=durable)
        self._connection = self._connect()
        self._open = True
        self._gate = threading.Lock()
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="sqlite-writer", daemon=True)
        self._writer.start()

    def submit(self, work: Callable[[Connection], T], lane: str = "") -> Future[T]:  # noqa: ARG002
        """Queue a work. One writer takes them in order, so every lane is kept."""
        future: Future[T] = Future()
        with self._gate:
            if not self._open:
                raise RuntimeError("the database is closed")
            self._waiting.put(_Waiting(work, future))
        return future

    def lead(self, office: str) -> AbstractContextManager[Callable[[], bool]] | None:
        """Take an office by a lock file beside the database; the system frees it when the process dies."""
        descriptor = os.open(f"{self.path}.{office.replace(':', '-')}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return _held(descriptor)

    def announce(self, connection: Connection) -> None:
        """Nobody else to tell: the process that writes is the process that sends."""

    def listen(self, heard: Callable[[], None], stopped: threading.Event) -> None:  # noqa: ARG002
        """Nothing to hear."""
        stopped.wait()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Read in a deferred transaction: under WAL it keeps its view, and the writer writes on."""
        with self.engine.connect() as raw:
            connection = raw.execution_options(**{READS_ONLY: True})
            with connection.begin():
                yield connection

    def scrub(self) -> bool:
        """Write the file anew without its free pages, then empty the write-ahead log."""
        with self.engine.connect() as connection:
            raw = driver(connection)
            try:
                raw.execute("VACUUM")
                busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:  # somebody kept writing for half a minute
                return False
        return not busy

    def close(self) -> None:
        """Finish the queue, then close the file."""
        with self._gate:
            if self._open:
                self._waiting.put(None)
            self._open = False
        self._writer.join()
        self.engine.dispose()

    def _connect(self) -> Connection:
        try:
            return self.engine.connect()
        except DatabaseError as error:
            self.engine.dispose()
            raise ConfigurationError(f"{self.path} cannot be opened as a database: {error.orig}") from None

    def _write(self) -> None:
        with self._connection as connection:
            while (first := self._waiting.get()) is not None:
                batch, last = self._batch(first)
                self._commit(connection, batch)
                if last:
                    return

    def _batch(self, first: "_Waiting") -> tuple[list["_Waiting"], bool]:
        batch = [first]
        while len(batch) < WORKS_PER_COMMIT:
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                break
            if item is None:
                return batch, True
            batch.append(item)
        return batch, False

    def _commit(self, connection: Connection, batch: list["_Waiting"]) -> None:
        """Run a batch in one transaction, each work in a savepoint; resolve the futures after the commit."""
        done: list[tuple[Future[Any], Any]] = []
        try:
            with connection.begin():
                for item in batch:
                    item.run(connection, done)
                reach("before_commit")
            reach("after_commit")
        except BaseException as error:  # noqa: BLE001 - every waiter must hear that its work was not kept
            for item in batch:
                with suppress(InvalidStateError):  # told already, or left
                    item.future.set_exception(error)
            return
        for future, result in done:
            future.set_result(result)


class _Waiting:
    """A work and who waits for it."""

    def __init__(self, work: Callable[[Connection], Any], future: Future[Any]) -> None:
        self.work = work
        self.future = future

    def run(self, connection: Connection, done: list[tuple[Future[Any], Any]]) -> None:
        """Run in a savepoint; a work that raises is undone alone, one whose waiter left is not begun."""
        if not self.future.set_running_or_notify_cancel():
            return
        driver(connection).execute("SAVEPOINT work")
        try:
            result = self.work(connection)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            driver(connection).execute("ROLLBACK TO work")
            self.future.set_exception(error)
        else:
            done.append((self.future, result))
        driver(connection).execute("RELEASE work")


def _create(path: Path) -> None:
    """Make a new file readable by its owner only, before SQLite makes it by the umask; its log follows it."""
    with suppress(FileExistsError, OSError):  # what is in the way is SQLite's to name
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _engine(path: Path, keys: KeyRing, *, durable: bool) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "timeout": 30},
        hide_parameters=True,  # an error's words must not hold what somebody typed
    )
    use_keys(engine.dialect, keys)

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # transactions are begun below, not guessed by the driver
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        raw.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get(READS_ONLY)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _held(descriptor: int) -> Iterator[Callable[[], bool]]:
    try:
        yield lambda: True  # nobody can take a lock from a process that lives
    finally:
        os.close(descriptor)
