"""K5: whoever asks in the chat is erased, after a day in which it can be taken back."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from jobs.erasing import erase_requested
from jobs.schedule import Schedule
from models.alerts import Alert, AlertKind
from models.children import ChildStatus
from models.contacts import Contact
from models.erasure import Erasure
from models.erasure_file import read_journal
from models.erasure_requests import ErasureRequest
from models.people import Person
from models.pledges import Pledge, PledgeState
from models.statements import driver
from tests.handlers.talk import Ask, Talk
from tests.handlers.village import Village
from tests.opened import bytes_at, sealed_of

YES = "Ya, hapus data saya"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "genting.erased"


@pytest.fixture
def later(village: Village, file: Path) -> Any:
    """Let hours pass, then run the task as the schedule does; it gives how many were erased."""
    context = replace(village.context, erased_file=file)

    def pass_hours(hours: int) -> int:
        village.clock.advance(timedelta(hours=hours))
        work: Any = erase_requested
        while callable(work):
            piece = work
            work = village.database.submit(lambda c, p=piece: p(c, context)).result()  # type: ignore[misc] # loop
        assert isinstance(work, int)
        return work

    return pass_hours


def ask_for_it(talk: Talk) -> str:
    assert "Hapus data saya" in [button.label for row in _shown(talk) for button in row]
    return talk.tap("Hapus data saya")


def _shown(talk: Talk) -> Any:
    talk.say("/privasi")
    return talk.out[-1].rows


def test_a_family_is_erased_with_its_child_after_a_day(
    village: Village, ask: Ask[Any], later: Any, file: Path
) -> None:
    warned = ask_for_it(village.mother)
    assert "Bantuan untuk BLT-001 berhenti" in warned.replace("*", "")
    assert "14 Okt 2025 10.00 WIB" in warned
    assert "dihapus setelah" in village.mother.tap(YES)
    news = village.sijuk.hear()
    assert "Keluarga BLT-001" in news.replace("*", "")
    assert village.badau.hear() == ""
    assert ask(lambda s: [a.kind for a in s.exec(select(Alert))]) == [AlertKind.CONSENT_WITHDRAWN]
    assert "Camar" not in village.mother.say("/anak")

    assert later(23) == 0
    assert later(2) == 2
    assert later(0) == 0
    assert "komitmen Bapak/Ibu untuk BLT-001 berakhir" in village.giver.hear()
    child = village.child("BLT-001")
    assert (child.name, child.status) == ("", ChildStatus.MOVED)
    assert ask(lambda s: [p.state for p in s.exec(select(Pledge))]) == [PledgeState.ENDED]
    assert ask(lambda s: s.exec(select(Contact).where(Contact.address == "mother")).all()) == []
    assert ask(lambda s: s.exec(select(ErasureRequest)).all()) == []
    assert sorted(str(subject) for subject, _ in read_journal(file)) == ["child:1", "person:1"]
    assert "belum menyimpan data diri" in village.mother.say("/privasi")


def test_a_giver_is_erased_and_the_child_is_sought_another(
    village: Village, ask: Ask[Any], later: Any
) -> None:
    assert "BLT-001" in ask_for_it(village.giver)
    village.giver.tap(YES)
    assert "Budi Rekaan minta datanya dihapus" in village.sijuk.hear()
    assert "dihapus setelah" in village.giver.say("/privasi hapus")  # asked again it is no second wish
    assert later(25) == 1
    assert ask(lambda s: [p.state for p in s.exec(select(Pledge))]) == [PledgeState.ENDED]
    assert "Budi Rekaan" not in ask(lambda s: s.exec(select(Person.name)).all())
    assert village.child("BLT-001").name == "Bintang Rekaan"


def test_until_then_it_can_be_taken_back(village: Village, ask: Ask[Any], later: Any) -> None:
    ask_for_it(village.mother)
    village.mother.tap(YES)
    village.sijuk.hear()
    shown = village.mother.say("/privasi")
    assert "dihapus setelah 14 Okt 2025" in shown
    village.mother.tap("Batalkan penghapusan")
    assert "dibatalkan oleh yang memintanya" in village.sijuk.hear()
    village.mother.tap("Setujui lagi", "Ya, saya setuju")
    assert later(48) == 0
    assert village.child("BLT-001").name == "Bintang Rekaan"
    assert "Tidak ada penghapusan" in village.mother.say("/privasi jangan_hapus")


def test_who_says_no_is_not_erased(village: Village, ask: Ask[Any], later: Any) -> None:
    ask_for_it(village.giver)
    assert "tidak ada yang dihapus" in village.giver.tap("Jangan")
    assert later(48) == 0
    assert ask(lambda s: s.exec(select(Erasure)).all()) == []


def test_a_coordinator_gives_the_role_back_first(village: Village, later: Any) -> None:
    assert "masih menjadi koordinator" in village.sijuk.say("/privasi hapus")
    assert later(48) == 0


def test_who_is_nobody_has_nothing_to_erase(village: Village, later: Any) -> None:
    assert "belum menyimpan data diri" in village.stranger.say("/privasi hapus")
    assert later(48) == 0


def test_a_crash_before_the_commit_erases_nobody_and_the_file_says_no_less(
    village: Village, file: Path, ask: Ask[Any]
) -> None:
    """Written down and not erased is erased by the next run; erased and not written down would come back."""
    ask_for_it(village.giver)
    village.giver.tap(YES)
    village.clock.advance(timedelta(hours=25))
    context = replace(village.context, erased_file=file)

    def crash(connection: Any) -> None:
        erase_requested(connection, context)
        raise RuntimeError("cut")

    with pytest.raises(RuntimeError, match="cut"):
        village.database.submit(crash).result()
    assert len(read_journal(file)) == 1
    assert "Budi Rekaan" in ask(lambda s: s.exec(select(Person.name)).all())

    def again(session: Session) -> int:
        done = erase_requested(session.connection(), context)
        assert callable(done)
        return len(session.exec(select(Erasure)).all())

    assert ask(again) == 1


def test_the_schedule_cleans_the_files_behind_it(village: Village, file: Path) -> None:
    """The ring would open what lies in a free page."""
    if village.database.engine.dialect.name != "sqlite":
        pytest.skip("the files of a PostgreSQL server are the server's")
    path = Path(village.database.engine.url.database or "")
    village.database.submit(lambda c: driver(c).execute("PRAGMA secure_delete=OFF")).result()
    secrets = sealed_of(village.database, village.context.keys, ["Budi Rekaan"])
    assert any(secret in bytes_at(path) for secret in secrets)
    ask_for_it(village.giver)
    village.giver.tap(YES)
    village.clock.advance(timedelta(hours=25))
    schedule = Schedule(village.database, replace(village.context, erased_file=file), lambda: None)
    for ended in schedule.catch_up():
        ended.result(30)
    for thread in threading.enumerate():
        if thread.name == "scrub":
            thread.join(30)
    assert not any(secret in bytes_at(path) for secret in secrets)
