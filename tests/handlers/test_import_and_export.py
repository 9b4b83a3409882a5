"""/impor and /ekspor at the core: what is exported can be sent back, and what is found has its words."""

import io

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select, update

from handlers.catalogue import all_conversations
from handlers.findings import said_of_cell, said_of_file, said_with_place
from handlers.importing import ROWS_BY_CHAT
from handlers.kit.chat import Context
from handlers.kit.messages import SharedPhoto
from handlers.texts import render
from jobs import documents
from models.audit import AuditEntry
from models.checkins import CheckIn
from models.children import Child, ChildStatus, Severity
from models.contacts import Contact
from models.database import Database, in_session
from models.errors import BadInput
from models.files import content_of
from models.grants import WHOLE_DISTRICT
from models.importing import MESSAGES, CellError, ImportKind, check, read_table
from models.keys import KeyRing
from models.measurements import MeasurementSource, Size, measure
from models.months import Month
from models.payouts import Payout, PayoutState
from models.programme import Programme
from models.visits import Condition, Visit, VisitKind
from tests.builders import (
    a_child,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_guardian,
    a_person,
    a_pledge,
    id_of,
)
from tests.clock import MONDAY_MORNING, FixedClock
from tests.handlers.talk import Talk, code_in
from tests.handlers.test_second_factor import Green

FORMULA = '=HYPERLINK("http://rekaan.example")'


@pytest.fixture
def desk(database: Database, keys: KeyRing, programme: Programme, clock: FixedClock) -> Talk:
    """A coordinator's chat, and a few children."""
    all_conversations()

    def fill(session: Session) -> None:
        coordinator = a_coordinator(session, keys, name="Kenari Koordinator")
        a_contact(session, keys, address="100", person=coordinator)
        a_contact(session, keys, channel="whatsapp", address="628001", person=coordinator)
        mother = a_guardian(session, keys, name=FORMULA, phone="+6280012345678")
        child = a_child(session, name="Kenari Satu", guardian=mother, address="Jalan Kenari 1")
        _something_of_everything(session, keys, child)
        a_child(session, name=FORMULA, guardian=mother, severity=Severity.SEVERE)
        a_child(session, name="Kenari Tiga", status=ChildStatus.AT_RISK, severity=Severity.NONE)

    database.submit(in_session(fill)).result()
    return Talk(database, Context(programme, keys, clock))


def _something_of_everything(session: Session, keys: KeyRing, child: Child) -> None:
    """A pledge by somebody whose name is known, its payout, a visit with a measurement, a check-in."""
    today, month = MONDAY_MORNING.date(), Month.of(MONDAY_MORNING.date())
    giver = a_person(session, keys, name="Kenari Pemberi")
    promised = a_pledge(session, child=child, foster_parent=a_foster_parent(session, keys, person=giver))
    session.add(Payout(pledge_id=id_of(promised), month=month, amount_idr=450_000, state=PayoutState.DUE))
    visit = Visit(
        child_id=id_of(child),
        pledge_id=id_of(promised),
        visitor_id=id_of(giver),
        visited_on=today,
        kind=VisitKind.HOME,
        condition=Condition.WELL,
        spent_on="food,milk",
        note="Kenari sehat",
        created_at=MONDAY_MORNING,
    )
    session.add(visit)
    measure(
        session,
        MONDAY_MORNING,
        child,
        today,
        Size(weight_g=9_800),
        source=MeasurementSource.VISIT,
        by=id_of(giver),
    )
    session.add(
        CheckIn(child_id=id_of(child), month=month, answered_by=id_of(giver), answered_at=MONDAY_MORNING)
    )


def last_file(desk: Talk) -> bytes:
    document = next(message.document for message in reversed(desk.out) if message.document)
    data = dict(document.data)
    if documents.FILE in data:
        work = desk.database.submit(lambda connection: content_of(connection, data[documents.FILE]))
        data[documents.CONTENT] = work.result()
    return documents.build(document.kind, data)


def exported(desk: Talk, *taps: str) -> bytes:
    desk.say("/ekspor")
    for label in taps:
        desk.tap(label)
    if desk.out[-1].document is None:  # the code has come on the other channel
        other = Green(desk.database, desk.context, "628001")
        other.hear()
        desk.say(code_in(other.out[-1].text))
    return last_file(desk)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_exported_list_of_children_can_be_sent_back_and_changes_nothing(
    desk: Talk, database: Database, programme: Programme, keys: KeyRing, language: str
) -> None:
    if language == "en":
        database.submit(lambda connection: connection.execute(update(Contact).values(language="en"))).result()
        content = exported(desk, "👶 Children", "With names", "Yes, I answer for it")
    else:
        content = exported(desk, "👶 Anak", "Dengan nama", "Ya, saya bertanggung jawab")
    table = read_table(content, ImportKind.CHILDREN)

    def look(session: Session) -> None:
        report = check(session, programme, keys, desk.context.clock.now(), table, scope=WHOLE_DISTRICT)
        assert (report.rows, report.unchanged, report.errors) == (3, 3, ())

    database.submit(in_session(look)).result()


