"""Reading the district's lists: children and the ASN staff list, from .xlsx or .csv, all or nothing.

In two steps, so that the file is read while no transaction is open:

    table = read_table(Path("anak.xlsx"), ImportKind.CHILDREN)        # raises BadInput: the file as a whole
    report = check(session, programme, keys, now, table)              # dry run: writes nothing
    report = apply(session, programme, keys, now, table, by=person)   # writes when there is no error at all

A report names every wrong cell by row, column letter, header and a code of `wording.MESSAGES`; its text there
is the operator's English, chat texts are keyed by the same codes. The same file twice changes nothing:
children are found again by code, NIK, or (having neither) name, birth date, sex and desa; staff by NIP.
"""

from models.importing.files import MAX_BYTES, MAX_ROWS
from models.importing.headings import Heading, ImportKind, expected_headings, required_headings
from models.importing.report import CellError, CellWarning, Finding, ImportReport, Progress
from models.importing.run import apply, check
from models.importing.tables import Table, read_table
from models.importing.wording import MESSAGES, explain

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "MESSAGES",
    "CellError",
    "CellWarning",
    "Finding",
    "Heading",
    "ImportKind",
    "ImportReport",
    "Progress",
    "Table",
    "apply",
    "check",
    "expected_headings",
    "explain",
    "read_table",
    "required_headings",
]
