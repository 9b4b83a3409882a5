"""Files as they come: both formats, every separator and encoding, and what is no list at all."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from models.errors import BadInput
from models.importing import MAX_BYTES, MAX_ROWS, ImportKind, expected_headings, explain, read_table
from models.importing import files as importing_files
from models.importing.files import Cell

HEADERS = ("nip", "nama", "OPD")
LINE = ("199001012020031901", "Budi Contoh", "Dinas Rekaan")

Maker = Callable[[Sequence[Sequence[Cell]]], bytes]


def as_xlsx(rows: Sequence[Sequence[Cell]], *, before: Sequence[str] = (), title: str = "Daftar") -> bytes:
    """Return a workbook with these rows, after empty sheets named `before`."""
    book = Workbook(write_only=True)
    for name in before:
        book.create_sheet(name).append(["Catatan"])
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_csv(rows: Sequence[Sequence[Cell]], *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    """Return the rows as CSV text; dates day first."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    for row in rows:
        writer.writerow([f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in row])
    return file.getvalue().encode(encoding)


def _semicolons(rows: Sequence[Sequence[Cell]]) -> bytes:
    return as_csv(rows, separator=";", encoding="utf-8-sig")


def _western(rows: Sequence[Sequence[Cell]]) -> bytes:
    return as_csv(rows, separator=";", encoding="cp1252")


def _unicode_text(rows: Sequence[Sequence[Cell]]) -> bytes:
    return as_csv(rows, separator="\t", encoding="utf-16")


MAKERS: list[Maker] = [as_xlsx, as_csv, _semicolons, _western, _unicode_text]


@pytest.mark.parametrize("make", MAKERS)
def test_each_format_gives_the_same_rows(make: Maker) -> None:
    table = read_table(
        make([HEADERS, ("199001012020031901", "Renée, Contoh", "Dinas Rekaan")]), ImportKind.ROSTER
    )
    assert [row.cells for row in table.rows] == [
        {"nip": "199001012020031901", "name": "Renée, Contoh", "office": "Dinas Rekaan"}
    ]


@pytest.mark.parametrize("make", [as_xlsx, as_csv])
def test_rows_are_numbered_as_excel_shows_them(make: Maker) -> None:
    table = read_table(
        make([["Daftar ASN per 2025"], [], HEADERS, LINE, ["", " ", None], LINE]), ImportKind.ROSTER
    )
    assert table.header_row == 3
    assert [row.number for row in table.rows] == [4, 6]
    assert table.headings["office"].column == "C"


def test_headers_are_found_however_they_are_spelled() -> None:
    headers = ("No.", "N I P *", "Nama  Pegawai (dengan gelar)", "UNIT KERJA", "No. HP", "Golongan")
    table = read_table(as_xlsx([headers, (1, *LINE, "0812", "III/a")]), ImportKind.ROSTER)
    assert set(table.headings) == {"nip", "name", "office", "phone"}
    assert [heading.text for heading in table.unknown] == ["Golongan"]


def test_the_sheet_that_has_the_columns_is_taken_wherever_it_is() -> None:
    content = as_xlsx([HEADERS, LINE], before=["Sampul", "Petunjuk"])
    assert len(read_table(content, ImportKind.ROSTER).rows) == 1


def test_what_a_sheet_says_about_its_size_is_not_believed() -> None:
    book = Workbook()
    assert book.active is not None
    for row in (HEADERS, LINE, LINE):
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    lying = _with_part(
        file.getvalue(), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"A1:C3", b"A1:A1")
    )
    assert len(read_table(lying, ImportKind.ROSTER).rows) == 2


def _with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the archive with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return file.getvalue()


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (61 * 2**20))
    return file.getvalue()


def _laughing() -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    return _with_part(as_xlsx([HEADERS, LINE]), "xl/workbook.xml", lambda xml: entity + xml)


def _no_workbook() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", b"<x/>")
    return file.getvalue()


