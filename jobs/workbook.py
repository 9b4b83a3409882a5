"""Excel files in which nothing that anybody typed can become a formula, a link or a number.

Every text is written as a text (`write_string`): xlsxwriter's `write` would read `=1+1` as a formula and a long number
as a rounded one.
"""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from jobs.documents import WRITING, Step, WorkbookData, quietly

WIDEST = 42
LONGEST = 32_767
"""Characters in a cell (Excel's specifications and limits)."""

UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What no XML may hold (XML 1.0, 2.2) and xlsxwriter does not escape: for one of them Excel refuses the whole file."""

SAFE = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}


def build(data: WorkbookData, step: Step = quietly) -> bytes:
    """Return the workbook of these sheets."""
    step(WRITING)
    book = Workbook(title=data["title"], footer=data["footer"])
    for sheet in data["sheets"]:
        book.sheet(
            sheet["name"],
            sheet["columns"],
            sheet["rows"],
            head=sheet["head"],
            money=sheet["money"],
            shares=sheet.get("shares", []),
        )
    return book.content()


class Workbook:
    """A workbook in memory; `content` closes it and returns its bytes."""

    def __init__(self, *, title: str, footer: str = "") -> None:
        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, SAFE)
        self._book.set_properties({"title": title})
        self._footer = footer
        self._bold = self._book.add_format(
            {"bold": True, "bg_color": "#E3EEF7", "text_wrap": True, "valign": "top"}
        )
        self._quiet = self._book.add_format({"italic": True, "font_color": "#5B6875"})
        self._text = self._book.add_format({"num_format": "@"})
        self._money = self._book.add_format({"num_format": '"Rp"#,##0'})
        self._share = self._book.add_format({"num_format": "0.0%"})

    def sheet(
        self,
        name: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        head: Sequence[str] = (),
        money: Sequence[int] = (),
        shares: Sequence[int] = (),
    ) -> int:
        """Add a sheet: lines of `head`, the column names, the rows; return how many rows there were."""
        numbers = dict.fromkeys(money, self._money) | dict.fromkeys(shares, self._share)
        sheet = self._book.add_worksheet(name[:31])
        for number, line in enumerate(head):
            sheet.write_string(number, 0, line, self._quiet)
        top = len(head) + (1 if head else 0)
        widths = [len(title) for title in columns]
        for column, title in enumerate(columns):
            sheet.write_string(top, column, title, self._bold)
        count = 0
        for count, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._write(sheet, top + count, column, value, numbers.get(column))
                widths[column] = max(
                    widths[column], min(WIDEST, len(str(value if value is not None else "")))
                )
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width + 2)
        sheet.freeze_panes(top + 1, 0)
        if columns:
            sheet.autofilter(top, 0, top + max(count, 1), len(columns) - 1)
        if self._footer:
            sheet.set_footer(f"&L{_literal(self._footer)}&R&P/&N")
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return count

    def content(self) -> bytes:
        """Close the workbook and return the file."""
        self._book.close()
        return self._buffer.getvalue()

    def _write(self, sheet: Any, row: int, column: int, value: Any, number: Any = None) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, number)
        else:
            sheet.write_string(row, column, UNWRITABLE.sub(" ", str(value))[:LONGEST], self._text)


def _literal(words: str) -> str:
    """An ampersand starts a code in Excel's footers; at most 255 characters."""
    return words.replace("&", "&&")[:200]
