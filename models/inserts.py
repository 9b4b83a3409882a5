"""INSERT that leaves alone what is there already, on either database."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_missing(connection: Connection, table: Any) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that skips rows whose key is taken (ON CONFLICT DO NOTHING).

    `table` is a Table or a SQLModel class. A SELECT inside needs a WHERE: SQLite reads `ON` as a join without.
    """
    return insert_missing_on(connection.dialect.name, table)


def insert_missing_on(dialect: str, table: Any) -> sqlite.Insert | postgresql.Insert:
    """Return the same, to be kept for any connection of a dialect."""
    target: Table = getattr(table, "__table__", table)
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(target).on_conflict_do_nothing()