def _far_away() -> bytes:
    content = as_xlsx([HEADERS, LINE])
    return _with_part(
        content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'<row r="2"', b'<row r="99999999"')
    )


def _broken_sheet() -> bytes:
    return _with_part(as_xlsx([HEADERS, LINE]), "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n \n", "empty_file"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password_protected"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "old_excel"),
        (b"%PDF-1.7 a report", "unreadable_file"),
        (b"\x89PNG\r\n a picture", "unreadable_file"),
        (b"nip,nama,opd\n\x00\x01", "unreadable_file"),
        (b"PK\x03\x04 cut short", "unreadable_file"),
        (as_xlsx([HEADERS, LINE])[:-200], "unreadable_file"),
        (_no_workbook(), "unreadable_file"),
        (_broken_sheet(), "unreadable_file"),
        (_far_away(), "unreadable_file"),
        (_laughing(), "unreadable_file"),
        (_bomb(), "file_too_large"),
        (b"x" * (MAX_BYTES + 1), "file_too_large"),
        (b'nip,nama,opd\n"' + b"x" * 200_000, "unreadable_file"),
        (as_xlsx([]), "missing_columns"),
        (as_xlsx([("kode", "nama", "kecamatan"), ("BLT-1", "x", "y")]), "missing_columns"),
        (b"hello, world", "missing_columns"),
        (as_xlsx([(*HEADERS, "Nama Lengkap"), (*LINE, "x")]), "double_column"),
        (as_xlsx([HEADERS]), "no_rows"),
        (as_csv([HEADERS, ("", " ", "")]), "no_rows"),
        (as_csv([HEADERS, *[LINE] * (MAX_ROWS + 1)]), "too_many_rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_list_gets_one_clear_error(content: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_table(content, ImportKind.ROSTER)
    assert refusal.value.code == code
    assert explain(refusal.value)


def test_missing_columns_are_named_with_those_expected() -> None:
    with pytest.raises(BadInput) as refusal:
        read_table(as_csv([("nip", "nama"), LINE[:2]]), ImportKind.ROSTER)
    assert refusal.value.details["missing"] == "opd"
    assert refusal.value.details["expected"] == ", ".join(expected_headings(ImportKind.ROSTER))


def test_a_path_is_read_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "asn.xlsx"
    path.write_bytes(as_xlsx([HEADERS, LINE]))
    assert len(read_table(path, ImportKind.ROSTER).rows) == 1


@pytest.mark.parametrize(("name", "code"), [("nowhere.xlsx", "no_such_file"), ("", "unreadable_file")])
def test_a_path_without_a_file_gets_one_clear_error(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_table(tmp_path / name, ImportKind.ROSTER)
    assert refusal.value.code == code


def test_twenty_thousand_rows_are_allowed() -> None:
    assert len(read_table(as_csv([HEADERS, *[LINE] * MAX_ROWS]), ImportKind.ROSTER).rows) == MAX_ROWS


@given(content=st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    for start in (b"", b"nip,nama,opd\n", b"PK\x03\x04", b"\xff\xfe"):
        try:
            table = read_table(start + content, ImportKind.ROSTER)
        except BadInput as refusal:
            explain(refusal)  # raises for a code without a message
        else:
            assert table.rows


@given(cut=st.integers(min_value=0, max_value=4000), flip=st.integers(min_value=0, max_value=255))
def test_no_damage_to_a_workbook_breaks_the_reader(cut: int, flip: int) -> None:
    content = bytearray(_SAMPLE)
    content[cut % len(content)] ^= flip
    try:
        read_table(bytes(content), ImportKind.ROSTER)
    except BadInput as refusal:
        explain(refusal)  # raises for a code without a message


_SAMPLE = as_xlsx([HEADERS, LINE])


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing_files, "load_workbook", lambda *_, **__: pytest.fail("was unpacked"))
    with pytest.raises(BadInput, match="file_too_large"):
        read_table(_bomb(), ImportKind.ROSTER)
