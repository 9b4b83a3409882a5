"""What a row of the children's list is told: every wrong cell by its place, every doubt, each duplicate."""

from datetime import date
from typing import Any

import pytest

from models.database import Database
from models.grants import Scope
from models.importing import ImportKind, read_table
from models.importing.files import Cell
from models.programme import Programme
from tests.builders import a_child
from tests.models.test_importing_children import (
    EMBUN,
    FAJAR,
    HEADERS,
    LETTERS,
    RIMBA,
    Desk,
    a_row,
    a_table,
    figures,
)
from tests.models.test_importing_files import as_csv


@pytest.fixture
def desk(database: Database, programme: Programme) -> Desk:
    return Desk(database, programme)


CELL_ERRORS: list[tuple[dict[str, Cell], str, str]] = [
    ({"code": "XYZ-1"}, "code", "child_code"),
    ({"code": "BLT-0"}, "code", "child_code"),
    ({"name": None}, "name", "missing"),
    ({"name": "  "}, "name", "missing"),
    ({"name": "123"}, "name", "name"),
    ({"name": "#REF!"}, "name", "formula_error"),
    ({"nik": "123"}, "nik", "nik_length"),
    ({"nik": 9901014104240000}, "nik", "number_lost_digits"),
    ({"sex": None}, "sex", "missing"),
    ({"sex": "X"}, "sex", "sex"),
    ({"born_on": "31/02/2024"}, "born_on", "date"),
    ({"born_on": date(2025, 10, 14)}, "born_on", "date_in_future"),
    ({"born_on": date(1999, 1, 1)}, "born_on", "not_a_child"),
    ({"area": "Manggar"}, "area", "unknown_area"),
    ({"village": "Paal Satu"}, "village", "unknown_village"),
    ({"village": None}, "village", "missing"),
    ({"address": "x" * 201}, "address", "text_too_long"),
    ({"status": "sehat"}, "status", "status"),
    ({"severity": "parah"}, "severity", "severity"),
    ({"severity": None}, "severity", "missing"),
    ({"severity": "normal"}, "severity", "status_and_severity"),
    ({"status": "berisiko"}, "severity", "status_and_severity"),
    ({"listed_on": "besok"}, "listed_on", "date"),
    ({"listed_on": date(2024, 3, 31)}, "listed_on", "listed_before_birth"),
    ({"guardian": None}, "guardian", "guardian_missing"),
    ({"relation": "tetangga"}, "relation", "relation"),
    ({"phone": "12"}, "phone", "phone"),
]


@pytest.mark.parametrize(("cells", "field", "code"), CELL_ERRORS)
def test_a_wrong_cell_is_named_by_row_letter_header_and_code(
    desk: Desk, cells: dict[str, Cell], field: str, code: str
) -> None:
    report = desk.check(a_table(FAJAR, a_row(**cells)))
    (error,) = report.errors
    assert (error.row, error.column, error.header, error.code) == (3, LETTERS[field], HEADERS[field], code)
    assert str(error).startswith(f"row 3, column {LETTERS[field]} ({HEADERS[field]}): ")
    assert figures(report) == (1, 0, 0)


def test_every_wrong_cell_of_a_row_is_named_at_once(desk: Desk) -> None:
    report = desk.check(a_table(a_row(sex="?", born_on="?", area="?", phone="?")))
    assert [error.column for error in report.errors] == ["D", "E", "F", "N"]


def test_a_severity_column_that_is_not_there_is_named_by_its_title(desk: Desk) -> None:
    (error,) = desk.check(a_table(EMBUN, without="severity")).errors
    assert str(error) == "row 2, keparahan: is empty, but needed"


CONFLICTS: list[tuple[list[dict[str, Cell]], str, str, dict[str, Any]]] = [
    (
        [a_row(code="BLT-9"), FAJAR | {"code": "blt 009"}],
        "code",
        "duplicate_code",
        {"other_row": 2},
    ),
    ([EMBUN, FAJAR | {"nik": EMBUN["nik"]}], "nik", "duplicate_nik", {"other_row": 2}),
    (
        [a_row(code="BLT-001"), FAJAR | {"nik": "9901010205230009"}],
        "nik",
        "same_child_twice",
        {"other_row": 2, "child": "BLT-001"},
    ),
    (
        [a_row(nik=None, code="BLT-002"), FAJAR | {"nik": "9901010205230009", "code": "BLT-003"}],
        "nik",
        "nik_of_other_child",
        {"child": "BLT-001"},
    ),
]


