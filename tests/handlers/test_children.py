"""C5: children enrolled, corrected, graduated; F3: a giver's cards; C4: alerts. Each by chat, on both databases."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from models.alerts import Alert, AlertKind, raise_alert
from models.children import Child, ChildStatus, Guardian, Severity, Sex
from models.consents import ConsentKind
from models.contacts import Contact
from models.database import Database, in_session
from models.keys import KeyRing
from models.messages import outbox
from models.months import Month
from models.people import Person
from models.pledges import Pledge
from models.programme import Programme
from tests.builders import (
    a_child,
    a_consent,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_guardian,
    a_measurement,
    a_person,
    a_pledge,
    a_visit,
    id_of,
)
from tests.clock import MONDAY_MORNING, FixedClock
from tests.handlers.talk import Ask, Talk, buttons


@pytest.fixture
def people(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> dict[str, Talk]:
    """A giver of BLT-001 (Sijuk), its mother, the district's coordinator and Badau's; BLT-002 lives in Badau."""
    all_conversations()

    def work(session: Session) -> None:
        giver = a_foster_parent(session, keys)
        a_contact(session, keys, address="1", person=session.get_one(Person, giver.person_id))
        mother = a_person(session, keys, name="Ibu Contoh")
        a_contact(session, keys, address="2", person=mother)
        for kind in (ConsentKind.PARENTAL, ConsentKind.FAMILY_CONTACT):
            a_consent(session, person=mother, kind=kind)
        guardian = a_guardian(session, keys, name="Ibu Contoh", person=mother)
        child = a_child(session, code="BLT-001", name="Embun Contoh", guardian=guardian)
        a_child(session, code="BLT-002", area="Badau", village="Ibul")
        a_pledge(session, child=child, foster_parent=giver, last_month=None)
        a_contact(session, keys, address="8", person=a_coordinator(session, keys))
        a_contact(session, keys, address="9", person=a_coordinator(session, keys, area="Badau"))

    database.submit(in_session(work)).result()
    context = Context(programme, keys, clock)
    who = {"giver": "1", "mother": "2", "district": "8", "badau": "9"}
    return {name: Talk(database, context, address) for name, address in who.items()}


def child(code: str) -> Callable[[Session], Child]:
    return lambda session: session.exec(select(Child).where(Child.code == code)).one()


def measured(session: Session, *sizes: tuple[date, int, int]) -> None:
    known = session.exec(select(Child).where(Child.code == "BLT-001")).one()
    for day, grams, millimetres in sizes:
        a_measurement(session, child=known, measured_on=day, weight_g=grams, length_mm=millimetres)


# --- /anak_baru -------------------------------------------------------------------------------------------------


def enrolled(talk: Talk, *, name: str = "Fajar Contoh", born: str = "12 Maret 2024") -> str:
    talk.say("/anak_baru")
    talk.say(name)
    talk.tap("laki-laki")
    talk.say(born)
    talk.tap("34 minggu")
    talk.tap("Lewati")
    return talk.say("Sijuk")


def rest(talk: Talk) -> str:
    talk.say("Jalan Rekaan 7")
    talk.tap("pendek")
    talk.say("Ibu Fajar Contoh")
    talk.tap("Ibu")
    return talk.say("0812-3456-7890")


def test_a_child_is_enrolled(people: dict[str, Talk], ask: Ask[Any]) -> None:
    talk = people["district"]
    assert "Desa" in enrolled(talk)
    talk.say("Batu Itam")
    assert "Fajar Contoh, laki-laki, lahir 12 Maret 2024" in rest(talk)
    assert "*BLT-003* masuk daftar" in talk.tap("Ya, simpan")

    new: Child = ask(child("BLT-003"))
    assert (new.name, new.sex, new.born_on) == ("Fajar Contoh", Sex.MALE, date(2024, 3, 12))
    assert (new.area, new.village, new.gestation_weeks) == ("Sijuk", "Batu Itam", 34)
    assert (new.status, new.severity) == (ChildStatus.STUNTED, Severity.MODERATE)
    guardian: Guardian = ask(lambda session: session.get_one(Guardian, new.guardian_id))
    assert (guardian.name, guardian.relation, guardian.phone) == (
        "Ibu Fajar Contoh",
        "mother",
        "+6281234567890",
    )


def test_a_child_that_looks_the_same_is_shown_before_it_is_enrolled_twice(
    people: dict[str, Talk], ask: Ask[Any]
) -> None:
    talk = people["district"]
    enrolled(talk, name="Embun Contoh", born="10 April 2024")
    talk.tap("Sijuk")

    assert "Apakah ini anak yang sama" in rest(talk)
    assert "/ubah_anak BLT-001" in talk.tap("Ya, anak yang sama")
    assert len(ask(lambda session: session.exec(select(Child)).all())) == 2


def test_a_kecamatans_coordinator_enrols_in_the_own_kecamatan_only(people: dict[str, Talk]) -> None:
    talk = people["badau"]
    talk.say("/anak_baru")
    talk.say("Fajar Contoh")
    talk.tap("laki-laki")
    talk.say("12 Maret 2024")
    talk.tap("Cukup bulan")

    talk.tap("Lewati")
    assert "Ibul" in {button.label for button in buttons(talk.out[-1])}


# --- /ubah_anak -------------------------------------------------------------------------------------------------


def test_a_birthday_is_corrected(people: dict[str, Talk], ask: Ask[Any]) -> None:
    talk = people["district"]
    talk.say("/ubah_anak")
    talk.tap("Sijuk (1)")
    talk.tap(next(b.label for b in buttons(talk.out[-1]) if b.label.startswith("BLT-001")))
    talk.tap("Tanggal lahir")

    assert "sudah dibetulkan" in talk.say("11 April 2024")
    assert ask(child("BLT-001")).born_on == date(2024, 4, 11)


def test_the_sex_is_corrected_and_the_status_goes_with_the_severity(
    people: dict[str, Talk], ask: Ask[Any]
) -> None:
    """A child at risk has no severity, a stunted one has: an import refuses anything else."""
    talk = people["district"]
    talk.say("/ubah_anak BLT-001")
    talk.tap("Jenis kelamin")
    talk.tap("laki-laki")
    assert ask(child("BLT-001")).sex is Sex.MALE
    talk.say("/ubah_anak BLT-001")
    talk.tap("Keparahan")
    talk.tap("berisiko stunting")
    corrected = ask(child("BLT-001"))
    assert (corrected.status, corrected.severity) == (ChildStatus.AT_RISK, Severity.NONE)


def test_a_foreign_child_answers_as_an_unknown_one_does(people: dict[str, Talk]) -> None:
    foreign = people["badau"].say("/ubah_anak BLT-001")

    assert foreign == people["badau"].say("/ubah_anak BLT-999")
    assert foreign == people["badau"].say("/lulus BLT-001")


def test_who_has_no_chat_is_not_counted_among_those_who_were_told(
    people: dict[str, Talk], ask: Ask[Any]
) -> None:
    ask(lambda session: session.delete(session.get_one(Contact, 1)))  # the giver's
    talk = people["district"]
    talk.say("/lulus blt-001")
    assert "1 orang dikabari" in talk.tap("🎓 Lulus", "Ya, lanjutkan")


# --- /lulus -----------------------------------------------------------------------------------------------------


def test_a_child_graduates_and_its_people_are_told(
    people: dict[str, Talk], ask: Ask[Any], database: Database
) -> None:
    ask(lambda session: measured(session, (date(2025, 8, 10), 9800, 780), (date(2025, 10, 12), 10400, 800)))
    talk = people["district"]
    assert "Tinggi sesuai umur pada pengukuran" in talk.say("/lulus blt-001")
    talk.tap("🎓 Lulus")
    assert "2 orang dikabari" in talk.tap("Ya, lanjutkan")

    graduated: Child = ask(child("BLT-001"))
    assert (graduated.status, graduated.left_on) == (ChildStatus.GRADUATED, date(2025, 10, 13))
    [pledge] = ask(lambda session: session.exec(select(Pledge)).all())
    assert (pledge.last_month, pledge.ending) == (Month(2025, 10), "graduated")
    news = select(outbox.c.contact_id).where(outbox.c.about == f"child:{graduated.id}")
    assert len(database.submit(lambda connection: connection.execute(news).all()).result()) == 2
    assert "tidak ada di daftar" in talk.say("/lulus BLT-001")


def test_without_the_measurements_the_coordinator_is_told_so(people: dict[str, Talk]) -> None:
    assert "belum terlihat dua kali" in people["district"].say("/lulus BLT-001")


# --- /anak ------------------------------------------------------------------------------------------------------


def test_a_card_has_growth_visits_family_and_what_comes_next(people: dict[str, Talk], ask: Ask[Any]) -> None:
    def known(session: Session) -> None:
        measured(session, (date(2025, 10, 12), 8400, 742))
        a_visit(session, pledge=session.exec(select(Pledge)).one())

    ask(known)
    talk = people["giver"]
    card = talk.say("/anak")

    assert "12 Oktober 2025: 8,4 kg · 74,2 cm" in card
    assert "TB/U: *pendek*" in card
    assert "Kunjungan: 1, terakhir 12 Oktober 2025" in card
    assert "Berikutnya: setoran 10 November 2025, kunjungan 15 November 2025" in card
    assert "Embun Contoh" in card
    assert [message.picture[0] for message in talk.out if message.picture] == ["growth"]


def test_where_there_is_silence_the_card_shows_no_growth(
    people: dict[str, Talk], ask: Ask[Any], clock: FixedClock
) -> None:
    def hush(session: Session) -> None:
        measured(session, (date(2025, 10, 12), 8400, 742))
        hushed = session.exec(select(Child).where(Child.code == "BLT-001")).one()
        hushed.silent_since = clock.now()
        session.add(hushed)

    ask(hush)
    card = people["giver"].say("/anak")

    assert "kg" not in card
    assert "Embun" not in card
    assert not any(message.picture for message in people["giver"].out)


# --- /peringatan ------------------------------------------------------------------------------------------------


@pytest.fixture
def alert(ask: Ask[Any]) -> int:
    """BLT-001 falters."""

    def work(session: Session) -> int:
        measured(session, (date(2025, 8, 10), 8500, 742), (date(2025, 10, 12), 8400, 742))
        known = session.exec(select(Child).where(Child.code == "BLT-001")).one()
        raised = raise_alert(
            session,
            MONDAY_MORNING,
            AlertKind.FALTERING,
            f"child:{known.id}",
            child=known,
            details="dropped:haz:2025-08-10 no_gain::2025-08-10",
        )
        assert raised is not None
        return raised.id or 0

    found: int = ask(work)
    return found


def test_an_alert_is_taken_with_whom_to_call_and_closed_with_a_note(
    people: dict[str, Talk], ask: Ask[Any], alert: int
) -> None:
    talk = people["district"]
    talk.say("/peringatan")
    card = talk.tap("📉 Pertumbuhan melambat · BLT-001")
    assert "TB/U turun 0,5 SD atau lebih sejak 10 Agustus 2025" in card
    assert "Berat tidak naik sejak 10 Agustus 2025 (2T)" in card
    taken = talk.tap("🙋 Saya tangani")
    assert "Keluarga: Ibu Contoh" in taken
    assert "TB/U: *sangat pendek*" in taken or "TB/U: *pendek*" in taken
    assert any(message.picture for message in talk.out)
    talk.say(f"/peringatan {alert}")
    talk.tap("✓ Sudah selesai")
    assert "ditutup" in talk.say("Sudah dibawa ke puskesmas")

    closed: Alert = ask(lambda session: session.get_one(Alert, alert))
    assert (closed.note, closed.taken_by) == ("Sudah dibawa ke puskesmas", closed.closed_by)
    assert "Tidak ada peringatan" in talk.say("/peringatan")


def test_an_alert_is_taken_over_only_from_somebody_one_knows_of(
    people: dict[str, Talk], ask: Ask[Any], keys: KeyRing, alert: int
) -> None:
    def colleague(session: Session) -> int:
        person = a_coordinator(session, keys, name="Rekan Rekaan")
        a_contact(session, keys, address="7", person=person)
        return id_of(person)

    first, second = people["district"], Talk(people["district"].database, people["district"].context, "7")
    number = ask(colleague)
    for talk in (first, second):
        talk.say(f"/peringatan {alert}")
    second.tap("🙋 Saya tangani")
    again = first.tap("🙋 Saya tangani")
    assert "Pilihan itu sudah tidak ada" in again
    assert "Ditangani Rekan Rekaan" in again
    assert ask(lambda session: session.get_one(Alert, alert).taken_by) == number
    assert "Bapak/Ibu yang menangani" in first.tap("🙋 Saya tangani")


def test_another_kecamatans_alert_is_not_there(people: dict[str, Talk], alert: int) -> None:
    talk = people["badau"]

    assert "Tidak ada peringatan" in talk.say("/peringatan")
    assert "bukan di wilayah" in talk.say(f"/peringatan {alert}")
    assert "bukan di wilayah" in talk.say("/peringatan x'; --")


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_of_alert_can_be_looked_at(
    people: dict[str, Talk], ask: Ask[Any], kind: AlertKind
) -> None:
    ask(lambda session: raise_alert(session, MONDAY_MORNING, kind, "contact:5") and None)
    talk = people["district"]
    talk.say("/peringatan")

    assert "Bukan tentang satu anak" in talk.say("1")
    assert "tetap terbuka" in talk.tap("Nanti saja")
