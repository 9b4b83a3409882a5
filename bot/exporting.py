"""`genting export`: the programme's tables as Excel or JSON."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from bot.console import opened_database, out, written_whole
from models.audit import record
from models.clock import SystemClock
from models.database import in_session
from models.errors import ConfigurationError
from models.exports import TableRows, tables


def export(
    file: Annotated[Path, typer.Argument(help="A file to write: .xlsx or .json.")],
    names: Annotated[bool, typer.Option("--names", help="With names, numbers and addresses.")] = False,
) -> None:
    """Write the programme's tables to Excel or JSON; without --names nobody can be recognised by name."""
    write = {".xlsx": _as_excel, ".json": _as_json}.get(file.suffix.casefold())
    if write is None:
        raise ConfigurationError(f"{file.name}: the file's name ends in .xlsx or .json")
    with opened_database() as (_, database):
        now = SystemClock().now()
        with written_whole(file) as target, database.snapshot() as connection:
            count = write(target, tables(connection, names=names), now)
        note = f"{file.suffix[1:]}, rows {count}{', names' if names else ''}"
        database.submit(in_session(lambda s: record(s, now, None, "exported", "table:*", note))).result()
    out.print(f"{file}: {count} rows{' with names: keep it safe' if names else ''}.", soft_wrap=True)


def _as_json(target: BinaryIO, found: Iterator[TableRows], now: datetime) -> int:
    whole: dict[str, Any] = {"exported_at": now.isoformat()}
    count = 0
    for table in found:
        whole[table.name] = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        count += len(whole[table.name])
    target.write(json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n")
    return count


def _as_excel(target: BinaryIO, found: Iterator[TableRows], now: datetime) -> int:
    from jobs.workbook import Workbook  # noqa: PLC0415 - kept out of the start of `run`

    book = Workbook(title="Genting", footer=f"genting export, {now:%Y-%m-%d %H:%M} UTC")
    count = sum(book.sheet(table.name, table.columns, table.rows) for table in found)
    target.write(book.content())
    return count
