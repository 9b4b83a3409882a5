"""Putting a backup back, on either database."""

from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Table

from models.backup.making import TOLD_EVERY, TableBegins, check, parts
from models.backup.rows import (
    BATCH,
    Progress,
    RowsDigest,
    Summary,
    plain_table,
    read_row,
    tables_of,
    written_rows,
)
from models.database import Database
from models.errors import BackupRefused
from models.migrations import upgrade


def restore(
    database: Database, file: BinaryIO, *, force: bool = False, progress: Progress | None = None
) -> Summary:
    """Put every row back and return what they were; the schema is brought up to date afterwards.

    The file is read through first, and the rows are counted again in the database before they are committed: after
    a BackupRefused the database is as it was, or empty when `force` had emptied it.

    Raises BackupRefused when the file is damaged, or the database is not empty and `force` is not given.
    """
    whole = check(database.keys, file)
    _make_room(database, force=force)
    upgrade(database.engine, whole.revision)
    file.seek(0)
    database.submit(lambda connection: _load(connection, database, file, whole, progress)).result()
    upgrade(database.engine)
    return whole


def has_rows(connection: Connection) -> bool:
    """Tell whether any table has a row."""
    return any(
        connection.execute(sa.select(1).select_from(t).limit(1)).first() for t in tables_of(connection)
    )


def _make_room(database: Database, *, force: bool) -> None:
    with database.engine.begin() as connection:
        if has_rows(connection) and not force:
            raise BackupRefused("the database is not empty; --force throws away what is in it")
    # Outside a snapshot and of every revision: the tables may be older or newer than the backup's.
    with database.engine.begin() as connection:
        present = MetaData()
        present.reflect(connection)
        present.drop_all(connection)


def _load(
    connection: Connection,
    database: Database,
    file: BinaryIO,
    whole: Summary,
    progress: Progress | None,
) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    loader = _Loader(connection, whole.total, progress)
    for part in parts(file, database.keys):
        if isinstance(part, bytes):
            loader.row(part)
        elif isinstance(part, TableBegins):
            loader.table(part)
    loader.flush()
    for table in tables_of(connection):
        digest = RowsDigest()
        for row in written_rows(connection, table):
            digest.add(row)
        if digest.rows != whole.rows.get(table.name, 0) or (
            digest.rows and str(digest) != whole.digests[table.name]
        ):
            raise BackupRefused(f"table {table.name} did not arrive as it left; nothing was kept")
        if connection.dialect.name == "postgresql":
            _go_on_counting(connection, table)


class _Loader:
    """Inserts rows as they come, a batch at a time."""

    def __init__(self, connection: Connection, total: int, progress: Progress | None) -> None:
        self._connection, self._total, self._progress = connection, total, progress
        self._table: Table | None = None
        self._columns: dict[str, str] = {}
        self._rows: list[dict[str, Any]] = []
        self._done = 0

    def table(self, begins: TableBegins) -> None:
        """The rows that follow belong to this table."""
        self.flush()
        self._columns = begins.columns
        self._table = plain_table(begins.name, begins.columns)

    def row(self, line: bytes) -> None:
        """Take a row."""
        self._rows.append(read_row(line, self._columns))
        self._done += 1
        if len(self._rows) == BATCH:
            self.flush()
        if self._progress and (self._done % TOLD_EVERY == 0 or self._done == self._total):
            self._progress(self._done, self._total)

    def flush(self) -> None:
        """Insert what has been taken."""
        if self._table is not None and self._rows:
            self._connection.execute(self._table.insert(), self._rows)
            self._rows = []


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's sequence go on behind the highest id."""
    for column in table.primary_key:
        name = f'"{table.name}"'
        sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(name, column.name)))
        if sequence is not None:
            highest = connection.scalar(sa.select(sa.func.max(column)))
            connection.execute(
                sa.select(sa.func.setval(sequence, highest or 1, sa.literal(highest is not None)))
            )
