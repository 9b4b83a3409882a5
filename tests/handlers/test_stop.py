"""K5: what opting out and a withdrawn consent stop, and that both can be taken back as often as one likes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select as rows
from sqlmodel import Session, select

from handlers.inbox import sealed
from handlers.kit.messages import Outbound
from jobs.documents import build
from models.alerts import Alert, AlertKind
from models.children import Child
from models.contacts import Contact, contacts_of
from models.database import Database, in_session
from models.keys import KeyRing
from models.messages import Outcome, Priority, outbox
from models.months import Month
from models.outbox import Outgoing, queue
from models.payouts import Payout, PayoutState
from models.people import Person
from models.pledges import Pledge
from models.programme import Programme
from models.reasons import at, reason
from models.reminders import Reminder, ReminderKind, ReminderState
from tests.builders import a_measurement, a_visit
from tests.clock import FixedClock
from tests.handlers.village import Village, a_village

OCTOBER = "2025-10"


def put(village: Village, address: str, words: str, about: str | None, reminder: int | None = None) -> None:
    """Let a notice wait until this evening, as after a night's work."""

    def work(session: Session) -> None:
        connection = session.connection()
        contact = next(c for c in session.exec(select(Contact)) if c.address == address)
        later = village.clock.now() + timedelta(hours=2)
        body = sealed(village.context, Outbound(words))
        queue(
            connection,
            village.clock.now(),
            [Outgoing("telegram", contact.id or 0, Priority.NOTICE, body, later, about)],
        )
        if reminder is not None:
            newest = connection.execute(rows(outbox.c.id).order_by(outbox.c.id.desc())).scalars().first()
            connection.execute(outbox.update().where(outbox.c.id == newest).values(reminder_id=reminder))

    village.database.submit(in_session(work)).result()


def remind(village: Village, kind: ReminderKind, subject_id: int, address: str, state: ReminderState) -> int:
    """Plan a reminder, perhaps queued already."""

    def work(session: Session) -> int:
        contact = next(c for c in session.exec(select(Contact)) if c.address == address)
        reminder = Reminder(
            kind=kind,
            subject_id=subject_id,
            period=OCTOBER,
            person_id=contact.person_id or 0,
            ends_on=village.clock.now().date() + timedelta(days=5),
            planned_ms=0,
            state=int(state),
        )
        session.add(reminder)
        session.flush()
        return reminder.id or 0

    number = village.database.submit(in_session(work)).result()
    if state is ReminderState.QUEUED:
        put(village, address, f"pengingat {kind}", None, number)
    return number


def outcome_of(village: Village, words: str) -> Outcome:
    """How the message with these words stands."""

    def work(session: Session) -> Outcome:
        for row in session.connection().execute(rows(outbox.c.body, outbox.c.outcome)):
            if row.body and words in json.loads(village.context.keys.open(bytes(row.body)))["text"]:
                return Outcome(row.outcome)
        raise LookupError(words)

    return village.database.submit(in_session(work)).result()


def told_about(village: Village, kind: ReminderKind) -> set[tuple[int, int]]:
    """Whom a reminder of this month would reach."""
    why, now = reason(kind, OCTOBER), at(village.clock.now())
    found = village.database.submit(lambda c: {tuple(row) for row in c.execute(why.query, now)}).result()
    return {(int(subject), int(person)) for subject, person in found}


def test_stop_takes_back_what_waits_and_replies_go_on(village: Village) -> None:
    put(village, "mother", "kabar yang menunggu", "child:1")
    number = remind(village, ReminderKind.CHECK_IN, 1, "mother", ReminderState.QUEUED)
    put(village, "giver", "kabar orang lain", None)
    assert "tidak mengirim pesan lebih dulu" in village.mother.say("stop")
    assert outcome_of(village, "kabar yang menunggu") is Outcome.WITHDRAWN
    assert outcome_of(village, "pengingat") is Outcome.WITHDRAWN
    assert outcome_of(village, "kabar orang lain") is Outcome.WAITING
    state = village.database.submit(in_session(lambda s: s.get_one(Reminder, number).state)).result()
    assert state == ReminderState.WITHDRAWN
    assert "Ada yang bisa saya bantu" in village.mother.say("menu")
    village.clock.advance(timedelta(hours=3))
    assert village.mother.hear() == ""
    assert "kabar orang lain" in village.giver.hear()


