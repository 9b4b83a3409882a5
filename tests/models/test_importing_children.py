"""The children's list: what each row is told, and that a file is written wholly or not at all."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import pytest
from sqlmodel import Session, col, select

from models.audit import AuditEntry
from models.children import Child, ChildStatus, Guardian, Severity, Sex
from models.database import Database, in_session, open_database
from models.enrolment import leave_list
from models.errors import BadInput
from models.grants import WHOLE_DISTRICT, Scope, invite_guardian, open_invitation
from models.importing import ImportKind, ImportReport, Table, apply, check, read_table
from models.importing.children_plan import plan_children
from models.importing.files import Cell
from models.importing.known_children import GuardianValues
from models.keys import KeyRing
from models.programme import Programme
from models.terms import Ending
from tests.builders import a_child, a_coordinator, a_guardian, a_person, id_of
from tests.clock import MONDAY_MORNING
from tests.models.test_importing_files import as_csv, as_xlsx

T = TypeVar("T")

HEADERS = {
    "code": "kode",
    "name": "nama",
    "nik": "NIK",
    "sex": "jenis kelamin",
    "born_on": "tanggal lahir",
    "area": "kecamatan",
    "village": "desa",
    "address": "alamat",
    "status": "status",
    "severity": "keparahan",
    "listed_on": "tanggal masuk daftar",
    "guardian": "nama ibu/wali",
    "relation": "hubungan",
    "phone": "telepon wali",
}
LETTERS = dict(zip(HEADERS, "ABCDEFGHIJKLMN", strict=True))

EMBUN: dict[str, Cell] = {
    "name": "Embun Contoh",
    "nik": "9901014104240001",
    "sex": "P",
    "born_on": date(2024, 4, 1),
    "area": "Sijuk",
    "village": "Batu Itam",
    "address": "Jalan Rekaan 1",
    "status": "stunting",
    "severity": "pendek",
    "listed_on": date(2025, 6, 1),
    "guardian": "Ibu Contoh",
    "relation": "ibu",
    "phone": "0800-0000-1001",
}
FAJAR: dict[str, Cell] = EMBUN | {"name": "Fajar Lain", "nik": None, "sex": "L", "born_on": date(2023, 5, 2)}
RIMBA: dict[str, Cell] = FAJAR | {"name": "Rimba Beda", "born_on": date(2022, 7, 3)}


def a_row(**cells: Cell) -> dict[str, Cell]:
    """Return Embun's row with other cells."""
    return EMBUN | cells


def a_table(
    *rows: dict[str, Cell], make: Callable[[list[list[Cell]]], bytes] = as_xlsx, without: str = ""
) -> Table:
    """Return the table of a file with these rows (the first is row 2), `without` a column."""
    fields = [field for field in HEADERS if field != without]
    lines: list[list[Cell]] = [[HEADERS[field] for field in fields]]
    lines += [[row.get(field) for field in fields] for row in rows]
    return read_table(make(lines), ImportKind.CHILDREN)


class Desk:
    """Where a test imports: one database, its keys and the programme, on Monday morning."""

    def __init__(self, database: Database, programme: Programme) -> None:
        self.database, self.programme, self.keys = database, programme, database.keys

    def do(self, work: Callable[[Session], T]) -> T:
        """Run in a transaction."""
        return self.database.submit(in_session(work)).result()

    def check(self, table: Table, scope: Scope = WHOLE_DISTRICT) -> ImportReport:
        """Dry run."""
        return self.do(lambda s: check(s, self.programme, self.keys, MONDAY_MORNING, table, scope=scope))

    def apply(self, table: Table, now: datetime = MONDAY_MORNING, by: int | None = None) -> ImportReport:
        """Import."""
        return self.do(lambda s: apply(s, self.programme, self.keys, now, table, by=by))

    def children(self) -> list[Child]:
        """Every child, by code."""
        return self.do(lambda s: list(s.exec(select(Child).order_by(col(Child.code)))))

    def count(self, table: type[Child] | type[Guardian] | type[AuditEntry]) -> int:
        """How many rows there are."""
        return self.do(lambda s: len(s.exec(select(table)).all()))


@pytest.fixture
def desk(database: Database, programme: Programme) -> Desk:
    return Desk(database, programme)


def figures(report: ImportReport) -> tuple[int, int, int]:
    return report.added, report.changed, report.unchanged


