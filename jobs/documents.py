"""Files that go out: a kind and its data in, bytes out.

As with pictures (`jobs.charts`), the data is plain JSON that waits in the outbox, every word in it already in the
reader's language. A kind whose data names a kept file (`FILE`) is handed that file's bytes (`CONTENT`).

A new kind is a function `build` in a module, a TypedDict here, and a line in `DOCUMENTS`. It may tell its `step`s as it
goes: who waits for the file sees them (`jobs.making`).
"""

from collections.abc import Callable
from typing import Any, NotRequired, TypedDict

from jobs.charts import CoverageChart, Late

FILE, CONTENT = "file_id", "content"

DRAWING, WRITING, SENDING, DONE = "drawing", "writing", "sending", "done"
"""The stages of a file: its pictures are drawn, its pages are written, it is sent, it has gone."""

Step = Callable[[str], None]
"""Is told each stage as it begins, from whatever thread makes the file."""


def quietly(_stage: str) -> None:
    """A step that nobody waits for."""


class Figure(TypedDict):
    """A figure to remember: `value` large, `label` below."""

    value: str
    label: str


class ReportTable(TypedDict):
    """A table; the columns whose numbers stand in `right` are set to the right. The last row may be the `total`."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    right: list[int]
    total: bool
    note: str


class Bar(TypedDict):
    """One bar of parts: `parts` are (label, count) in the order of the report's colours."""

    title: str
    parts: list[tuple[str, int]]


class MonthReport(TypedDict):
    """The data of kind `month`: the month's report as PDF, two to four pages of A4.

    `letterhead` stands on the first page, `footer` on every one before its number; `signature` is (place and day,
    post). No child's name stands anywhere in it.
    """

    locale: str
    letterhead: list[str]
    title: str
    subtitle: str
    figures: list[Figure]
    words: list[str]
    bars: list[Bar]
    tables: list[ReportTable]
    chart: CoverageChart
    definitions: list[str]
    signature: list[str]
    footer: str
    page: str


class Sheet(TypedDict):
    """A sheet of a workbook: lines above, columns, rows; columns in `money` are rupiah, in `shares` of 1."""

    name: str
    head: list[str]
    columns: list[str]
    rows: list[list[str | int | float | bool | None]]
    money: list[int]
    shares: NotRequired[list[int]]


class WorkbookData(TypedDict):
    """The data of kind `workbook`: an Excel file, its `footer` on every printed page."""

    title: str
    footer: str
    sheets: list[Sheet]


class Mark(TypedDict):
    """A finding in a cell: `row` as in Excel, `column` its letter (empty: the file has no such column)."""

    row: int
    column: str
    header: str
    wrong: bool
    words: str


class MarkedSheet(TypedDict):
    """The data of kind `marked`: a kept spreadsheet (`file_id`, handed over as `content`) with cells marked.

    The sheet is the one whose `header_row` has the `headings` (column letter, text). A sheet called `sheet` with the
    `columns` row, column, header, words lists the findings.
    """

    file_id: int
    content: bytes
    header_row: int
    headings: list[tuple[str, str]]
    sheet: str
    columns: list[str]
    findings: list[Mark]


class TextData(TypedDict):
    """The data of kind `text`: a text file."""

    text: str


class UnknownDocument(LookupError):
    """No file of this kind is known (any more); the argument is the kind."""


DOCUMENTS: dict[str, Callable[[dict[str, Any], Step], bytes]] = {
    "month": Late("jobs.drawing.month", "build"),
    "workbook": Late("jobs.workbook", "build"),
    "marked": Late("jobs.marking", "build"),
    "text": Late("jobs.plain_text", "build"),
}
"""Every kind of file."""


def build(kind: str, data: dict[str, Any], step: Step = quietly) -> bytes:
    """Return the file, telling each `step`. May be called from any thread.

    Raises UnknownDocument, and KeyError for lacking data.
    """
    if kind not in DOCUMENTS:
        raise UnknownDocument(kind)
    return DOCUMENTS[kind](data, step)
