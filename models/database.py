"""One way to run work in a transaction, whichever database is behind it.

A *work* is a function of a connection. It runs in a transaction of its own (or in a savepoint, when several
waiting works share one commit) and either happens whole or not at all. Works with the same `lane` run in the
order in which they were submitted; others may run side by side. What differs between the databases stands in
`sqlite` and `postgresql`, and nowhere else.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from models.errors import ConfigurationError
from models.keys import KeyRing
from models.postgresql import PostgreSQL
from models.sqlite import SQLite

T = TypeVar("T")
Work = Callable[[Connection], T]


class Database(Protocol):
    """What the rooms above need of a database."""

    engine: Engine
    keys: KeyRing

    def submit(self, work: Work[T], lane: str = "") -> Future[T]:
        """Queue a work; its future brings the result, after the commit, or the exception that undid it."""
        ...

    def lead(self, office: str) -> AbstractContextManager[Callable[[], bool]] | None:
        """Take an office that only one process may hold (`"telegram:send"`); None when another holds it.

        What the context gives tells, whenever it is asked, whether the office is held still.
        """
        ...

    def announce(self, connection: Connection) -> None:
        """Tell the other processes, at this transaction's commit, that the outbox has something new."""
        ...

    def listen(self, heard: Callable[[], None], stopped: threading.Event) -> None:
        """Call `heard` for each announcement of another process, until `stopped`; blocks."""
        ...

    def snapshot(self) -> AbstractContextManager[Connection]:
        """Open a connection that sees the database as it is at its first read, and holds nobody up."""
        ...

    def scrub(self) -> bool:
        """Overwrite what deleted and changed rows have left behind in the files; False when it was busy."""
        ...

    def close(self) -> None:
        """Finish what is queued and let go of everything."""
        ...


def open_database(url: str, keys: KeyRing, *, durable: bool = True) -> Database:
    """Open `sqlite:///path` or `postgresql+psycopg://…`.

    `durable=False` lets SQLite lose the last commits in a power cut (never in a crash of the process): for
    throw-away databases. Raises ConfigurationError for another kind of URL.
    """
    if url.startswith("sqlite:///"):
        return SQLite(Path(url.removeprefix("sqlite:///")), keys, durable=durable)
    if url.startswith("postgresql+psycopg://"):
        return PostgreSQL(url, keys)
    raise ConfigurationError("the database is sqlite:///file.db or postgresql+psycopg://user@host/name")


@contextmanager
def session_on(connection: Connection) -> Iterator[Session]:
    """Open an ORM session in a savepoint of a work's transaction: kept at its end, undone if it raises.

    A savepoint, because a failing flush would otherwise roll back the works that share the commit.
    """
    with Session(
        bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False, autoflush=True
    ) as session:
        yield session
        session.commit()


def in_session(work: Callable[[Session], T]) -> Work[T]:
    """Make a work of a function that wants an ORM session."""

    def run(connection: Connection) -> T:
        with session_on(connection) as session:
            return work(session)

    return run
