"""A spreadsheet as it came, its wrong cells red and its doubtful ones yellow, each with what is said of it.

What came as CSV goes back as Excel, every cell a text.
"""

import io
from contextlib import closing
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from jobs.documents import WRITING, MarkedSheet, Step, quietly
from models.importing.files import sheets_in

WRONG, DOUBTFUL = PatternFill("solid", fgColor="FFC7CE"), PatternFill("solid", fgColor="FFEB9C")


def build(data: MarkedSheet, step: Step = quietly) -> bytes:
    """Return the marked workbook."""
    step(WRITING)
    book, sheet = _sheet(data)
    for finding in data["findings"]:
        if not finding["column"]:
            continue
        cell: Any = sheet[f"{finding['column']}{finding['row']}"]
        cell.fill = WRONG if finding["wrong"] else DOUBTFUL
        before = f"{cell.comment.text}\n" if cell.comment else ""
        cell.comment = Comment(before + finding["words"], "Genting", width=320, height=110)
    _list(book, data)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _sheet(data: MarkedSheet) -> tuple[Workbook, Worksheet]:
    """Return the workbook and the sheet that was read."""
    content = data["content"]
    if content.startswith(b"PK"):
        book = load_workbook(io.BytesIO(content), keep_links=False)
        return book, next(
            (sheet for sheet in book.worksheets if _has_headings(sheet, data)), book.worksheets[0]
        )
    with closing(sheets_in(content)) as separated:
        for rows in separated:
            book = Workbook()
            sheet = book.worksheets[0]
            for number, cells in rows:
                for position, value in enumerate(cells, start=1):
                    _write(sheet, number, position, value)
            if _has_headings(sheet, data):
                break
    return book, sheet


def _has_headings(sheet: Worksheet, data: MarkedSheet) -> bool:
    row = data["header_row"]
    return all(
        " ".join(str(sheet[f"{column}{row}"].value or "").split())[:60] == text
        for column, text in data["headings"]
    )


def _write(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """Write a text that stays one: openpyxl would take `=…` for a formula."""
    cell: Any = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def _list(book: Workbook, data: MarkedSheet) -> None:
    """Add the sheet that lists every finding."""
    listed = book.create_sheet(data["sheet"])
    for position, title in enumerate(data["columns"], start=1):
        _write(listed, 1, position, title)
        listed.cell(1, position).font = Font(bold=True)
    for number, finding in enumerate(data["findings"], start=2):
        cells = (finding["row"], finding["column"], finding["header"], finding["words"])
        for position, value in enumerate(cells, start=1):
            _write(listed, number, position, value)
    for column, width in zip("ABCD", (8, 8, 24, 90), strict=True):
        listed.column_dimensions[column].width = width
