"""Bringing a database's schema up to what this version of the program expects.

`upgrade` is safe to call at every start and from several processes at once: whoever comes second waits, then
finds nothing to do. A database that a newer program has already moved on is refused, not guessed at.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection, Engine, text

from models.errors import ConfigurationError

_ADVISORY_LOCK = 0x67656E74
"""Any number, as long as every process takes the same one (`gent`)."""

_one_at_a_time = threading.Lock()
"""Alembic keeps the running environment in module globals."""


def upgrade(engine: Engine, to: str = "head") -> list[str]:
    """Run every missing step up to `to`, all in one transaction; return their revisions, oldest first.

    Raises ConfigurationError when the database belongs to a newer program.
    """
    with _one_at_a_time, _alone(engine) as connection:
        steps = _missing(connection, to)
        if steps:
            command.upgrade(configuration(connection), to)
        return steps


def current(engine: Engine) -> str | None:
    """Return the revision that a database stands at; None when it is empty."""
    with engine.connect() as connection:
        return revision_on(connection)


def revision_on(connection: Connection) -> str | None:
    """Return the revision as a running transaction sees it; None when the database is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the revision that this program expects."""
    newest = _scripts().get_current_head()
    assert newest is not None  # noqa: S101 - the first release's step always exists
    return newest


def pending(engine: Engine) -> list[str]:
    """Return the revisions that `upgrade` would run, oldest first.

    Raises ConfigurationError when the database belongs to a newer program.
    """
    with engine.connect() as connection:
        return _missing(connection)


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())


def _missing(connection: Connection, to: str = "head") -> list[str]:
    here = revision_on(connection)
    try:
        steps = [step.revision for step in _scripts().iterate_revisions(to, here or "base")]
    except RevisionError:
        unknown = here if to == "head" else to
        raise ConfigurationError(
            f"the database stands at {unknown}, which this version does not know: run a newer version"
        ) from None
    return steps[::-1]


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Open a transaction in which no other process changes the schema."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            with _unchecked_references(connection), connection.begin():  # begins IMMEDIATE: the write lock
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
                if broken is not None:
                    raise ConfigurationError(f"a migration left a reference to nothing: {tuple(broken)}")
        else:
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
                yield connection


@contextmanager
def _unchecked_references(connection: Connection) -> Iterator[None]:
    """Let a table be rebuilt, SQLite's only way to alter one, without its references falling.

    See sqlite.org/lang_altertable.html#otheralter. The pragma does nothing inside a transaction, so it goes
    to the driver before one begins.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