@pytest.mark.parametrize("make", [as_xlsx, as_csv])
def test_a_good_file_is_written_as_it_stands(desk: Desk, keys: KeyRing, make: Callable[..., bytes]) -> None:
    report = desk.apply(a_table(EMBUN, FAJAR, make=make))
    assert (report.applied, report.rows, *figures(report)) == (True, 2, 2, 0, 0)
    assert (report.errors, report.warnings) == ((), ())
    embun, fajar = desk.children()
    assert (embun.code, embun.name, embun.nik, embun.sex) == (
        "BLT-001", "Embun Contoh", "9901014104240001", Sex.FEMALE,
    )  # fmt: skip
    assert embun.nik_index == keys.index("9901014104240001")
    assert (embun.born_on, embun.listed_on) == (date(2024, 4, 1), date(2025, 6, 1))
    assert (embun.area, embun.village, embun.address) == ("Sijuk", "Batu Itam", "Jalan Rekaan 1")
    assert (embun.status, embun.severity) == (ChildStatus.STUNTED, Severity.MODERATE)
    assert (fajar.code, fajar.nik) == ("BLT-002", None)
    guardian = desk.do(lambda s: s.get(Guardian, embun.guardian_id))
    assert guardian is not None
    assert (guardian.name, guardian.relation, guardian.phone) == ("Ibu Contoh", "mother", "+6280000001001")
    assert guardian.phone_index == keys.index("+6280000001001")


def test_an_applied_import_is_audited_by_figures(desk: Desk) -> None:
    desk.apply(a_table(EMBUN))
    entry = desk.do(lambda s: s.exec(select(AuditEntry)).one())
    assert (entry.act, entry.subject, entry.actor_id) == ("imported", "children:*", None)
    assert entry.note == "rows 1, added 1, changed 0, unchanged 0"


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    report = desk.check(a_table(EMBUN, FAJAR))
    assert (report.applied, *figures(report)) == (False, 2, 0, 0)
    assert desk.count(Child) == desk.count(Guardian) == desk.count(AuditEntry) == 0


def test_one_wrong_cell_keeps_the_whole_file_out(desk: Desk) -> None:
    report = desk.apply(a_table(EMBUN, a_row(nik=None, sex="?"), FAJAR))
    assert not report.applied
    assert (report.rows, *figures(report), len(report.errors)) == (3, 2, 0, 0, 1)
    assert desk.count(Child) == desk.count(Guardian) == desk.count(AuditEntry) == 0


def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    table = a_table(EMBUN, FAJAR, FAJAR, a_row(name="Rimba Beda", nik=None, code="blt 40", listed_on=None))
    desk.apply(table)
    before = desk.children()
    again = desk.apply(table, now=datetime.fromisoformat("2025-11-20T08:00+07:00"))
    assert figures(again) == (0, 0, 4)
    assert [child.model_dump() for child in desk.children()] == [child.model_dump() for child in before]
    assert desk.count(Guardian) == 4


@pytest.mark.parametrize(
    ("known", "row"),
    [
        ({"code": "BLT-007"}, {"code": "BLT-007", "nik": None, "name": "Embun Pagi Contoh"}),
        ({"code": "BLT-007"}, {"code": 7, "nik": None, "name": "Embun Pagi Contoh"}),
        ({}, {"name": "Embun Pagi Contoh", "village": "Keciput"}),
        ({"nik": None}, {"nik": None, "address": "Jalan Lain 2"}),
    ],
    ids=["by code", "by a bare number", "by NIK", "by name and place"],
)
def test_a_known_child_is_found_again_and_corrected(
    desk: Desk, known: dict[str, Cell], row: dict[str, Cell]
) -> None:
    desk.apply(a_table(a_row(**known)))
    assert figures(desk.apply(a_table(a_row(**row)))) == (0, 1, 0)
    (child,) = desk.children()
    assert (child.name, child.village, child.address) == (
        row.get("name", EMBUN["name"]),
        row.get("village", EMBUN["village"]),
        row.get("address", EMBUN["address"]),
    )


def test_an_empty_cell_leaves_what_is_known(desk: Desk) -> None:
    desk.apply(a_table(a_row(code="BLT-001")))
    sparse = a_row(code="BLT-001") | dict.fromkeys(
        ["nik", "address", "listed_on", "guardian", "relation", "phone"]
    )
    assert figures(desk.apply(a_table(sparse))) == (0, 0, 1)
    assert figures(desk.apply(a_table(sparse, without="phone"))) == (0, 0, 1)


def test_a_guardian_is_corrected_in_place_and_added_where_there_was_none(desk: Desk) -> None:
    alone = dict.fromkeys(["guardian", "relation", "phone"])
    desk.apply(a_table(EMBUN, FAJAR | alone))
    report = desk.apply(a_table(EMBUN | {"phone": 81200000000}, FAJAR | {"relation": "nenek"}))
    assert figures(report) == (0, 2, 0)
    guardians = desk.do(lambda s: s.exec(select(Guardian).order_by(col(Guardian.id))).all())
    assert [(g.phone, g.relation) for g in guardians] == [
        ("+6281200000000", "mother"),
        ("+6280000001001", "guardian"),
    ]


