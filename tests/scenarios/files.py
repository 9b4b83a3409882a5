"""What stands in a file that somebody got, as they would read it."""

import io

from openpyxl import load_workbook
from pypdf import PdfReader


def text_in(content: bytes, name: str) -> str:
    """Return the words of a PDF, or the cells of a workbook and their remarks."""
    if name.endswith(".pdf"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    book = load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    remarks = [cell.comment.text for cell in cells if cell.comment]
    return "\n".join([*(str(cell.value) for cell in cells if cell.value is not None), *remarks])