@pytest.mark.parametrize(("rows", "field", "code", "details"), CONFLICTS)
def test_one_child_in_two_rows_is_an_error(
    desk: Desk, rows: list[dict[str, Cell]], field: str, code: str, details: dict[str, Any]
) -> None:
    desk.apply(a_table(RIMBA | {"code": "BLT-001", "nik": "9901010205230009"}))
    (error,) = desk.check(a_table(*rows)).errors
    assert (error.row, error.column, error.code, error.details) == (3, LETTERS[field], code, details)


DOUBTS: list[tuple[dict[str, Cell], str, str]] = [
    ({"nik": "9901014204240001"}, "nik", "nik_and_birth_date"),
    ({"nik": "9901010104240001"}, "nik", "nik_and_sex"),
    ({"born_on": date(2020, 10, 13), "nik": None}, "born_on", "over_five"),
    ({"name": "Embun  Conto", "nik": None}, "name", "probable_duplicate"),
]


@pytest.mark.parametrize(("cells", "field", "code"), DOUBTS)
def test_what_is_doubtful_warns_and_is_imported(
    desk: Desk, cells: dict[str, Cell], field: str, code: str
) -> None:
    desk.do(lambda s: a_child(s, name="Embun Contoh", born_on=date(2024, 4, 1), village="Batu Itam"))
    row = a_row(name="Angin Jauh") | cells
    report = desk.apply(a_table(row))
    assert report.applied
    (warning,) = report.warnings
    assert (warning.row, warning.column, warning.code) == (2, LETTERS[field], code)
    assert str(warning)


def test_a_lookalike_within_the_file_is_named_by_its_row(desk: Desk) -> None:
    (warning,) = desk.check(a_table(EMBUN, a_row(name="Embon Contoh", nik=None))).warnings
    assert (warning.row, warning.code, warning.details) == (3, "probable_duplicate", {"other": "row 2"})


def test_twins_and_namesakes_elsewhere_are_not_taken_for_one(desk: Desk) -> None:
    others = [a_row(name="Samudra Contoh", nik=None), a_row(village="Sijuk", nik=None)]
    assert desk.check(a_table(EMBUN, *others)).warnings == ()


def test_a_changed_nik_and_a_match_by_name_are_pointed_out(desk: Desk) -> None:
    desk.apply(a_table(a_row(code="BLT-001"), FAJAR))
    report = desk.check(
        a_table(a_row(code="BLT-001", nik="9901014104240002"), FAJAR | {"address": "Jalan Lain 2"})
    )
    assert [(w.row, w.code) for w in report.warnings] == [(2, "nik_changed"), (3, "matched_by_name")]
    assert figures(report) == (0, 2, 0)


def test_a_column_that_nothing_is_read_from_is_pointed_out(desk: Desk) -> None:
    table = read_table(
        as_csv([[*HEADERS.values(), "berat badan"], [EMBUN.get(field) for field in HEADERS]]),
        ImportKind.CHILDREN,
    )
    (warning,) = desk.check(table).warnings
    assert (warning.row, warning.column, warning.code) == (1, "O", "unknown_column")


def test_findings_never_repeat_a_name_a_nik_or_a_phone(desk: Desk) -> None:
    desk.apply(a_table(a_row(code="BLT-001"), FAJAR))
    rows = [
        a_row(name="Embun  Conto", **cells) for cells in ({"nik": "12345"}, {"phone": "99999"}, {"nik": None})
    ]
    report = desk.check(a_table(*rows, a_row(code="BLT-001", nik="9901014104240002")))
    told = " ".join(map(str, [*report.errors, *report.warnings]))
    assert told
    assert not any(secret in told for secret in ("Embun", "12345", "99999", "99010141"))


SIJUK = Scope(frozenset({"Sijuk"}))


def test_a_kecamatan_coordinator_imports_own_children_only(desk: Desk) -> None:
    badau = {"area": "Badau", "village": "Ibul"}
    desk.apply(a_table(a_row(code="BLT-001", **badau)))
    rows = [FAJAR, RIMBA | badau, a_row(code="BLT-001", nik=None), a_row(nik=EMBUN["nik"], name="Angin Jauh")]
    errors = desk.check(a_table(*rows), scope=SIJUK).errors
    assert [(e.row, e.column, e.code) for e in errors] == [
        (3, "F", "outside_scope"),
        (4, "A", "outside_scope"),
        (5, "C", "same_child_twice"),
    ]


def test_children_of_other_areas_are_not_given_away(desk: Desk) -> None:
    desk.apply(a_table(a_row(code="BLT-001", area="Badau", village="Ibul")))
    (error,) = desk.check(a_table(a_row(code="BLT-002")), scope=SIJUK).errors
    assert (error.code, error.details) == ("nik_of_other_child", {"child": "?"})
