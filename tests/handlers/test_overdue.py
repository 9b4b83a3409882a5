"""C3 /tunggakan kunjungan and /tunggakan pantauan: late visits and open check-ins, each reminded with one button."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models.audit import AuditEntry
from models.checkins import Answers, month_last_asked, record_check_in
from models.children import Child, Guardian
from models.database import in_session
from models.months import Month
from models.people import Person
from models.pledges import Pledge
from models.programme import Programme
from models.reminders import Reminder, ReminderKind
from models.visits import Visit
from tests.builders import a_child, a_foster_parent, a_pledge, a_visit
from tests.handlers.talk import buttons
from tests.handlers.village import Village

OCTOBER = Month(2025, 10)
JULY = Month(2025, 7)


def work(village: Village, doing: Callable[[Session], None]) -> None:
    village.database.submit(in_session(doing)).result()


def long_unvisited(village: Village) -> None:
    """The giver's pledge for BLT-001 is three months old; another giver without a chat has BLT-005 in Badau."""

    def earlier(session: Session) -> None:
        promised = session.get_one(Pledge, 1)
        promised.first_month = JULY
        session.add(promised)
        other = a_child(session, code="BLT-005", name="Guntur Rekaan", area="Badau", village="Badau")
        giver = a_foster_parent(session, village.context.keys, name="Lain Rekaan")
        a_pledge(session, child=other, foster_parent=giver, first_month=JULY)

    work(village, earlier)


def asked(village: Village, *children: int, month: Month = OCTOBER) -> None:
    """The family of BLT-001 has been asked about these children."""

    def reminders(session: Session) -> None:
        mother = session.get_one(Child, 1).guardian_id
        for number in children:
            child = session.get_one(Child, number)
            child.guardian_id = mother
            session.add(child)
            session.add(
                Reminder(
                    kind=ReminderKind.CHECK_IN,
                    subject_id=number,
                    period=str(month),
                    person_id=session.get_one(Guardian, mother).person_id or 0,
                    ends_on=date(2025, 11, 7),
                    planned_ms=0,
                )
            )

    work(village, reminders)


def labels(village: Village) -> list[str]:
    return [button.label for button in buttons(village.district.out[-1])]


def audited(village: Village, act: str) -> int:
    def count(session: Session) -> int:
        return len(session.exec(select(AuditEntry).where(col(AuditEntry.act) == act)).all())

    return village.database.submit(in_session(count)).result()


# --- visits ----------------------------------------------------------------------------------------------------


def test_late_visits_name_child_giver_phone_and_months(village: Village) -> None:
    long_unvisited(village)
    village.district.say("/tunggakan")
    assert "🏠 Kunjungan (2)" in labels(village)
    said = village.district.tap("🏠 Kunjungan (2)")
    assert "*BLT-001* · Sijuk · 3 bulan" in said
    assert "Budi Rekaan, +62" in said
    assert "*BLT-005* · Badau · 3 bulan" in said
    assert "Budi" not in village.badau.say("/tunggakan kunjungan")
    assert "BLT-005" in village.badau.out[-1].text


def test_each_visitor_is_reminded_once_a_day_and_who_has_no_chat_is_counted(village: Village) -> None:
    long_unvisited(village)
    village.district.say("/tunggakan kunjungan")
    said = village.district.tap("🔔 Ingatkan semua (2)")
    assert "1 pengingat sudah dikirim" in said
    assert "1 tidak dapat dikirimi lewat bot" in said
    heard = village.giver.hear()
    assert "3 bulan belum ada kunjungan yang tercatat untuk *BLT-001*" in heard
    assert "1 baru saja diingatkan" in village.district.say("/tunggakan kunjungan ingatkan")
    assert village.giver.hear() == ""
    assert "diingatkan" in village.district.say("/tunggakan kunjungan")
    assert audited(village, "reminded_visit") == 1
    village.clock.advance(timedelta(days=1))
    village.district.say("/tunggakan kunjungan ingatkan")
    assert "BLT-001" in village.giver.hear()


