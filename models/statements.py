"""Statements of the engine's own tables, compiled once a dialect and handed straight to the driver.

An update costs a handful of these; compiling and type-processing them anew each time would cost more than the
database does (docs/decisions.md). Only plain values (int, str, bytes, None) pass through.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ClauseElement, Connection


class Statement:
    """A Core statement to be called with its parameters by name; gives the driver's own cursor."""

    def __init__(self, element: ClauseElement) -> None:
        self._element = element
        self._compiled: dict[str, tuple[str, list[str] | None]] = {}

    def __call__(self, connection: Connection, **values: Any) -> Any:
        """Run with one set of values; return the driver's cursor (`fetchone`, `fetchall`, `rowcount`)."""
        sql, names = self._compiled.get(connection.dialect.name) or self._compile(connection)
        return driver(connection).execute(sql, _arranged(names, values))

    def many(self, connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
        """Run once for each set of values."""
        for values in rows:
            self(connection, **values)

    def _compile(self, connection: Connection) -> tuple[str, list[str] | None]:
        compiled = self._element.compile(dialect=connection.dialect)
        names = list(compiled.positiontup) if compiled.positional else None  # type: ignore[attr-defined]
        self._compiled[connection.dialect.name] = (str(compiled), names)
        return str(compiled), names


def driver(connection: Connection) -> Any:
    """Return the driver's connection, inside the transaction that SQLAlchemy has begun."""
    return connection.connection.driver_connection


def _arranged(names: list[str] | None, values: dict[str, Any]) -> Any:
    return values if names is None else tuple(values[name] for name in names)


def milliseconds(instant: datetime) -> int:
    """Return epoch milliseconds, the engine's form of an instant."""
    return int(instant.timestamp() * 1000)


def instant(ms: int) -> datetime:
    """Return the UTC instant of epoch milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC)