def test_an_export_has_no_formula_and_says_who_asked(desk: Talk) -> None:
    book = load_workbook(io.BytesIO(exported(desk, "👶 Anak", "Dengan nama", "Ya, saya bertanggung jawab")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert FORMULA in {cell.value for cell in cells}
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert any("Kenari Koordinator" in str(cell.value) for cell in cells)


@pytest.mark.parametrize(
    "which",
    [
        "👶 Anak",
        "🤝 Komitmen",
        "💰 Penyaluran, 12 bulan",
        "🏠 Kunjungan, 12 bulan",
        "📏 Pengukuran",
        "🥣 Pantauan gizi, 12 bulan",
    ],
)
def test_without_names_nobody_is_named(desk: Talk, which: str) -> None:
    book = load_workbook(io.BytesIO(exported(desk, which, "Tanpa nama")))
    values = "\n".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows(min_row=3) for cell in row
    )
    assert "BLT-" in values
    assert "Kenari" not in values
    assert FORMULA not in values


def test_every_export_is_audited_with_names_or_without(desk: Talk, database: Database) -> None:
    exported(desk, "👶 Anak", "Tanpa nama")
    exported(desk, "👶 Anak", "Dengan nama", "Ya, saya bertanggung jawab")
    acts = database.submit(
        in_session(lambda s: [e.act for e in s.exec(select(AuditEntry)) if e.subject == "list:children"])
    ).result()
    assert acts == ["exported", "exported_names"]


def test_a_no_to_the_names_makes_no_file(desk: Talk) -> None:
    desk.say("/ekspor")
    desk.tap("👶 Anak")
    desk.tap("Dengan nama")
    said = desk.tap("Tidak")
    assert "dibatalkan" in said.casefold()
    assert not any(message.document for message in desk.out)


def sheet(content: bytes) -> SharedPhoto:
    return SharedPhoto("x", len(content), document=True, sheet=True, content=content)


def test_more_rows_than_a_chat_bears_are_refused_kindly(desk: Talk) -> None:
    header = "nama,jenis kelamin,tanggal lahir,kecamatan,desa,status,keparahan\n"
    row = "Kenari Rekaan,P,01/04/2024,Sijuk,Sijuk,stunting,pendek\n"
    desk.say("/impor anak")
    said = desk.take(photo=sheet((header + row * (ROWS_BY_CHAT + 1)).encode()))
    assert "3.001 baris" in said


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"%PDF-1.7 x", "tidak dapat dibaca"), (b"  ", "kosong"), (b"a,b\n1,2\n", "jenis kelamin")],
)
def test_a_file_that_is_no_list_is_asked_for_again(desk: Talk, content: bytes, says: str) -> None:
    desk.say("/impor anak")
    said = desk.take(photo=sheet(content))
    assert says in said
    assert "Silakan kirim berkas" in said


def test_a_csv_cell_that_looks_like_a_formula_comes_back_as_a_text(desk: Talk) -> None:
    header = "nama,jenis kelamin,tanggal lahir,kecamatan,desa,status,keparahan\n"
    desk.say("/impor anak")
    desk.take(photo=sheet((header + "=1+1,X,01/04/2024,Sijuk,Sijuk,stunting,pendek\n").encode()))
    book = load_workbook(io.BytesIO(last_file(desk)))
    first = book.worksheets[0]
    assert (first["A2"].value, first["A2"].data_type) == ("=1+1", "s")
    assert first["B2"].comment is not None
    assert "L / P" in first["B2"].comment.text
    assert first["B2"].fill.fgColor.rgb == "00FFC7CE"


def test_a_workbook_comes_back_with_its_own_sheet_marked(desk: Talk) -> None:
    book = load_workbook(io.BytesIO(exported(desk, "👶 Anak", "Dengan nama", "Ya, saya bertanggung jawab")))
    book.create_sheet("Catatan", 0)["A1"] = "bukan daftar"
    listed = book.worksheets[1]
    listed["E5"] = "Atlantis"
    buffer = io.BytesIO()
    book.save(buffer)
    desk.say("/impor anak")
    desk.take(photo=sheet(buffer.getvalue()))
    marked = load_workbook(io.BytesIO(last_file(desk))).worksheets[1]
    assert marked["E5"].comment is not None
    assert "Atlantis" in marked["E5"].comment.text


class Noting(dict[str, object]):
    """Gives a 3 for whatever a text asks for, and remembers it."""

    def __missing__(self, name: str) -> object:
        self[name] = 3
        return 3


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_whatever_is_found_is_said_in_both_languages(code: str, language: str) -> None:
    names = Noting()
    MESSAGES[code].format_map(names)
    finding = CellError(7, "B", "nik", code, names)
    for say in (said_of_cell, said_with_place):
        assert render(say(finding), language)
    assert render(said_of_file(BadInput(code, **names)), language)