def test_nothing_self_started_is_queued_for_who_has_stopped(village: Village) -> None:
    village.giver.say("/stop")
    reached = village.database.submit(
        in_session(lambda s: [contacts_of(s, p.id or 0) for p in s.exec(select(Person)).all()])
    ).result()
    assert sorted(len(one) for one in reached) == [0, 1, 1, 1, 1]
    assert "Pesan dari kami sedang berhenti" in village.giver.say("/start")


def test_opting_in_works_every_time_and_says_so(village: Village) -> None:
    for _ in range(3):
        village.mother.say("/stop")
        village.mother.say("/stop")
        assert "aktif lagi" in village.mother.say("mulai")
        assert "Selamat datang" in village.mother.say("/mulai")
    reached = village.database.submit(
        in_session(lambda s: [bool(contacts_of(s, p.id or 0)) for p in s.exec(select(Person)).all()])
    ).result()
    assert all(reached)


def test_stop_is_a_way_out_of_every_question(village: Village) -> None:
    village.mother.say("/tanya")
    assert "tidak mengirim pesan lebih dulu" in village.mother.say("Stop")


def test_a_withdrawn_consent_stops_every_send_and_view_at_once(village: Village) -> None:
    put(village, "mother", "kabar tentang anak", "child:1")
    put(village, "giver", "kabar keluarga", "child:1")
    planned = remind(village, ReminderKind.FAMILY_NOTICE, 1, "mother", ReminderState.PLANNED)
    remind(village, ReminderKind.CHECK_IN, 1, "mother", ReminderState.QUEUED)
    due = remind(village, ReminderKind.PAYOUT_DUE, 1, "giver", ReminderState.QUEUED)
    assert told_about(village, ReminderKind.CHECK_IN)
    assert "Bintang" in village.giver.say("/anak")

    village.mother.say("/privasi")
    village.mother.tap("Tarik persetujuan")
    assert "sudah ditarik" in village.mother.tap("Ya")

    for words in ("kabar tentang anak", "kabar keluarga", "pengingat check_in"):
        assert outcome_of(village, words) is Outcome.WITHDRAWN
    assert outcome_of(village, "pengingat payout_due") is Outcome.WAITING  # the promise itself goes on
    states = village.database.submit(
        in_session(lambda s: [s.get_one(Reminder, one).state for one in (planned, due)])
    ).result()
    assert states == [ReminderState.WITHDRAWN, ReminderState.QUEUED]
    assert told_about(village, ReminderKind.CHECK_IN) == set()
    assert "Bintang" not in village.giver.say("/anak")
    assert "untuk keluarga" in village.mother.say("/pantau")
    assert "Bintang" not in village.mother.say("/pantau BLT-001")


def test_the_coordinators_see_the_clock_of_three_days(village: Village) -> None:
    village.mother.say("/privasi tarik")
    village.mother.tap("Ya")
    for talk in (village.sijuk, village.district):
        assert "16 Okt 2025 10.00 WIB" in talk.hear()
    assert village.badau.hear() == ""
    village.clock.advance(timedelta(hours=30))
    assert "tinggal 42 jam" in village.sijuk.say("/kontak BLT-001")
    village.clock.advance(timedelta(hours=43))
    assert "batas 3×24 jam lewat" in village.sijuk.say("/kontak BLT-001")
    alerts = village.database.submit(in_session(lambda s: list(s.exec(select(Alert))))).result()
    assert [(a.kind, a.subject, a.area) for a in alerts] == [
        (AlertKind.CONSENT_WITHDRAWN, "child:1", "Sijuk")
    ]


def test_the_coordinators_are_told_in_the_morning_when_it_is_night(village: Village) -> None:
    village.clock.set(datetime(2025, 10, 13, 15, 0, tzinfo=UTC))
    village.mother.say("/privasi tarik")
    village.mother.tap("Ya")
    assert village.sijuk.hear() == ""
    village.clock.set(datetime(2025, 10, 14, 0, 0, tzinfo=UTC))
    assert "Persetujuan ditarik" in village.sijuk.hear()