@pytest.mark.parametrize(
    ("cells", "replaced"),
    [
        ({"guardian": "Nenek Lain", "phone": "0800-0000-2002"}, True),
        ({"guardian": "Ibu Conto", "phone": "0800-0000-2002"}, False),
        ({"guardian": "Nenek Lain"}, False),
        ({"phone": "0800-0000-2002"}, False),
    ],
    ids=["another person", "a spelling and a new number", "another name, the same number", "a new number"],
)
def test_a_guardian_who_is_somebody_else_now_has_not_joined(
    desk: Desk, cells: dict[str, Cell], replaced: bool
) -> None:
    desk.apply(a_table(EMBUN, FAJAR | {"guardian": "Ibu Fajar", "phone": "0800-0000-1002"}))

    def join(session: Session) -> tuple[int, str]:
        person = a_person(session, desk.keys)
        guardian = session.exec(select(Guardian).order_by(col(Guardian.id))).first()
        assert guardian is not None
        guardian.person_id = person.id
        return id_of(person), invite_guardian(
            session, desk.keys, MONDAY_MORNING, id_of(guardian), by=id_of(person)
        )

    person_id, code = desk.do(join)
    table = a_table(EMBUN | cells)
    warned = ["guardian_replaced"] if replaced else []
    assert [warning.code for warning in desk.check(table).warnings] == warned
    assert [warning.code for warning in desk.apply(table).warnings] == warned
    guardian = desk.do(lambda s: s.exec(select(Guardian).order_by(col(Guardian.id))).first())
    assert guardian is not None
    assert guardian.person_id == (None if replaced else person_id)
    found = desk.do(lambda s: open_invitation(s, desk.keys, MONDAY_MORNING, code))
    assert (found is None) is replaced
    acts = desk.do(
        lambda s: s.exec(select(AuditEntry.subject).where(AuditEntry.act == "family_unlinked")).all()
    )
    assert acts == ([f"guardian:{guardian.id}"] if replaced else [])


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        (("Siti Aminah", None), ("Rahmawati", None), True),
        (("Siti Aminah", "+6280000001001"), ("Rahmawati", "+6280000002002"), True),
        (("Siti Aminah", "+6280000001001"), ("Aminah", "+6280000002002"), False),
        (("Oemi Djaelani", "+6280000001001"), ("Umi Jaelani", "+6280000002002"), False),
        (("\u674e\u5a1c", "+6280000001001"), ("\u674e\u5a1c", "+6280000002002"), False),
    ],
    ids=["no number", "both others", "a part left out", "another spelling", "no letter that is compared"],
)
def test_a_guardian_is_replaced_by_another_name_under_another_number(
    before: tuple[str, str | None], after: tuple[str, str | None], replaced: bool
) -> None:
    was, now = (GuardianValues(name, "mother", phone) for name, phone in (before, after))
    assert now.replaces(was) is replaced


def test_new_children_get_codes_above_all_that_are_used(desk: Desk) -> None:
    desk.do(lambda s: a_child(s, code="BLT-237"))
    desk.apply(a_table(EMBUN, FAJAR | {"code": "BLT-300"}, RIMBA))
    assert [child.code for child in desk.children()] == ["BLT-237", "BLT-300", "BLT-301", "BLT-302"]


def test_a_child_without_a_day_comes_onto_the_list_today(desk: Desk) -> None:
    desk.apply(a_table(a_row(listed_on=None)))
    assert desk.children()[0].listed_on == date(2025, 10, 13)


def test_at_risk_needs_no_severity(desk: Desk) -> None:
    desk.apply(a_table(a_row(status="berisiko", severity=None)))
    assert desk.children()[0].severity is Severity.NONE


@pytest.mark.parametrize("status", [ChildStatus.DIED, ChildStatus.MOVED, ChildStatus.GRADUATED])
def test_a_file_never_brings_back_a_child_who_left(desk: Desk, status: ChildStatus) -> None:
    left_on = date(2025, 9, 1)
    desk.do(lambda s: a_child(s, code="BLT-001", status=status, left_on=left_on))
    report = desk.apply(a_table(a_row(code="BLT-001")))
    assert figures(report) == (0, 0, 1)
    assert [warning.code for warning in report.warnings] == ["left_list"]
    assert desk.children()[0].status is status


