"""C3 /tunggakan: everybody who is late can be seen, it says whom no reminder reaches; the week counts what waits."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from handlers.catalogue import all_conversations
from handlers.digest import digest
from handlers.kit.chat import Context
from handlers.texts import render
from models.database import Database, in_session
from models.grants import Grant
from models.keys import KeyRing
from models.months import Month
from models.payouts import Payout, PayoutState
from models.people import Person
from models.programme import Programme
from tests.builders import a_child, a_contact, a_coordinator, a_foster_parent, a_pledge, id_of
from tests.clock import MONDAY_MORNING, FixedClock
from tests.handlers.talk import Post, Talk

LATE = 23
"""So many transfers are late; one giver, late with two months of a child, has a chat."""


@pytest.fixture
def desk(database: Database, keys: KeyRing, programme: Programme, clock: FixedClock) -> Talk:
    """The coordinator's chat."""
    all_conversations()
    last = Month.of(MONDAY_MORNING.date()).plus(-1)

    def fill(session: Session) -> None:
        a_contact(session, keys, address="desk", person=a_coordinator(session, keys))
        for number in range(LATE - 1):
            giver = a_foster_parent(session, keys)
            promised = a_pledge(session, child=a_child(session), foster_parent=giver)
            for month in (last.plus(-1), last) if number == 0 else (last,):
                session.add(
                    Payout(pledge_id=id_of(promised), month=month, amount_idr=450_000, state=PayoutState.DUE)
                )
            if number == 0:
                person = session.get_one(Person, giver.person_id)
                a_contact(session, keys, address="giver", person=person)

    database.submit(in_session(fill)).result()
    return Talk(database, Context(programme, keys, clock), "desk", Post(list))


def test_page_by_page_everybody_is_shown_once(desk: Talk) -> None:
    said = [desk.say("/tunggakan"), desk.tap("Berikutnya ›"), desk.tap("Berikutnya ›")]
    assert all(f"({LATE}, " in page for page in said)
    pages = [re.findall(r"BLT-\d+", page) for page in said]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert len({code for page in pages for code in page}) == LATE - 1
    assert "Berikutnya" not in str(desk.out[-1].rows)
    assert "10 lagi" not in said[2]


def test_a_child_is_named_with_its_month_where_it_is_late_with_two(desk: Talk) -> None:
    desk.say("/tunggakan")
    labels = [button.label for row in desk.out[-1].rows for button in row if "BLT-" in button.label]
    assert len(labels) == len(set(labels)) == 6
    assert {"🔔 BLT-001 2025-08", "🔔 BLT-001 2025-09", "🔔 BLT-002"} <= set(labels)


def test_a_page_that_is_no_more_is_the_first(desk: Talk) -> None:
    assert "BLT-001" in desk.say("/tunggakan lanjut 4711")
    assert "BLT-001" in desk.say("/tunggakan lanjut dua")


@pytest.mark.parametrize("wanted", ["abc", "99999", "17 18"])
def test_what_is_not_known_is_said_and_the_list_shown(desk: Talk, wanted: str) -> None:
    said = desk.say(f"/tunggakan {wanted}")
    assert f"*{wanted}* bukan setoran yang terlambat" in said
    assert "Tidak ada setoran yang terlambat" not in said
    assert f"({LATE}, " in said


def test_who_was_reminded_just_now_and_who_is_to_be_called_are_told_apart(desk: Talk) -> None:
    desk.say("/tunggakan")
    said = desk.tap(f"🔔 Ingatkan semua ({LATE})")
    assert "2 pengingat sudah dikirim" in said
    assert "21 tidak dapat dikirimi lewat bot" in said
    assert "baru saja" not in said
    assert len(desk.post["giver"]) == 2
    again = desk.say("/tunggakan ingatkan")
    assert "Tidak ada pengingat baru" in again
    assert "2 baru saja diingatkan" in again
    assert len(desk.post["giver"]) == 2


def test_the_week_counts_what_waits_in_the_queue(desk: Talk) -> None:
    def week(session: Session) -> str:
        coordinator = session.exec(select(Grant.person_id)).one()
        return render(digest(session, desk.context, coordinator)[0], "id")

    def report(session: Session) -> None:
        for payout in session.exec(select(Payout).limit(4)):
            payout.state, payout.reported_at = PayoutState.REPORTED, MONDAY_MORNING - timedelta(days=1)
            payout.reported_idr = payout.amount_idr
            session.add(payout)

    desk.database.submit(in_session(report)).result()
    words = desk.database.submit(in_session(week)).result()
    assert "Penyaluran perlu dipastikan: 4" in words, "of their families none has joined"
    assert "(4 menunggu)" in desk.say("/antrean")