def test_consent_can_be_given_again_as_often_as_one_likes(village: Village) -> None:
    for _ in range(2):
        village.mother.say("/privasi tarik")
        village.mother.tap("Ya")
        village.mother.tap("Setujui lagi")
        assert "berlaku lagi" in village.mother.tap("Ya, saya setuju")
        assert told_about(village, ReminderKind.CHECK_IN)
    assert "Dua minggu ini" in village.mother.say("/pantau")
    opened = village.database.submit(
        in_session(lambda s: [a for a in s.exec(select(Alert)) if a.closed_at is None])
    ).result()
    assert opened == []
    assert "Bintang" not in village.giver.say("/anak")  # the contact was asked for apart, and is asked again


def test_a_family_corrects_its_name_and_phone_wherever_they_stand(village: Village) -> None:
    village.mother.say("/privasi perbaiki")
    village.mother.tap("Nama saya")
    assert "diperbaiki" in village.mother.say("Melati Contoh Rekaan")
    village.mother.say("/privasi perbaiki")
    village.mother.tap("Nomor HP saya")
    assert "diperbaiki" in village.mother.say("0812 3456 7890")
    card = village.sijuk.say("/kontak BLT-001")
    assert "Melati Contoh Rekaan, +6281234567890" in card
    assert "Melati Contoh Rekaan" in village.mother.say("/privasi")


def test_an_export_holds_everything_and_fits_the_messages(village: Village) -> None:
    village.mother.say("/tanya Kapan bantuan datang?")

    def years(session: Session) -> None:
        from models.checkins import Answers, record_check_in  # noqa: PLC0415 - only here

        for n in range(48):
            record_check_in(session, village.clock.now(), 1, Month(2022, 1).plus(n), by=1, answers=Answers())

    village.database.submit(in_session(years)).result()
    village.mother.out.clear()
    village.mother.say("/privasi unduh")
    assert all(len(message.text) < 4096 for message in village.mother.out)
    said = "\n".join(message.text for message in village.mother.out)
    assert '"name"' not in said
    text = copy_file(village)
    data = json.loads(text[text.index("{") :])
    assert data["name"] == "Ibu Melati Rekaan"
    assert data["children"][0]["name"] == "Bintang Rekaan"
    assert len(data["children"][0]["check_ins"]) == 48
    assert data["questions"][0]["words"] == "Kapan bantuan datang?"
    assert {c["to"] for c in data["consents"]} == {"parental", "family_contact"}


def test_what_is_a_familys_is_not_anothers(village: Village) -> None:
    assert "Tarik persetujuan" not in village.giver.say("/privasi tarik")
    assert "Salinan" not in village.giver.say("/privasi unduh")


def copy_file(village: Village) -> str:
    """The text of the file that came last."""
    document = next(m.document for m in reversed(village.mother.out) if m.document)
    assert document.name == "salinan-data-2025-10-13.txt"
    return build(document.kind, document.data).decode()


def test_a_copy_is_in_words_and_holds_aid_visits_and_measurements_but_no_foster_parent(
    village: Village,
) -> None:
    def month(session: Session) -> None:
        pledge = session.get_one(Pledge, 1)
        a_visit(session, pledge=pledge, note="Rumahnya bocor")
        a_measurement(session, child=session.get_one(Child, 1))
        session.add(
            Payout(pledge_id=1, month=Month(2025, 10), amount_idr=450_000, state=PayoutState.CONFIRMED)
        )

    village.database.submit(in_session(month)).result()
    said = village.mother.say("/privasi unduh")
    for text in (said, copy_file(village)):
        assert "Nama: Bintang Rekaan" in text
        assert "12 Oktober 2025: 8,4 kg · 74,2 cm (posyandu)" in text
        assert "12 Oktober 2025: 🏠 Rumah; keadaan: 😊 Sehat" in text
        assert "Oktober 2025: Rp450.000, diterima" in text
        assert "Budi" not in text
        assert "bocor" not in text
    assert "catatan dan foto kunjungannya" in said


@pytest.mark.parametrize(("phone", "ends"), [("", "langsung di kantornya."), ("0719-1", "0719-1.")])
def test_whom_to_call_reads_well_with_a_phone_and_without(
    database: Database, programme: Programme, keys: KeyRing, clock: FixedClock, phone: str, ends: str
) -> None:
    point = programme.contact.model_copy(update={"phone": phone, "privacy": ""})
    mother = a_village(database, programme.model_copy(update={"contact": point}), keys, clock).mother
    assert mother.say("/privasi").endswith(ends)
    assert ends in mother.say("/bantuan")
