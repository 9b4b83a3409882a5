"""The ASN staff list: what a sign-up is verified against."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session, col, select

from models.audit import AuditEntry
from models.database import Database, in_session
from models.errors import NotEntitled
from models.grants import Scope
from models.importing import ImportKind, ImportReport, apply, check, read_table
from models.importing.files import Cell
from models.keys import KeyRing
from models.nip import Nip
from models.organisations import Organisation, OrganisationKind
from models.people import RosterEntry, on_roster
from models.programme import Programme
from tests.builders import an_organisation
from tests.clock import MONDAY_MORNING
from tests.models.test_importing_files import as_csv, as_xlsx

HEADERS: list[Cell] = ["NIP", "Nama", "Tanggal Lahir", "OPD", "Telepon"]
BUDI: list[Cell] = ["199001012020031901", "Drs. Budi Contoh, M.Si", None, "Dinas Rekaan", 81200000001]
SITI: list[Cell] = ["198807152024212902", "Siti Contoh", date(1988, 7, 15), "dinas  rekaan", None]

Importing = Callable[..., ImportReport]


@pytest.fixture
def importing(database: Database, programme: Programme) -> Importing:
    """Apply a roster of these lines."""

    def run(*lines: list[Cell], make: Callable[[list[list[Cell]]], bytes] = as_xlsx) -> ImportReport:
        table = read_table(make([HEADERS, *lines]), ImportKind.ROSTER)
        return database.submit(
            in_session(lambda s: apply(s, programme, database.keys, MONDAY_MORNING, table, by=None))
        ).result()

    return run


def _entries(database: Database) -> list[RosterEntry]:
    query = select(RosterEntry).order_by(col(RosterEntry.born_on))
    return database.submit(in_session(lambda s: list(s.exec(query)))).result()


@pytest.mark.parametrize("make", [as_xlsx, as_csv])
def test_staff_are_written_and_verify_a_sign_up(
    database: Database, importing: Importing, keys: KeyRing, make: Callable[..., bytes]
) -> None:
    report = importing(BUDI, SITI, make=make)
    assert (report.applied, report.added, report.errors) == (True, 2, ())
    siti, budi = _entries(database)
    assert (siti.nip, siti.name, siti.born_on, siti.phone_index) == (SITI[0], SITI[1], SITI[2], None)
    assert (budi.born_on, budi.phone_index) == (date(1990, 1, 1), keys.index("+6281200000001"))

    def verify(session: Session) -> list[bool]:
        return [
            on_roster(session, keys, Nip("199001012020031901"), "budi contoh"),
            on_roster(session, keys, Nip("199001012020031901"), "Siti Contoh"),
        ]

    assert database.submit(in_session(verify)).result() == [True, False]


def test_a_new_office_is_added_once_and_pointed_out(database: Database, importing: Importing) -> None:
    report = importing(BUDI, SITI)
    assert [(w.row, w.column, w.code) for w in report.warnings] == [(2, "D", "new_office")]
    offices = database.submit(in_session(lambda s: s.exec(select(Organisation)).all())).result()
    assert [(office.name, office.kind) for office in offices] == [("Dinas Rekaan", OrganisationKind.OPD)]


def test_a_known_office_is_used_whatever_its_capitals(database: Database, importing: Importing) -> None:
    database.submit(in_session(lambda s: an_organisation(s, name="DINAS REKAAN"))).result()
    assert importing(BUDI, SITI).warnings == ()


def test_the_same_list_twice_changes_nothing(database: Database, importing: Importing) -> None:
    importing(BUDI, SITI)
    report = importing(BUDI, SITI)
    assert (report.added, report.changed, report.unchanged, report.warnings) == (0, 0, 2, ())
    audits = database.submit(in_session(lambda s: s.exec(select(AuditEntry)).all())).result()
    assert [entry.subject for entry in audits] == ["roster:*", "roster:*"]


def test_a_changed_line_is_corrected_and_an_empty_phone_keeps_the_known_one(
    database: Database, importing: Importing, keys: KeyRing
) -> None:
    importing(BUDI, SITI)
    budi: list[Cell] = [BUDI[0], "Budi Baru Contoh", None, "Bappeda", None]
    siti: list[Cell] = [*SITI[:4], "0800-0000-2002"]
    report = importing(budi, siti, ["199505052022032905", "Baru Contoh", None, "Bappeda", None])
    assert (report.added, report.changed, report.unchanged) == (1, 2, 0)
    siti_, budi_, _ = _entries(database)
    assert (budi_.name, budi_.phone_index) == ("Budi Baru Contoh", keys.index("+6281200000001"))
    assert siti_.phone_index == keys.index("+6280000002002")
    assert budi_.organisation_id != siti_.organisation_id


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ([None, *BUDI[1:]], "A", "missing"),
        (["1234", *BUDI[1:]], "A", "nip_length"),
        ([1.99001012020032e17, *BUDI[1:]], "A", "number_lost_digits"),
        (["199013012020031901", *BUDI[1:]], "A", "nip_birth_date"),
        (["199001012020033901", *BUDI[1:]], "A", "nip_sex"),
        (["199001011920031901", *BUDI[1:]], "A", "nip_appointed"),
        ([SITI[0], *BUDI[1:]], "A", "duplicate_nip"),
        ([BUDI[0], None, *BUDI[2:]], "B", "missing"),
        ([BUDI[0], "12", *BUDI[2:]], "B", "name"),
        ([*BUDI[:2], "31/02/1990", *BUDI[3:]], "C", "date"),
        ([*BUDI[:3], None, BUDI[4]], "D", "missing"),
        ([*BUDI[:3], "x" * 121, BUDI[4]], "D", "name"),
        ([*BUDI[:4], "12"], "E", "phone"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(
    database: Database, importing: Importing, line: list[Cell], column: str, code: str
) -> None:
    report = importing(SITI, line)
    (error,) = report.errors
    assert (error.row, error.column, error.code) == (3, column, code)
    assert str(error)
    assert (report.applied, _entries(database)) == (False, [])


def test_a_birth_date_that_disagrees_with_the_nip_warns(importing: Importing) -> None:
    report = importing([BUDI[0], BUDI[1], date(1991, 1, 1), BUDI[3], None])
    assert report.applied
    assert [w.code for w in report.warnings] == ["nip_and_birth_date", "new_office"]


def test_only_the_whole_district_imports_staff(database: Database, programme: Programme) -> None:
    table = read_table(as_xlsx([HEADERS, BUDI]), ImportKind.ROSTER)
    scope = Scope(frozenset({"Sijuk"}))
    with pytest.raises(NotEntitled):
        database.submit(
            in_session(lambda s: check(s, programme, database.keys, MONDAY_MORNING, table, scope=scope))
        ).result()
