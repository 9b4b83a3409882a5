"""The month's report as PDF: letterhead, the figures to remember, tables, the coverage picture, a place to sign.

fpdf2 lays it out, in the fonts and colours of the pictures.
"""

from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, TableCellFillMode
from fpdf.fonts import FontFace

from jobs.documents import DRAWING, WRITING, Bar, Figure, MonthReport, ReportTable, Step, quietly
from jobs.drawing import coverage
from jobs.drawing.page import font_file

MARGIN = 18
WIDTH = 210 - 2 * MARGIN
INK, QUIET, RULE, SHADE = (22, 34, 46), (91, 104, 117), (205, 211, 217), (227, 238, 247)
FIRST_PAGE = 1
"""So many tables stand under the words; the others follow the picture."""

PARTS = ((11, 95, 165), (230, 159, 0), (211, 217, 223))
"""Okabe and Ito's, as in the coverage picture."""


def build(data: MonthReport, step: Step = quietly) -> bytes:
    """Return the PDF."""
    step(DRAWING)
    picture = coverage.draw(data["chart"])
    step(WRITING)
    pdf = _Paper(data)
    _letterhead(pdf, data)
    _headline(pdf, data)
    _figures(pdf, data["figures"])
    _words(pdf, data["words"])
    for bar in data["bars"]:
        _bar(pdf, bar)
    first, others = data["tables"][:FIRST_PAGE], data["tables"][FIRST_PAGE:]
    for table in first:
        _table(pdf, table)
    pdf.add_page()
    _picture(pdf, picture)
    pdf.add_page()
    for table in others:
        _table(pdf, table)
    _definitions(pdf, data["definitions"])
    _signature(pdf, data["signature"])
    return bytes(pdf.output())


class _Paper(FPDF):
    """A4 with our fonts and a footer."""

    def __init__(self, data: MonthReport) -> None:
        super().__init__(format="A4")
        self._footer, self._page_word = data["footer"], data["page"]
        self.set_margins(MARGIN, 16, MARGIN)
        self.set_auto_page_break(True, margin=20)
        self.add_font("body", "", font_file("regular"))
        self.add_font("body", "B", font_file("bold"))
        self.set_title(data["title"])
        self.set_lang(data["locale"])
        self.set_creator("Genting")
        self.add_page()

    def footer(self) -> None:
        """Say what this is and which page."""
        self.set_y(-14)
        self.set_font("body", size=7.5)
        self.set_text_color(*QUIET)
        self.cell(WIDTH * 0.8, 5, self._footer)
        self.cell(WIDTH * 0.2, 5, f"{self._page_word} {self.page_no()}/{{nb}}", align="R")

    def ink(self, size: float, *, bold: bool = False, quiet: bool = False) -> None:
        """Write on in this size and weight."""
        self.set_font("body", "B" if bold else "", size)
        self.set_text_color(*(QUIET if quiet else INK))

    def room_for(self, height: float) -> None:
        """Begin a new page when less than this is left."""
        if self.will_page_break(height):
            self.add_page()


