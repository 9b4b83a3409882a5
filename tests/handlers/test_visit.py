"""Logging a visit: what is asked, what is asked back, what is kept, and what the answer says."""

from datetime import date
from typing import TypeVar

import pytest
from sqlmodel import Session, select

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from models import growth, growth_standards
from models.alerts import Alert, AlertKind
from models.children import Child, Sex
from models.database import Database, in_session
from models.growth import Position
from models.keys import KeyRing
from models.measurements import Measurement, MeasurementSource
from models.messages import Priority, outbox
from models.people import Person
from models.programme import Programme
from models.visits import Condition, Visit, VisitKind
from tests.builders import a_child, a_contact, a_coordinator, a_foster_parent, a_measurement, a_pledge
from tests.clock import FixedClock
from tests.handlers.talk import Ask, Talk, buttons

T = TypeVar("T")
TODAY = date(2025, 10, 13)


@pytest.fixture
def giver(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> Talk:
    """A foster parent with two children (18 and 5 months old), and the district's coordinator."""
    all_conversations()

    def work(session: Session) -> None:
        giver = a_foster_parent(session, keys)
        a_contact(session, keys, address="1", person=session.get_one(Person, giver.person_id))
        toddler = a_child(session, code="BLT-001", born_on=date(2024, 4, 10))
        infant = a_child(session, code="BLT-002", born_on=date(2025, 5, 1), sex=Sex.MALE)
        for child in (toddler, infant):
            a_pledge(session, child=child, foster_parent=giver)
        a_contact(session, keys, address="9", person=a_coordinator(session, keys))

    database.submit(in_session(work)).result()
    return Talk(database, Context(programme, keys, clock), "1")


def begun(giver: Talk, code: str = "BLT-001", kind: str = "🏠 Rumah") -> None:
    giver.say(f"/kunjungan {code}")
    giver.tap("Hari ini")
    giver.tap(kind)


def ended(giver: Talk, condition: str = "😊 Sehat") -> str:
    giver.tap("☐ Makanan bergizi")
    giver.tap("☐ Susu")
    giver.tap("✓ Selesai")
    giver.tap(condition)
    giver.tap("Lewati")
    giver.tap("Tanpa catatan")
    return giver.tap("Ya, simpan")


def only_visit(session: Session) -> tuple[Visit, Measurement]:
    return session.exec(select(Visit)).one(), session.exec(select(Measurement)).one()


def test_a_visit_by_taps_and_two_numbers(giver: Talk, ask: Ask[tuple[Visit, Measurement]]) -> None:
    giver.say("/kunjungan")
    giver.tap("BLT-001")
    giver.tap("Hari ini")
    giver.tap("🏠 Rumah")
    giver.say("8,4")
    giver.say("74.2 cm")
    giver.tap("Berbaring")
    answer = ended(giver)

    visit, measured = ask(only_visit)
    assert (visit.visited_on, visit.kind, visit.condition) == (TODAY, VisitKind.HOME, Condition.WELL)
    assert visit.spent_on == "food,milk"
    assert (measured.weight_g, measured.length_mm, measured.position) == (8400, 742, Position.LYING)
    assert (measured.source, measured.visit_id) == (MeasurementSource.VISIT, visit.id)
    assert "BLT-001*, 18 bulan" in answer
    assert "TB/U: *pendek* (-2,2" in answer
    assert "BB/TB: *gizi baik*" in answer
    assert "Tingginya masih di bawah anak seumurnya" in answer
    [picture] = [message.picture for message in giver.out if message.picture]
    assert picture[0] == "growth"
    assert picture[1]["title"] == "BLT-001 · perempuan, 18 bulan"
    assert [len(panel["points"]) for panel in picture[1]["panels"]] == [1, 1]


def test_neither_scores_nor_charts_are_made_in_the_visits_transaction(
    giver: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the tables are touched when the visit is written; the answer is completed when it leaves."""
    begun(giver)
    giver.say("8,4")
    giver.say("74,2")
    giver.tap("Berbaring")
    giver.tap("✓ Selesai")
    giver.tap("😊 Sehat")
    giver.tap("Lewati")
    giver.tap("Tanpa catatan")
    computed = []
    real = growth_standards.Lms.z

    def counted(line: growth_standards.Lms, size: float) -> float:
        computed.append(size)
        return real(line, size)

    monkeypatch.setattr(growth_standards.Lms, "z", counted)
    monkeypatch.setattr(giver, "_completed", lambda _, message: message)
    answer = giver.tap("Ya, simpan")

    assert "sudah tercatat" in answer
    assert "TB/U" not in answer
    assert computed == []
    assert growth.assess(Sex.MALE, 100, weight_kg=6.0).waz is not None
    assert computed == [6.0]


def test_an_implausible_number_is_asked_back_with_what_was_meant(
    giver: Talk, ask: Ask[tuple[Visit, Measurement]]
) -> None:
    begun(giver)
    assert "*84 kg*? Maksudnya *8,4 kg*?" in giver.say("84")
    assert {b.label for b in buttons(giver.out[-1])} >= {"8,4 kg", "Ketik ulang"}
    giver.tap("8,4 kg")
    assert "Maksudnya *74,2 cm*?" in giver.say("742")
    giver.tap("Ketik ulang")
    giver.say("74,2")
    giver.tap("Berdiri")
    ended(giver)

    _, measured = ask(only_visit)
    assert (measured.weight_g, measured.length_mm, measured.position) == (8400, 742, Position.STANDING)


@pytest.mark.parametrize(
    ("typed", "asked"), [("7,42", "Maksudnya *74 cm*?"), ("742", "Maksudnya *74,2 cm*?")]
)
def test_a_typed_yes_means_what_was_asked(
    giver: Talk, ask: Ask[tuple[Visit, Measurement]], typed: str, asked: str
) -> None:
    begun(giver)
    assert "Maksudnya *9,2 kg*?" in giver.say("92 kg")
    giver.say("ya bu")
    assert asked in giver.say(typed)
    assert "berbaring atau berdiri" in giver.say("ya")
    giver.tap("Berbaring")
    ended(giver)

    _, measured = ask(only_visit)
    assert (measured.weight_g, (measured.length_mm or 0) // 10) == (9200, 74)


@pytest.mark.parametrize("no", ["tidak", "bukan bu", "no", "salah"])
def test_a_typed_no_asks_anew_and_the_number_again_is_doubted_again(giver: Talk, no: str) -> None:
    begun(giver)
    giver.say("8,4")
    giver.say("7,42")
    assert "Maksudnya *74 cm*?" in giver.say("7,42")
    assert "panjang/tingginya" in giver.say(no)
    assert "berbaring atau berdiri" in giver.say("74,2")


@pytest.mark.parametrize(("weight", "length"), [("84", "7,42"), ("92 kg", "742"), ("0,084", "7420")])
def test_what_no_child_measures_is_not_offered(giver: Talk, weight: str, length: str) -> None:
    begun(giver)
    giver.say(weight)
    assert not [b.label for b in buttons(giver.out[-1]) if "benar" in b.label]
    giver.say("8,4")
    giver.say(length)
    assert not [b.label for b in buttons(giver.out[-1]) if "benar" in b.label]


def test_a_strange_but_true_number_by_a_typed_yes(giver: Talk, ask: Ask[tuple[Visit, Measurement]]) -> None:
    begun(giver)
    giver.say("4,1")
    giver.say("betul")
    giver.tap("Tidak diukur")
    ended(giver)

    _, measured = ask(only_visit)
    assert measured.weight_g == 4100


def test_a_row_that_cannot_be_is_left_out_of_the_answer(giver: Talk, ask: Ask[None]) -> None:
    def slipped(session: Session) -> None:
        child = session.exec(select(Child).where(Child.code == "BLT-001")).one()
        a_measurement(session, child=child, measured_on=date(2025, 10, 12), weight_g=8500, length_mm=78)

    ask(slipped)
    assert "*BLT-001*" in giver.say("/anak BLT-001")
    begun(giver)
    giver.say("8,4")
    giver.say("74,2")
    giver.tap("Berbaring")
    assert "TB/U: *pendek*" in ended(giver)


def test_a_strange_but_true_number_is_kept_when_the_person_stands_by_it(
    giver: Talk, ask: Ask[tuple[Visit, Measurement]]
) -> None:
    begun(giver)
    assert "jauh dari anak seumurnya" in giver.say("4,1")
    giver.tap("4,1 kg benar")
    giver.tap("Tidak diukur")
    ended(giver)

    _, measured = ask(only_visit)
    assert (measured.weight_g, measured.length_mm) == (4100, None)


@pytest.mark.parametrize("nonsense", ["kira-kira", "9,2,1", "-5", "9 2"])
def test_what_is_no_number_gets_an_example_and_loses_nothing(giver: Talk, nonsense: str) -> None:
    begun(giver)

    assert "misalnya: 9,2" in giver.say(nonsense)
    assert "panjang/tingginya" in giver.say("delapan koma empat")


def test_an_infant_lies_and_is_not_asked(giver: Talk, ask: Ask[tuple[Visit, Measurement]]) -> None:
    begun(giver, "BLT-002", "🩺 Posyandu")
    giver.say("6,9")
    assert "Bantuan dipakai" in giver.say("64,5")
    ended(giver)

    _, measured = ask(only_visit)
    assert measured.position is None
    assert measured.source is MeasurementSource.POSYANDU


def test_by_phone_nothing_is_measured_and_no_photo_is_asked(giver: Talk) -> None:
    begun(giver, kind="📞 Telepon")
    giver.tap("✓ Selesai")
    assert "catatan" in giver.tap("😊 Sehat")
    giver.say("Anak sudah mau makan sayur")
    answer = giver.tap("Ya, simpan")

    assert "sudah tercatat" in answer
    assert "TB/U" not in answer
    assert not any(message.picture for message in giver.out)


def test_the_same_visit_twice_is_noticed(giver: Talk) -> None:
    begun(giver)
    giver.tap("Tidak diukur")
    giver.tap("Tidak diukur")
    ended(giver)
    giver.say("/kunjungan BLT-001")
    giver.tap("Hari ini")

    assert "sudah tercatat" in giver.tap("🏠 Rumah")
    giver.tap("Kemarin")
    assert "beratnya" in giver.tap("🏠 Rumah")


def test_not_before_the_pledge_and_not_tomorrow(giver: Talk) -> None:
    giver.say("/kunjungan BLT-001")

    assert "antara 1 Oktober 2025 dan 13 Oktober 2025" in giver.say("30 September 2025")
    assert "antara 1 Oktober 2025 dan 13 Oktober 2025" in giver.say("14 Oktober 2025")


def test_who_needs_help_now_is_told_to_the_coordinators(
    giver: Talk, ask: Ask[list[Alert]], database: Database
) -> None:
    begun(giver)
    giver.tap("Tidak diukur")
    giver.tap("Tidak diukur")
    answer = ended(giver, "🆘 Perlu bantuan segera")

    assert "puskesmas" in answer
    [alert] = ask(lambda session: list(session.exec(select(Alert))))
    assert (alert.kind, alert.area) == (AlertKind.DANGER_SIGN, "Sijuk")
    news = select(outbox.c.id).where(outbox.c.priority == int(Priority.NOTICE), outbox.c.about == "child:1")
    assert len(database.submit(lambda connection: connection.execute(news).all()).result()) == 1


def test_of_a_child_that_must_not_be_spoken_of_nothing_is_logged(
    giver: Talk, ask: Ask[None], clock: FixedClock
) -> None:
    def hush(session: Session) -> None:
        for child in session.exec(select(Child)):
            child.silent_since = clock.now()
            session.add(child)

    begun(giver)
    ask(hush)

    assert "sudah tidak ada lagi" in giver.say("8,4")


def test_a_faltering_child_is_said_kindly_and_sent_to_the_posyandu(giver: Talk, ask: Ask[None]) -> None:
    def earlier(session: Session) -> None:
        child = session.exec(select(Child).where(Child.code == "BLT-001")).one()
        a_measurement(session, child=child, measured_on=date(2025, 8, 10), weight_g=8500, length_mm=742)

    ask(earlier)
    begun(giver)
    giver.say("8,4")
    giver.say("74,2")
    giver.tap("Berbaring")
    answer = ended(giver)

    assert "Sejak 10 Agustus 2025 pertumbuhannya melambat" in answer
    assert "posyandu atau puskesmas" in answer
