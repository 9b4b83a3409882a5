"""The programme's tables as plain rows, for a spreadsheet or a script.

The engine's own tables (what came in, what goes out, where dialogs stand) are no part of it. Without names what is
sealed, what somebody typed, and what finds a person again, is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Column, Connection, LargeBinary

from models.columns import Sealed, SealedBytes
from models.months import Month
from models.tables import metadata

TYPED = frozenset({("pledge", "note")})
"""Not sealed, but a coordinator's own words, which may name somebody."""

ENGINES = frozenset({"inbox", "outbox", "cursor", "conversation"})

Cell: TypeAlias = str | int | float | bool | None
"""What a script may read: days and instants as ISO text."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table: its columns, and its rows in the order of their keys."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[tuple[Cell, ...]]


def tables(connection: Connection, *, names: bool) -> Iterator[TableRows]:
    """Yield the programme's tables; read each one's rows before asking for the next."""
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if _shown(column, names=names)]
        if table.name in ENGINES or not columns:
            continue
        query = sa.select(*columns).order_by(*table.primary_key).execution_options(yield_per=1000)
        with connection.execute(query) as result:
            rows = (tuple(_cell(value) for value in row) for row in result)
            yield TableRows(table.name, tuple(column.name for column in columns), rows)


def _shown(column: Column[Any], *, names: bool) -> bool:
    """An index is of no use outside; sealed bytes that are no text (pictures) are not for a sheet."""
    if column.name.endswith("_index") or isinstance(column.type, LargeBinary | SealedBytes):
        return False
    return names or not (isinstance(column.type, Sealed) or (column.table.name, column.name) in TYPED)


def _cell(value: Any) -> Cell:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Month):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
