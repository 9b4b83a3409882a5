"""A table: the rows of the sheet that has our headers, each cell under the field it belongs to."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from openpyxl.utils import get_column_letter

from models.errors import BadInput
from models.importing.files import MAX_ROWS, Cell, NumberedRow, read_bytes, sheets_in
from models.importing.headings import COLUMNS, UNREMARKABLE, Heading, ImportKind, fields_by_key, heading_key

HEADER_WITHIN = 15
"""Lists often begin with a title and a date: the header is looked for in so many rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: its number as in Excel, and its cells by field."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as read: `headings` by field, and the headers that mean nothing to us."""

    kind: ImportKind
    header_row: int
    headings: dict[str, Heading]
    unknown: tuple[Heading, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Header:
    row: int
    positions: dict[str, int]
    headings: dict[str, Heading]
    unknown: tuple[Heading, ...]
    doubled: tuple[Heading, ...]


def read_table(source: bytes | Path, kind: ImportKind) -> Table:
    """Read an .xlsx or .csv file of at most 20,000 rows; needs no database.

    Raises BadInput for the file as a whole: what `files` raises, `missing_columns` (with `missing` and
    `expected`), `double_column`, `no_rows`, `too_many_rows`.
    """
    required = [column for column in COLUMNS[kind] if column.required]
    nearest: list[str] | None = None
    try:
        with closing(sheets_in(read_bytes(source))) as sheets:
            for rows in sheets:
                start = list(islice(rows, HEADER_WITHIN))
                header = _find_header(start, kind)
                missing = [
                    column.title
                    for column in required
                    if not {column.field, column.instead} & header.positions.keys()
                ]
                if not missing:
                    return _table(kind, header, chain(start, rows))
                if nearest is None or len(missing) < len(nearest):
                    nearest = missing
    except BadInput:
        raise
    except Exception:  # noqa: BLE001 - rows are parsed lazily: a broken sheet shows itself only here
        raise BadInput("unreadable_file") from None
    raise BadInput(
        "missing_columns",
        missing=", ".join(nearest or [column.title for column in required]),
        expected=", ".join(column.title for column in COLUMNS[kind]),
    )


def _find_header(start: list[NumberedRow], kind: ImportKind) -> _Header:
    """Return the row that names most of our columns."""
    headers = [_header(number, cells, kind) for number, cells in start]
    return max(headers, key=lambda header: len(header.positions), default=_Header(0, {}, {}, (), ()))


def _header(number: int, cells: tuple[Cell, ...], kind: ImportKind) -> _Header:
    fields = fields_by_key(kind)
    positions: dict[str, int] = {}
    headings: dict[str, Heading] = {}
    unknown, doubled = [], []
    for position, cell in enumerate(cells):
        text = " ".join(str(cell or "").split())
        heading = Heading(get_column_letter(position + 1), text[:60])
        field = fields.get(heading_key(text))
        if field is None:
            if heading_key(text) not in UNREMARKABLE:
                unknown.append(heading)
        elif field in positions:
            doubled.append(heading)
        else:
            positions[field], headings[field] = position, heading
    return _Header(number, positions, headings, tuple(unknown), tuple(doubled))


def _table(kind: ImportKind, header: _Header, numbered: Iterator[NumberedRow]) -> Table:
    if header.doubled:
        raise BadInput("double_column", header=header.doubled[0].text, column=header.doubled[0].column)
    rows: list[Row] = []
    for number, cells in numbered:
        if number <= header.row:
            continue
        row = Row(
            number,
            {
                field: cells[position] if position < len(cells) else None
                for field, position in header.positions.items()
            },
        )
        if all(cell is None or str(cell).strip() == "" for cell in row.cells.values()):
            continue
        if len(rows) == MAX_ROWS:
            raise BadInput("too_many_rows", limit=MAX_ROWS)
        rows.append(row)
    if not rows:
        raise BadInput("no_rows")
    return Table(kind, header.row, header.headings, header.unknown, tuple(rows))
