"""All that a database holds: as the key ring opens it, and as a thief would find it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, LargeBinary

from models.columns import Sealed, SealedBytes
from models.database import Database
from models.keys import KeyRing
from models.tables import metadata


def everything(database: Database, keys: KeyRing) -> str:
    """Return all that can be read in any table, sealed values opened."""

    def work(connection: Connection) -> str:
        said = []
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(*[_raw(column) for column in table.columns])):
                said += [_readable(value, keys) for value in row]
        return "\n".join(said)

    return database.submit(work).result()


def sealed_of(database: Database, keys: KeyRing, planted: list[str]) -> list[bytes]:
    """Return the sealed bytes of every value in which something planted can be read."""

    def work(connection: Connection) -> list[bytes]:
        found = []
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Sealed | SealedBytes | LargeBinary):
                    values = connection.execute(sa.select(_raw(column)).where(column.is_not(None))).scalars()
                    found += [bytes(v) for v in values if any(p in _readable(v, keys) for p in planted)]
        return found

    return database.submit(work).result()


def personal_data(database: Database) -> set[str]:
    """Return every text that is kept sealed: names, numbers, addresses, chats, notes."""

    def work(connection: Connection) -> set[str]:
        columns = [c for table in metadata.sorted_tables for c in table.columns if isinstance(c.type, Sealed)]
        return {
            value
            for column in columns
            for value in connection.execute(sa.select(column).where(column.is_not(None))).scalars()
            if value
        }

    return database.submit(work).result()


def pictures(database: Database) -> set[bytes]:
    """Return every kept file."""

    def work(connection: Connection) -> set[bytes]:
        columns = [
            c for table in metadata.sorted_tables for c in table.columns if isinstance(c.type, SealedBytes)
        ]
        return {value for column in columns for value in connection.execute(sa.select(column)).scalars()}

    return database.submit(work).result()


def at_rest(database: Database) -> bytes:
    """Return what a thief has who took the disk: SQLite's files, or every row of PostgreSQL."""
    if database.engine.dialect.name == "sqlite":
        return bytes_at(Path(database.engine.url.database or ""))

    def work(connection: Connection) -> bytes:
        tables = sa.inspect(connection).get_table_names()
        return b"\n".join(value for name in tables for value in _stored(connection, name))

    return database.submit(work).result()


def bytes_at(path: Path) -> bytes:
    """Return a SQLite file with its log."""
    files = [path, path.with_name(path.name + "-wal")]
    return b"".join(file.read_bytes() for file in files if file.exists())


def _stored(connection: Connection, table: str) -> Iterator[bytes]:
    for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):  # noqa: S608 - a name of our schema
        for value in row:
            yield bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def _raw(column: sa.Column[Any]) -> Any:
    return sa.type_coerce(column, LargeBinary()) if isinstance(column.type, Sealed | SealedBytes) else column


def _readable(value: Any, keys: KeyRing) -> str:
    if isinstance(value, bytes | memoryview):
        return keys.open(bytes(value)).decode(errors="replace")
    return str(value)
