"""PostgreSQL: the same code on several web replicas and one database.

A work is a transaction on a pooled connection; a lane's works run one after the other in this process, and
the contact's row is locked `FOR UPDATE` against the other processes. Offices are advisory locks,
announcements are LISTEN/NOTIFY.
"""

import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from models.columns import use_keys
from models.crashpoints import reach
from models.keys import KeyRing

T = TypeVar("T")

CONNECTIONS = 8
"""Works at the same time in one process; more than the database's cores gains nothing."""

TOPIC = "genting_outbox"

UNANSWERED_MS = 10_000
"""A server that does not even acknowledge what was sent to it is given up after so long: offices are lost then."""

_SESSION = text("SELECT pg_backend_pid()")


class PostgreSQL:
    """A `Database` shared by several processes."""

    def __init__(self, url: str, keys: KeyRing) -> None:
        self.keys = keys
        self.engine = create_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=4,
            pool_pre_ping=True,
            connect_args={
                "options": "-c random_page_cost=1.1",  # no disk with an arm (docs/decisions.md)
                "tcp_user_timeout": UNANSWERED_MS,
            },
            hide_parameters=True,  # an error's words must not hold what somebody typed
        )
        use_keys(self.engine.dialect, keys)
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="postgresql")
        self._lanes: dict[str, deque[Callable[[], None]]] = {}
        self._lock = threading.Lock()

    def submit(self, work: Callable[[Connection], T], lane: str = "") -> Future[T]:
        """Queue a work; the works of one lane wait for each other."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return  # whoever waited has left
            try:
                with self.engine.begin() as connection:
                    result = work(connection)
                    reach("before_commit")
                reach("after_commit")
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                future.set_exception(error)
            else:
                future.set_result(result)

        if not lane:
            self._pool.submit(run)
            return future
        with self._lock:
            if lane in self._lanes:
                self._lanes[lane].append(run)
            else:
                self._lanes[lane] = deque([run])
                self._pool.submit(self._drain, lane)
        return future

    def _drain(self, lane: str) -> None:
        """Run a lane's works until none is left."""
        while True:
            with self._lock:
                if not self._lanes[lane]:
                    del self._lanes[lane]
                    return
                run = self._lanes[lane].popleft()
            run()

    def lead(self, office: str) -> AbstractContextManager[Callable[[], bool]] | None:
        """Take an office by an advisory lock on a connection of its own; it falls with the connection.

        What the context gives tells whether it is held still: the server may have ended the session meanwhile.
        """
        connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        number = zlib.crc32(office.encode())
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}):
            connection.close()
            return None
        return _held(connection, number)

    def announce(self, connection: Connection) -> None:
        """NOTIFY reaches the others when this transaction commits."""
        connection.exec_driver_sql(f"NOTIFY {TOPIC}")

    def listen(self, heard: Callable[[], None], stopped: threading.Event) -> None:
        """LISTEN on a connection of its own, looking up every second whether to stop."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"LISTEN {TOPIC}")
            driver: Any = connection.connection.driver_connection
            try:
                while not stopped.is_set():
                    for _ in driver.notifies(timeout=1, stop_after=1):
                        heard()
            finally:
                connection.invalidate()  # or the pool would hand on a connection that still listens

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Read in one REPEATABLE READ transaction."""
        with self.engine.connect() as raw:
            connection = raw.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def scrub(self) -> bool:
        """Write every table anew without its dead rows; each is locked for that moment."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL")
        return True

    def close(self) -> None:
        """Finish what is queued and close the pool."""
        self._pool.shutdown()
        self.engine.dispose()


@contextmanager
def _held(connection: Connection, number: int) -> Iterator[Callable[[], bool]]:
    session = connection.scalar(_SESSION)

    def still() -> bool:
        # The lock lives as long as its session; SQLAlchemy may have put a new one in the place of one that broke.
        try:
            return bool(connection.scalar(_SESSION) == session)
        except SQLAlchemyError:
            return False

    try:
        yield still
    finally:
        with connection, suppress(SQLAlchemyError):  # a session that broke has let go by itself
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