def test_several_late_children_are_one_message(village: Village) -> None:
    long_unvisited(village)

    def second(session: Session) -> None:
        first = session.get_one(Pledge, 1)
        other = a_child(session, code="BLT-006", name="Hujan Rekaan")
        more = a_pledge(session, child=other, foster_parent=a_foster_parent(session, village.context.keys))
        more.first_month, more.visitor_id = JULY, first.foster_parent_id
        session.add(more)
        a_visit(session, pledge=first, visited_on=date(2025, 8, 1))

    work(village, second)
    village.district.say("/tunggakan kunjungan ingatkan")
    heard = village.giver.hear()
    assert "untuk *BLT-006*. Begitu juga 1 anak asuh lain." in heard


def test_who_opted_out_is_to_be_called_and_a_silent_child_is_not_listed(village: Village) -> None:
    long_unvisited(village)

    def opted_out(session: Session) -> None:
        giver = session.get_one(Person, session.get_one(Pledge, 1).foster_parent_id)
        giver.messages_off_at = village.clock.now()
        session.add(giver)

    work(village, opted_out)
    said = village.district.say("/tunggakan kunjungan ingatkan")
    assert "Tidak ada pengingat baru" in said
    assert "2 tidak dapat dikirimi lewat bot" in said
    assert village.giver.hear() == ""

    def hush(session: Session) -> None:
        child = session.get_one(Child, 1)
        child.silent_since = village.clock.now()
        session.add(child)

    work(village, hush)
    assert "BLT-001" not in village.district.say("/tunggakan kunjungan")


def test_a_visit_takes_the_child_off_the_list(village: Village) -> None:
    long_unvisited(village)

    def seen(session: Session) -> None:
        for promised in session.exec(select(Pledge)).all():
            a_visit(session, pledge=promised)
        assert session.exec(select(Visit)).first()

    work(village, seen)
    assert "sudah dikunjungi" in village.district.say("/tunggakan kunjungan")


# --- check-ins -------------------------------------------------------------------------------------------------


def test_open_check_ins_are_listed_and_their_families_reminded_once(village: Village) -> None:
    village.clock.set(datetime(2025, 10, 22, 3, tzinfo=UTC))
    asked(village, 1, 2)
    village.district.say("/tunggakan")
    said = village.district.tap("🥗 Pantauan (2)")
    assert "Pantauan Oktober 2025 belum dijawab* (2 anak)" in said
    assert "*BLT-001* · Sijuk" in said
    assert "BLT-001" not in village.badau.say("/tunggakan pantauan")
    assert "1 pengingat sudah dikirim" in village.district.tap("🔔 Ingatkan semua (2)")
    assert "Pantauan gizi Oktober 2025 untuk *BLT-001* belum dijawab" in village.mother.hear()
    assert "apakah ia sakit" in village.mother.tap("Jawab sekarang")
    assert "1 baru saja diingatkan" in village.district.say("/tunggakan pantauan ingatkan")
    assert audited(village, "reminded_check_in") == 1


def test_who_has_answered_or_was_not_asked_is_not_listed(village: Village) -> None:
    village.clock.set(datetime(2025, 10, 22, 3, tzinfo=UTC))
    assert "sudah menjawab" in village.district.say("/tunggakan pantauan")
    asked(village, 1)

    def answer(session: Session) -> None:
        record_check_in(session, village.clock.now(), 1, OCTOBER, by=1, answers=Answers())

    work(village, answer)
    assert "sudah menjawab" in village.district.say("/tunggakan pantauan")


@pytest.mark.parametrize(
    ("day", "month", "reminds"),
    [(3, "September", True), (13, "September", False), (20, "Oktober", True)],
)
def test_before_the_day_for_asking_the_month_before_is_shown(
    village: Village, day: int, month: str, reminds: bool
) -> None:
    village.clock.set(datetime(2025, 10, day, 3, tzinfo=UTC))
    asked(village, 1, month=OCTOBER if month == "Oktober" else OCTOBER.plus(-1))
    said = village.district.say("/tunggakan")
    assert f"Pantauan gizi {month} 2025: terjawab untuk 0 dari 1 anak" in said
    assert f"Pantauan {month} 2025" in village.district.say("/tunggakan pantauan")
    assert any("Ingatkan" in label for label in labels(village)) is reminds
    village.district.say("/tunggakan pantauan ingatkan")
    assert bool(village.mother.hear()) is reminds


def test_the_month_last_asked_about(programme: Programme) -> None:
    assert month_last_asked(programme, date(2026, 1, 19)) == Month(2025, 12)
    assert month_last_asked(programme, date(2026, 1, 20)) == Month(2026, 1)
