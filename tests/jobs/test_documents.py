"""Files that go out: the month's report on paper and as a workbook."""

import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import Session

from handlers.kit.messages import Document
from handlers.monthly import report_pdf
from handlers.monthly_sheet import report_sheet
from handlers.reporting import Reporting
from jobs import documents
from jobs.planning import first_working_day
from jobs.workbook import Workbook
from models.grants import WHOLE_DISTRICT, Scope
from models.keys import KeyRing
from models.months import Month
from models.payouts import Payout, PayoutState
from models.programme import Programme
from tests.builders import OCTOBER, a_child, a_foster_parent, a_guardian, a_pledge, id_of
from tests.clock import MONDAY_MORNING

CHILD, MOTHER = "Kenari Anak Rekaan", "=cmd|'/c calc'!A0"


@pytest.fixture
def reporting(session: Session, keys: KeyRing, programme: Programme) -> Reporting:
    giver = a_foster_parent(session, keys, name="+62 Pemberi Rekaan")
    guardian = a_guardian(session, keys, name=MOTHER)
    for number, area in enumerate(("Sijuk", "Sijuk", "Badau")):
        child = a_child(session, name=CHILD, area=area, guardian=guardian)
        if number:
            continue
        promise = a_pledge(session, child=child, foster_parent=giver)
        session.add(
            Payout(
                pledge_id=id_of(promise),
                month=OCTOBER,
                state=PayoutState.CONFIRMED,
                amount_idr=450_000,
                reported_idr=450_000,
                received_idr=450_000,
            )
        )
    session.flush()
    now = MONDAY_MORNING + timedelta(days=30)
    return Reporting(session, programme, now, OCTOBER, WHOLE_DISTRICT, "id")


def words(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def built(document: Document) -> bytes:
    waited = json.loads(json.dumps(document.data))  # as it waits in the outbox
    return documents.build(document.kind, waited)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_report_on_paper_has_the_figures_and_no_child(reporting: Reporting, language: str) -> None:
    one = Reporting(reporting.session, reporting.programme, reporting.now, OCTOBER, WHOLE_DISTRICT, language)
    pdf = built(report_pdf(one))
    said = words(pdf)
    assert 2 <= len(PdfReader(io.BytesIO(pdf)).pages) <= 4
    assert "PEMERINTAH KABUPATEN BELITUNG" in said
    assert "33" in said
    assert "450" in said
    for secret in (CHILD, "Kenari", MOTHER, "BLT-001", "Pemberi Rekaan", "+628009999999"):
        assert secret not in said


def test_a_kecamatan_reports_on_itself_only(reporting: Reporting) -> None:
    own = Reporting(
        reporting.session,
        reporting.programme,
        reporting.now,
        OCTOBER,
        Scope(frozenset({"Sijuk"})),
        "id",
    )
    assert "Badau" not in words(built(report_pdf(own)))
    sheets = load_workbook(io.BytesIO(built(report_sheet(own, "Rekaan"))))
    assert [cell.value for cell in sheets["Anak"]["D"]].count("Sijuk") == 2
    assert "Badau" not in {cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row}


def test_the_workbook_has_names_a_watermark_and_no_formula(reporting: Reporting) -> None:
    book = load_workbook(io.BytesIO(built(report_sheet(reporting, "=HYPERLINK(1)"))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    values = {cell.value for cell in cells}
    assert {CHILD, MOTHER, "+62 Pemberi Rekaan"} <= values
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    for sheet in book:
        assert "=HYPERLINK(1)" in str(sheet["A2"].value)
        assert "=HYPERLINK(1)" in str(sheet.oddFooter)


@pytest.mark.parametrize(
    "lead", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "{=1}", "https://rekaan.example", "0012"]
)
def test_nothing_typed_becomes_active_in_a_sheet(lead: str) -> None:
    book = Workbook(title="x")
    book.sheet("x", [lead], [[lead]])
    content = book.content()
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert [cell.data_type for row in sheet.iter_rows() for cell in row] == ["s", "s"]
    assert sheet["A2"].hyperlink is None


def test_an_unknown_kind_of_file_is_named() -> None:
    with pytest.raises(documents.UnknownDocument, match="rumour"):
        documents.build("rumour", {})


@pytest.mark.parametrize(
    ("month", "day"), [((2025, 10), 1), ((2025, 11), 3), ((2026, 2), 2), ((2026, 8), 3), ((2027, 1), 1)]
)
def test_a_months_first_working_day(month: tuple[int, int], day: int) -> None:
    found = first_working_day(Month(*month))
    assert (found.month, found.day) == (month[1], day)


def test_the_report_tells_its_stages_in_their_order(reporting: Reporting) -> None:
    document, told = report_pdf(reporting), list[str]()
    documents.build(document.kind, json.loads(json.dumps(document.data)), told.append)
    assert told == [documents.DRAWING, documents.WRITING]
