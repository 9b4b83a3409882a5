"""What an import found and what it did (or would do)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from models.errors import BadInput
from models.importing.cells import EXCEL_ERRORS
from models.importing.files import Cell
from models.importing.headings import COLUMNS, Heading, ImportKind
from models.importing.tables import Row, Table
from models.importing.wording import message

T = TypeVar("T")

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (done, total) now and then, for a progress bar."""

STEP = 500
"""Rows between two calls of a Progress, and rows in one INSERT."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one cell: row as in Excel, column letter, header, code and what goes with it.

    `column` is empty when the file has no such column. Details never hold a name, NIK, NIP or phone.
    """

    row: int
    column: str
    header: str
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f"column {self.column} ({self.header})" if self.column else self.header
        return f"row {self.row}, {place}: {message(self.code, self.details)}"


@dataclass(frozen=True, slots=True)
class CellError(Finding):
    """Stops the import."""


@dataclass(frozen=True, slots=True)
class CellWarning(Finding):
    """Wants a look; the import goes on."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file holds beside what is known: `rows` = added + changed + unchanged + rows with an error.

    `applied`: it was written. With any error nothing is.
    """

    kind: ImportKind
    rows: int
    added: int
    changed: int
    unchanged: int
    errors: tuple[CellError, ...]
    warnings: tuple[CellWarning, ...]
    applied: bool = False


class Findings:
    """Collects what is wrong and what is doubtful in a table."""

    def __init__(self, table: Table) -> None:
        self._titles = {column.field: column.title for column in COLUMNS[table.kind]}
        self._headings = table.headings
        self._errors: list[CellError] = []
        self._warnings = [
            CellWarning(table.header_row, heading.column, heading.text, "unknown_column")
            for heading in table.unknown
        ]
        self._wrong_rows: set[int] = set()

    def wrong(self, row: int, field_: str, code: str, **details: Any) -> None:
        """Note an error."""
        heading = self._heading(field_)
        self._errors.append(CellError(row, heading.column, heading.text, code, details))
        self._wrong_rows.add(row)

    def doubt(self, row: int, field_: str, code: str, **details: Any) -> None:
        """Note a warning."""
        heading = self._heading(field_)
        self._warnings.append(CellWarning(row, heading.column, heading.text, code, details))

    def is_wrong(self, row: int) -> bool:
        """Whether a row has an error."""
        return row in self._wrong_rows

    def report(self, table: Table, *, added: int, changed: int) -> ImportReport:
        """Sum up; what is neither wrong, added nor changed is unchanged."""
        rows = len(table.rows)
        return ImportReport(
            kind=table.kind,
            rows=rows,
            added=added,
            changed=changed,
            unchanged=rows - len(self._wrong_rows) - added - changed,
            errors=tuple(sorted(self._errors, key=_place)),
            warnings=tuple(sorted(self._warnings, key=_place)),
        )

    def _heading(self, field_: str) -> Heading:
        return self._headings.get(field_) or Heading("", self._titles[field_])


class RowReader:
    """Takes the cells of one row, noting each that is wrong instead of raising."""

    def __init__(self, row: Row, findings: Findings) -> None:
        self._row = row
        self._findings = findings

    def has(self, field_: str) -> bool:
        """Whether the file has this column."""
        return field_ in self._row.cells

    def take(self, field_: str, read: Callable[[Cell], T], *, required: bool = False) -> T | None:
        """Return a cell's value, or None when it is empty or wrong."""
        cell = self._row.cells.get(field_)
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            if required:
                self.wrong(field_, "missing")
            return None
        if isinstance(cell, str) and cell.strip() in EXCEL_ERRORS:
            self.wrong(field_, "formula_error", given=cell.strip())
            return None
        try:
            return read(cell)
        except BadInput as error:
            self.wrong(field_, error.code, **error.details)
            return None

    def wrong(self, field_: str, code: str, **details: Any) -> None:
        """Note an error of this row."""
        self._findings.wrong(self._row.number, field_, code, **details)

    def doubt(self, field_: str, code: str, **details: Any) -> None:
        """Note a warning of this row."""
        self._findings.doubt(self._row.number, field_, code, **details)


def _place(finding: Finding) -> tuple[int, int, str]:
    return finding.row, len(finding.column), finding.column
