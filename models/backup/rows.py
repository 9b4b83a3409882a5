"""Rows as a backup writes them: a JSON array a row, the same for SQLite and PostgreSQL.

A database is described by itself (reflection), not by the models: every table is taken, and a backup that was made
by an older version still says what its columns held. A table's digest is the sum of its rows' hashes, so that the
order in which a database gives them does not matter.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Table

from models.errors import BackupRefused

VERSION_TABLE = "alembic_version"
"""Alembic's own: the schema's revision stands in the backup's first line instead."""

BATCH = 1000

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (rows done, rows in all) now and then."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A column's kind: the type that a driver is told, and the way into JSON and back."""

    name: str
    type: sa.types.TypeEngine[Any]
    out: Callable[[Any], Any]
    back: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _instant_out(value: datetime) -> str:
    """SQLite gives UTC back without saying so."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


KINDS = {
    kind.name: kind
    for kind in (
        Kind("bytes", sa.LargeBinary(), lambda v: base64.b64encode(v).decode(), base64.b64decode),
        Kind("instant", sa.DateTime(timezone=True), _instant_out, datetime.fromisoformat),
        Kind("date", sa.Date(), date.isoformat, date.fromisoformat),
        Kind("bool", sa.Boolean(), bool, bool),
        Kind("int", sa.BigInteger(), int, int),
        Kind("real", sa.Float(), float, float),
        Kind("exact", sa.Numeric(), str, Decimal),
        Kind("json", sa.JSON(), _same, _same),
        Kind("text", sa.Text(), str, str),
    )
}

_BY_TYPE: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (sa.LargeBinary, "bytes"),
    (sa.DateTime, "instant"),
    (sa.Date, "date"),
    (sa.Boolean, "bool"),
    (sa.Integer, "int"),
    (sa.Float, "real"),
    (sa.Numeric, "exact"),
    (sa.JSON, "json"),
    (sa.String, "text"),
)


@dataclass(slots=True)
class Summary:
    """What a backup holds: the schema's revision, when it was made, and each table's rows and digest."""

    revision: str
    made_at: datetime
    rows: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    @property
    def digest(self) -> str:
        """One digest of everything, as short as one reads out on the telephone."""
        together = "".join(f"{name}:{self.digests[name]};" for name in sorted(self.digests))
        return hashlib.sha256(together.encode()).hexdigest()[:16]


class RowsDigest:
    """Adds up the hashes of rows."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, 0

    def add(self, line: bytes) -> None:
        """Count a row as it is written."""
        self.rows += 1
        self._sum += int.from_bytes(hashlib.sha256(line).digest(), "big")

    def __str__(self) -> str:
        return f"{self._sum % 2**256:064x}"


def tables_of(connection: Connection) -> list[Table]:
    """Return a database's tables, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def columns_of(table: Table) -> dict[str, str]:
    """Return the kind of each column by its name, in the table's order."""
    return {column.name: _kind_of(column) for column in table.columns}


def plain_table(name: str, columns: Mapping[str, str]) -> Table:
    """Return a table as the driver shall see it: sealed columns as bytes, enumerations as text.

    Raises BackupRefused for a kind of column that this version does not know.
    """
    try:
        described = [sa.Column(column, KINDS[kind].type) for column, kind in columns.items()]
    except KeyError as error:
        raise BackupRefused(f"the backup has a column of a kind not known here: {error}") from None
    return Table(name, MetaData(), *described)


def written_rows(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield each row of a table as a line of JSON, in the order of its key."""
    columns = columns_of(table)
    plain = plain_table(table.name, columns)
    outs = [KINDS[kind].out for kind in columns.values()]
    key = [plain.c[column.name] for column in table.primary_key]
    query = sa.select(plain).order_by(*key).execution_options(yield_per=BATCH)
    with connection.execute(query) as result:
        for row in result:
            values = [None if value is None else out(value) for out, value in zip(outs, row, strict=True)]
            yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def read_row(line: bytes, columns: Mapping[str, str]) -> dict[str, Any]:
    """Return a row's values by column."""
    values = json.loads(line)
    return {
        name: None if value is None else KINDS[kind].back(value)
        for (name, kind), value in zip(columns.items(), values, strict=True)
    }


def _kind_of(column: sa.Column[Any]) -> str:
    for type_, kind in _BY_TYPE:
        if isinstance(column.type, type_):
            return kind
    raise BackupRefused(f"column {column.table.name}.{column.name} is of a kind that no backup knows")
