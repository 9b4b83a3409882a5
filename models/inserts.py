"""INSERT that leaves alone what is there already, on either database, and finding where it would have to begin."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

LOOKED_OVER = 10_000
"""So many rows `first_without` passes by in one look: some milliseconds."""


def first_without(
    connection: Connection,
    number: SQLColumnExpression[Any],
    named_by: SQLColumnExpression[Any],
    which: ColumnElement[bool],
    after: int,
    among: ColumnElement[bool] | None = None,
) -> tuple[int | None, int]:
    """Return the first id above `after` (of the next LOOKED_OVER) that no counterpart names, and the highest id.

    `number` is the table's id (of those rows `among` which it matters), `named_by` the counterparts' column with it,
    `which` of them count. What is entered again every half hour finds so in a moment that nothing is to be done,
    before it asks why something would be: two indexes are read side by side (docs/decisions.md).
    """
    upto = after + LOOKED_OVER
    all_of_them = select(number).where(number > after, number <= upto)
    if among is not None:
        all_of_them = all_of_them.where(among)
    named = select(named_by).where(which, named_by > after, named_by <= upto)
    first = connection.execute(all_of_them.except_(named).order_by(number).limit(1)).scalar()
    return first, connection.execute(select(func.max(number))).scalar() or 0


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
