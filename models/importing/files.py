"""From bytes to sheets of cells, whoever made the file and whatever they meant by it.

What a file *is* is told by its first bytes, not by its name. A hostile or broken one ends in one
`BadInput`, never in a traceback, and never costs more than the limits here.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias, cast

from openpyxl import load_workbook

from models.errors import BadInput

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None
NumberedRow: TypeAlias = tuple[int, tuple[Cell, ...]]
"""A row and its number as Excel shows it (from 1)."""

Sheets: TypeAlias = Generator[Iterator[NumberedRow], None, None]

MAX_BYTES = 20 * 2**20
MAX_UNPACKED_BYTES = 60 * 2**20
"""A list of 20,000 rows unpacks to about 15 MB; what unpacks to more is a mistake or a zip bomb."""

MAX_ROWS = 20_000
MAX_COLUMNS = 60
EXCEL_ROWS = 1_048_576

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0"
_OTHER = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"{\\rtf")


def read_bytes(source: bytes | Path) -> bytes:
    """Read the whole file.

    Raises BadInput: `no_such_file`, `unreadable_file`, `file_too_large`, `empty_file`.
    """
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > MAX_BYTES:
            raise _too_large(size, MAX_BYTES)
        content = source if isinstance(source, bytes) else source.read_bytes()
    except FileNotFoundError:
        raise BadInput("no_such_file") from None
    except OSError:
        raise BadInput("unreadable_file") from None
    if not content.strip():
        raise BadInput("empty_file")
    return content


def sheets_in(content: bytes) -> Sheets:
    """Yield each sheet's rows; a CSV is one sheet for each separator that it might have.

    Raises BadInput: `password_protected`, `old_excel`, `file_too_large`, `unreadable_file`.
    """
    if content.startswith(_OLE):
        # An encrypted workbook is an OLE file with a stream of this name ([MS-OFFCRYPTO] 2.3.4.4).
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise BadInput("password_protected" if locked else "old_excel")
    if content.startswith(_ZIP):
        _refuse_bombs(content)
        return _workbook(content)
    if content.startswith(_OTHER):
        raise BadInput("unreadable_file")
    return _separated(_decoded(content))


def _refuse_bombs(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [part for part in archive.infolist() if part.filename.endswith((".xml", ".rels"))]
            # `zipfile` never reads more of a part than its header announces.
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_UNPACKED_BYTES:
                raise _too_large(unpacked, MAX_UNPACKED_BYTES)
            if any(_declares_entities(archive, part) for part in parts):
                raise BadInput("unreadable_file")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise BadInput("unreadable_file") from None


def _too_large(size: int, limit: int) -> BadInput:
    return BadInput("file_too_large", megabytes=round(size / 2**20), limit_megabytes=limit // 2**20)


def _declares_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """No workbook has a DTD; one that has wants its entities expanded ("billion laughs")."""
    with archive.open(part) as file:
        return b"<!DOCTYPE" in file.read(2048)


def _workbook(content: bytes) -> Sheets:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns about styles and extensions it leaves out
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            with closing(book):
                for sheet in book.worksheets:
                    sheet.reset_dimensions()  # what a sheet says about its own size is often wrong
                    rows = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
                    yield _numbered(cast("Iterable[tuple[Cell, ...]]", rows))  # data_only: plain values
    except BadInput:
        raise
    except Exception:  # noqa: BLE001 - on a broken workbook openpyxl raises nearly anything
        raise BadInput("unreadable_file") from None


def _separated(text: str) -> Sheets:
    for separator in ",;\t":
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        yield _numbered(tuple(row[:MAX_COLUMNS]) for row in rows)


def _numbered(rows: Iterable[tuple[Cell, ...]]) -> Iterator[NumberedRow]:
    """Number the rows that are not blank."""
    for number, row in enumerate(rows, start=1):
        if number > EXCEL_ROWS:
            raise BadInput("unreadable_file")
        if any(cell is not None and cell != "" for cell in row):
            yield number, row


def _decoded(content: bytes) -> str:
    """UTF-16 and UTF-8 as Excel writes them, else Windows' western code page, which older Excels write."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadInput("unreadable_file")