def test_formulas_and_markup_stay_text(desk: Desk) -> None:
    desk.apply(a_table(a_row(name="=cmd|Embun", address="<b>Jalan</b> & =1+1"), make=as_csv))
    (child,) = desk.children()
    assert (child.name, child.address) == ("=cmd|Embun", "<b>Jalan</b> & =1+1")


def test_places_are_matched_kindly(desk: Desk) -> None:
    desk.apply(a_table(a_row(area="KEC. TANJUNG PANDAN", village="Desa Air Rayak")))
    (child,) = desk.children()
    assert (child.area, child.village) == ("Tanjungpandan", "Aik Rayak")


def test_progress_is_told_until_the_end(desk: Desk) -> None:
    told: list[tuple[int, int]] = []
    table = a_table(EMBUN, FAJAR, RIMBA)

    def work(session: Session) -> ImportReport:
        return apply(
            session, desk.programme, desk.keys, MONDAY_MORNING, table, by=None,
            progress=lambda done, total: told.append((done, total)),
        )  # fmt: skip

    desk.do(work)
    assert told == [(3, 3), (3, 3)]


def test_a_row_written_meanwhile_by_another_process_undoes_the_import(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = a_table(EMBUN, FAJAR | {"code": "BLT-050"})

    def plan_then_lose(session: Session, *args: Any) -> Any:
        found = plan_children(session, *args)
        a_child(session, code="BLT-050")  # as if committed by another replica after the plan was made
        return found

    monkeypatch.setattr("models.importing.run.plan_children", plan_then_lose)

    def work(session: Session) -> str:
        with pytest.raises(BadInput) as refusal:
            apply(session, desk.programme, desk.keys, MONDAY_MORNING, table, by=None)
        return refusal.value.code

    assert desk.do(work) == "changed_meanwhile"
    assert [child.code for child in desk.children()] == ["BLT-050"]
    assert desk.count(Guardian) == desk.count(AuditEntry) == 0


def test_a_child_that_leaves_the_list_meanwhile_is_not_brought_back(
    postgresql_url: str, keys: KeyRing, programme: Programme
) -> None:
    """It graduates after the file was compared and before its row is written (PostgreSQL only)."""
    database = open_database(postgresql_url, keys)
    desk = Desk(database, programme)

    def graduate(session: Session) -> None:
        embun = session.exec(select(Child).where(Child.code == "BLT-001")).one()
        leave_list(session, programme, MONDAY_MORNING, embun, Ending.GRADUATED, by=by)

    def when_the_new_one_is_written(done: int, total: int) -> None:
        if (done, total) == (1, 2):
            database.submit(in_session(graduate)).result()

    def work(session: Session) -> str:
        with pytest.raises(BadInput) as refusal:
            apply(
                session, programme, keys, MONDAY_MORNING, a_table(a_row(address="Jalan Rekaan 2"), FAJAR), by=None,
                progress=when_the_new_one_is_written,
            )  # fmt: skip
        return refusal.value.code

    try:
        desk.apply(a_table(EMBUN))
        by = desk.do(lambda session: id_of(a_coordinator(session, keys)))
        assert desk.do(work) == "changed_meanwhile"
        (embun,) = desk.children()
        assert (embun.status, embun.left_on) == (ChildStatus.GRADUATED, MONDAY_MORNING.date())
    finally:
        database.close()


def test_an_import_of_more_than_one_batch_keeps_guardians_with_their_children(desk: Desk) -> None:
    rows = [FAJAR | {"name": f"Anak {_word(n)}", "guardian": f"Ibu {_word(n)}"} for n in range(1203)]
    assert desk.apply(a_table(*rows, make=as_csv)).added == 1203
    pairs = desk.do(
        lambda s: s.exec(select(Child, Guardian).join(Guardian, col(Child.guardian_id) == Guardian.id)).all()
    )
    assert len(pairs) == 1203
    assert all(child.name[5:] == guardian.name[4:] for child, guardian in pairs)
    assert desk.apply(a_table(*rows, make=as_csv)).unchanged == 1203


def _word(number: int) -> str:
    return "".join(chr(ord("a") + (number // 26**place) % 26) for place in range(3))


def test_a_guardian_known_from_elsewhere_is_kept(desk: Desk, keys: KeyRing) -> None:
    desk.do(lambda s: a_child(s, code="BLT-001", guardian=a_guardian(s, keys, phone=None)))
    report = desk.apply(a_table(a_row(code="BLT-001", guardian=None, relation=None)))
    assert (report.errors, report.changed) == ((), 1)
    guardian = desk.do(lambda s: s.exec(select(Guardian)).one())
    assert (guardian.name, guardian.phone) == ("Ibu Rekaan", "+6280000001001")
