"""Writing a backup, and reading one through to see that it is whole."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import sqlalchemy as sa

from models.backup.envelope import SealedLines, opened_lines
from models.backup.rows import Progress, RowsDigest, Summary, columns_of, tables_of, written_rows
from models.database import Database
from models.errors import BackupRefused
from models.keys import KeyRing
from models.migrations import revision_on

FORMAT = 1
TOLD_EVERY = 500
"""Rows between two calls of a Progress."""


def make(database: Database, now: datetime, file: BinaryIO, progress: Progress | None = None) -> Summary:
    """Write every row, as the database stands at one moment, and return what was written.

    Nobody is held up: the reading sees a snapshot. Raises BackupRefused for a database without a schema.
    """
    lines = SealedLines(file, database.keys)
    with database.snapshot() as connection:
        revision = revision_on(connection)
        if revision is None:
            raise BackupRefused("the database is empty: there is nothing to back up")
        tables = tables_of(connection)
        counts = {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in tables
        }
        summary = Summary(revision, now)
        total, done = sum(counts.values()), 0
        lines.write(_json(format=FORMAT, revision=revision, made_at=now.isoformat(), rows=total))
        for table in tables:
            digest = RowsDigest()
            lines.write(_json(table=table.name, columns=columns_of(table), rows=counts[table.name]))
            for row in written_rows(connection, table):
                lines.write(row)
                digest.add(row)
                done += 1
                if progress and done % TOLD_EVERY == 0:
                    progress(done, total)
            lines.write(_json(end=table.name, rows=digest.rows, digest=str(digest)))
            summary.rows[table.name], summary.digests[table.name] = digest.rows, str(digest)
        lines.write(_json(digest=summary.digest))
    lines.finish()
    if progress:
        progress(total, total)
    return summary


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first line: of what schema, made when, how many rows in all."""

    revision: str
    made_at: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class TableBegins:
    """A table's rows follow."""

    name: str
    columns: dict[str, str]


Part = Beginning | TableBegins | bytes
"""What a backup is made of: its beginning, then tables, each followed by its rows."""


def parts(file: BinaryIO, keys: KeyRing, summary: list[Summary] | None = None) -> Iterator[Part]:
    """Yield the parts of a backup, checking every digest on the way; `summary` receives what it held.

    Raises BackupRefused for one that is damaged, cut off, or of a newer version.
    """
    lines = opened_lines(file, keys)
    head = json.loads(next(lines))
    if head["format"] != FORMAT:
        raise BackupRefused(f"the backup is of format {head['format']}: run a newer version")
    beginning = Beginning(head["revision"], datetime.fromisoformat(head["made_at"]), head["rows"])
    found = Summary(beginning.revision, beginning.made_at)
    yield beginning
    digest, name = RowsDigest(), ""
    for line in lines:
        if line.startswith(b"["):
            digest.add(line)
            yield line
            continue
        said = json.loads(line)
        if "table" in said:
            digest, name = RowsDigest(), said["table"]
            yield TableBegins(name, said["columns"])
        elif "end" in said:
            if (said["end"], said["rows"], said["digest"]) != (name, digest.rows, str(digest)):
                raise BackupRefused(f"the backup contradicts itself in table {name}")
            found.rows[name], found.digests[name] = digest.rows, str(digest)
        elif said["digest"] != found.digest:
            raise BackupRefused("the backup contradicts itself: its digest is not that of its tables")
    if summary is not None:
        summary.append(found)


def check(keys: KeyRing, file: BinaryIO, progress: Progress | None = None) -> Summary:
    """Read a backup through and return what it holds; writes nothing. Raises BackupRefused."""
    found: list[Summary] = []
    done, total = 0, 0
    for part in parts(file, keys, found):
        if isinstance(part, Beginning):
            total = part.rows
        elif isinstance(part, bytes):
            done += 1
            if progress and (done % TOLD_EVERY == 0 or done == total):
                progress(done, total)
    return found[0]


def _json(**said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