def _letterhead(pdf: _Paper, data: MonthReport) -> None:
    *lines, office = data["letterhead"]
    for line in lines:
        pdf.ink(12, bold=True)
        pdf.multi_cell(WIDTH, 6, line, align="C", new_x="LMARGIN", new_y="NEXT")
    if office:
        pdf.ink(8.5, quiet=True)
        pdf.multi_cell(WIDTH, 5, office, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_draw_color(*INK)
    y = pdf.get_y() + 2
    pdf.set_line_width(0.8)
    pdf.line(MARGIN, y, MARGIN + WIDTH, y)
    pdf.set_line_width(0.2)
    pdf.line(MARGIN, y + 1.1, MARGIN + WIDTH, y + 1.1)
    pdf.set_y(y + 6)


def _headline(pdf: _Paper, data: MonthReport) -> None:
    pdf.ink(14, bold=True)
    pdf.multi_cell(WIDTH, 7, data["title"], align=Align.L, new_x="LMARGIN", new_y="NEXT")
    pdf.ink(9.5, quiet=True)
    pdf.multi_cell(WIDTH, 5.5, data["subtitle"], new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)


def _figures(pdf: _Paper, figures: Sequence[Figure]) -> None:
    """Set the figures side by side."""
    gap, y, height = 4.0, pdf.get_y(), 21.0
    wide = (WIDTH - gap * (len(figures) - 1)) / len(figures)
    for number, figure in enumerate(figures):
        x = MARGIN + number * (wide + gap)
        pdf.set_fill_color(*SHADE)
        pdf.rect(x, y, wide, height, style="F", round_corners=True, corner_radius=2)
        size = 17.0
        pdf.ink(size, bold=True)
        while pdf.get_string_width(figure["value"]) > wide - 5 and size > 8:
            size -= 0.5
            pdf.ink(size, bold=True)
        pdf.set_xy(x, y + 3.5)
        pdf.cell(wide, 8, figure["value"], align="C")
        pdf.ink(7.5, quiet=True)
        pdf.set_xy(x + 1, y + 12)
        pdf.multi_cell(wide - 2, 3.6, figure["label"], align="C")
    pdf.set_xy(MARGIN, y + height + 5)


def _words(pdf: _Paper, words: Sequence[str]) -> None:
    for sentence in words:
        pdf.ink(9.5)
        pdf.multi_cell(WIDTH, 5.2, sentence, align=Align.L, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(1)
    pdf.ln(1)


def _bar(pdf: _Paper, bar: Bar) -> None:
    """Draw a bar of parts with its legend below; nothing when all parts are empty."""
    whole = sum(count for _, count in bar["parts"])
    if not whole:
        return
    pdf.room_for(20)
    pdf.ink(8.5, bold=True)
    pdf.cell(WIDTH, 5, bar["title"], new_x="LMARGIN", new_y="NEXT")
    x, y = float(MARGIN), pdf.get_y()
    for color, (_, count) in zip(PARTS, bar["parts"], strict=True):
        wide = WIDTH * count / whole
        pdf.set_fill_color(*color)
        pdf.rect(x, y, wide, 6, style="F")
        x += wide
    pdf.set_y(y + 7.5)
    for color, (label, count) in zip(PARTS, bar["parts"], strict=True):
        pdf.set_fill_color(*color)
        pdf.rect(pdf.get_x(), pdf.get_y() + 1, 2.6, 2.6, style="F")
        pdf.set_x(pdf.get_x() + 3.8)
        pdf.ink(8)
        said = f"{label} {count}"
        pdf.cell(pdf.get_string_width(said) + 6, 4.6, said)
    pdf.set_xy(MARGIN, pdf.get_y() + 7.5)


def _table(pdf: _Paper, table: ReportTable) -> None:
    if not table["rows"]:
        return
    rows = table["rows"]
    pdf.room_for(min(90, 14 + 6 * len(rows)))
    pdf.ink(10.5, bold=True)
    pdf.cell(WIDTH, 8, table["title"], new_x="LMARGIN", new_y="NEXT")
    pdf.ink(8.5)
    pdf.set_draw_color(*RULE)
    pdf.set_fill_color(255, 255, 255)
    first = max(2.4, 6.0 - 0.9 * len(table["columns"]))
    head = FontFace(emphasis="BOLD", color=INK, fill_color=SHADE)
    with pdf.table(
        col_widths=(first, *[1.0] * (len(table["columns"]) - 1)),
        text_align=tuple("RIGHT" if n in table["right"] else "LEFT" for n in range(len(table["columns"]))),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        cell_fill_mode=TableCellFillMode.NONE,
        headings_style=head,
        line_height=5.4,
        padding=0.3,
    ) as drawn:
        drawn.row(table["columns"])
        for number, row in enumerate(rows):
            last = table["total"] and number == len(rows) - 1
            drawn.row(row, style=FontFace(emphasis="BOLD") if last else None)
    if table["note"]:
        pdf.ink(8, quiet=True)
        pdf.cell(WIDTH, 5, table["note"], new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)


def _picture(pdf: _Paper, picture: bytes) -> None:
    """Set the coverage picture on a page of its own, as large as fits."""
    pdf.image(picture, x=Align.C, y=pdf.get_y(), w=WIDTH, h=250, keep_aspect_ratio=True)


def _definitions(pdf: _Paper, definitions: Sequence[str]) -> None:
    pdf.room_for(12.0 * len(definitions))
    for sentence in definitions:
        pdf.ink(8, quiet=True)
        pdf.multi_cell(WIDTH, 4.4, sentence, align=Align.L, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(0.6)


def _signature(pdf: _Paper, signature: Sequence[str]) -> None:
    if not signature:
        return
    pdf.room_for(36)
    pdf.ln(3)
    place, post = signature
    for line, after in ((place, 5), (post, 22)):
        pdf.set_x(MARGIN + WIDTH * 0.55)
        pdf.ink(9)
        pdf.multi_cell(WIDTH * 0.45, 5, line, align="C", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(after - 5)
    pdf.set_draw_color(*INK)
    x = MARGIN + WIDTH * 0.62
    pdf.line(x, pdf.get_y(), MARGIN + WIDTH * 0.93, pdf.get_y())
