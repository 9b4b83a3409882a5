"""Backup, restore, export and erase as the operator runs them, in processes of their own."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select

from bot.machine import examine_backups, examine_machine
from bot.settings import Settings
from models.children import Child
from models.clock import SystemClock
from models.database import in_session, open_database
from models.keys import KeyRing
from models.people import Person
from tests.bot.terminal import Run, refused
from tests.builders import a_child, a_guardian, a_person

CANARY = "Kenari Anak Rekaan"
FORMULA = '=HYPERLINK("http://rekaan.example","klik")'


@pytest.fixture
def planted(sqlite_url: str, keys: KeyRing) -> str:
    """A database with a child of a plain name and a mother with a wicked one; returns its URL."""
    database = open_database(sqlite_url, keys, durable=False)

    def plant(session: Session) -> None:
        mother = a_person(session, keys, name=FORMULA, phone="+628111222333")
        guardian = a_guardian(session, keys, name=FORMULA, person=mother)
        a_child(session, name=CANARY, guardian=guardian, address="+62 Jalan Rekaan")

    database.submit(in_session(plant)).result()
    database.close()
    return sqlite_url


def child_names(url: str, keys: KeyRing) -> list[str]:
    database = open_database(url, keys, durable=False)
    try:
        return database.submit(in_session(lambda s: list(s.exec(select(Child.name))))).result()
    finally:
        database.close()


def said(genting: Run, *words: str, **more: str) -> Any:
    done = genting(*words, "--json", **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("planted")
def test_backup_then_restore_on_an_empty_machine(genting: Run, keys: KeyRing, tmp_path: Path) -> None:
    made = said(genting, "backup")
    file = Path(tmp_path, made["file"])
    assert file.parent.name == "backups"
    assert file.stat().st_mode & 0o077 == 0
    assert made["rows"]["child"] == 1
    assert said(genting, "backup", made["file"], "--verify")["digest"] == made["digest"]

    elsewhere = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    put_back = said(genting, "restore", made["file"], DATABASE_URL=elsewhere)

    assert put_back["digest"] == made["digest"]
    assert child_names(elsewhere, keys) == [CANARY]
    refused(genting("restore", made["file"], DATABASE_URL=elsewhere), "--force")


def test_an_erased_child_is_erased_again_from_an_older_backup(
    genting: Run, keys: KeyRing, planted: str, tmp_path: Path
) -> None:
    older = said(genting, "backup", "older.genting")

    looked = said(genting, "erase", "child", "blt 1", "--dry-run")
    assert looked["erased"] is False
    assert child_names(planted, keys) == [CANARY]
    done = said(genting, "erase", "child", "BLT-001", "--yes")
    assert done["rows"] == looked["rows"]
    assert child_names(planted, keys) == [""]
    journal = (tmp_path / "data" / "genting.erased").read_text()
    assert journal.endswith(" child:1\n")
    assert CANARY not in journal

    elsewhere = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    put_back = said(genting, "restore", older["file"], DATABASE_URL=elsewhere)

    assert put_back["erased_again"] == 1
    assert child_names(elsewhere, keys) == [""]


def test_erasing_asks_first_and_a_no_changes_nothing(genting: Run, keys: KeyRing, planted: str) -> None:
    done = genting("erase", "child", "BLT-001", typed="n\n")
    assert done.returncode == 1
    assert child_names(planted, keys) == [CANARY]
    assert genting("erase", "child", "BLT-001", typed="y\n").returncode == 0
    assert child_names(planted, keys) == [""]


def test_nobody_is_erased_whom_the_journal_cannot_name(
    genting: Run, keys: KeyRing, planted: str, tmp_path: Path
) -> None:
    """They would come back with an older backup."""
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "genting.erased").mkdir()
    assert genting("erase", "child", "BLT-001", "--yes").returncode != 0
    assert child_names(planted, keys) == [CANARY]


def test_a_person_is_erased_by_phone(genting: Run, keys: KeyRing, planted: str) -> None:
    assert said(genting, "erase", "person", "0811-1222-333", "--yes")["subject"] == "person:1"
    database = open_database(planted, keys, durable=False)
    assert database.submit(in_session(lambda s: s.get_one(Person, 1).name)).result() == ""
    database.close()
    refused(genting("erase", "person", "0811-1222-333", "--yes"), "nobody")
    refused(genting("erase", "person", "siapa"), "no phone number", "#17")
    refused(genting("erase", "child", "BLT-999"), "no child", "BLT-014")
    refused(genting("erase", "child", "BLT-001", "--json"), "--yes")


def test_a_running_bot_is_not_restored_under(genting: Run, keys: KeyRing, planted: str) -> None:
    made = said(genting, "backup", "a.genting")
    database = open_database(planted, keys, durable=False)
    office = database.lead("telegram:send")
    assert office is not None
    with office:
        refused(genting("restore", made["file"], "--force"), "running")
    database.close()


@pytest.mark.usefixtures("planted")
def test_old_backups_are_dropped_when_asked(genting: Run, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "backups"
    folder.mkdir(parents=True)
    for day in ("01", "02", "03"):
        (folder / f"genting-202510{day}-030000.genting").write_bytes(b"")
    genting("backup", "--keep", "2")
    left = sorted(path.name for path in folder.iterdir())
    assert len(left) == 2
    assert left[0] == "genting-20251003-030000.genting"


@pytest.mark.usefixtures("planted")
def test_wrong_files_are_one_line(genting: Run, tmp_path: Path) -> None:
    (tmp_path / "x.genting").write_bytes(b"PK\x03\x04 something else that is long enough to be read")
    refused(genting("restore", "x.genting", "--force"), "not a backup")
    refused(genting("restore", "nothing.genting"), "no file")
    refused(genting("backup", "x.genting", "--verify"), "not a backup")
    refused(genting("export", "x.pdf"), ".xlsx")


@pytest.mark.usefixtures("planted")
def test_an_export_without_names_has_none(genting: Run, tmp_path: Path) -> None:
    assert genting("export", "all.json").returncode == 0
    text = (tmp_path / "all.json").read_text(encoding="utf-8")
    assert CANARY not in text
    assert "HYPERLINK" not in text
    assert json.loads(text)["child"][0]["code"] == "BLT-001"
    assert (tmp_path / "all.json").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("planted")
def test_an_export_to_excel_has_no_formula(genting: Run, tmp_path: Path) -> None:
    assert genting("export", "all.xlsx", "--names").returncode == 0
    book = load_workbook(tmp_path / "all.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert FORMULA in {cell.value for cell in cells}
    assert CANARY in {cell.value for cell in cells}


def findings(settings: Settings) -> dict[str, bool]:
    return {finding.check: finding.ok for finding in examine_machine(settings)}


def test_the_doctor_wants_the_key_file_for_its_owner_only(tmp_path: Path) -> None:
    key_file = tmp_path / "genting.keys"
    settings = Settings.model_construct(
        keys=None, key_file=key_file, database_url=f"sqlite:///{tmp_path}/a.db"
    )
    KeyRing.from_file(key_file)
    assert findings(settings) == {"key file": True, "disk": True}
    key_file.chmod(0o644)
    assert findings(settings) == {"key file": False, "disk": True}


def test_the_doctor_wants_a_backup_as_soon_as_there_is_something_to_lose(tmp_path: Path) -> None:
    settings = Settings.model_construct(backups=tmp_path)
    now = SystemClock().now()
    week_ago, hour_ago = now - timedelta(days=7), now - timedelta(hours=1)

    assert examine_backups(settings, now, None).ok
    assert examine_backups(settings, now, hour_ago).ok
    assert not examine_backups(settings, now, week_ago).ok
    file = tmp_path / "genting-20251013-030000.genting"
    file.touch()
    assert examine_backups(settings, now, week_ago).ok
    os.utime(file, (week_ago.timestamp(), week_ago.timestamp()))
    assert "timer" in examine_backups(settings, now, week_ago).says
    assert not examine_backups(settings, now, week_ago).ok
