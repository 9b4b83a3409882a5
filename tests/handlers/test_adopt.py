"""Choosing a child: what is held while somebody chooses, and what becomes free again by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from jobs.upkeep import free_shares
from models.children import Child
from models.database import Database, in_session
from models.keys import KeyRing
from models.people import Person
from models.pledges import Pledge, PledgeState
from models.programme import Programme
from tests.builders import LONG_AGO, a_child, a_contact, a_coordinator, a_foster_parent
from tests.clock import FixedClock
from tests.handlers.talk import Talk, buttons


@pytest.fixture
def talks(
    database: Database, programme: Programme, keys: KeyRing, clock: FixedClock
) -> tuple[Talk, Talk, Talk]:
    """Two foster parents and a coordinator, with three children waiting in Sijuk."""
    all_conversations()

    def work(session: Session) -> None:
        for number in (1, 2, 3):
            a_child(session, code=f"BLT-00{number}", area="Sijuk", village="Sijuk")
        for address in ("1", "2"):
            giver = a_foster_parent(session, keys)
            a_contact(session, keys, address=address, person=session.get_one(Person, giver.person_id))
        coordinator = a_coordinator(session, keys)
        a_contact(session, keys, address="3", person=coordinator)

    database.submit(in_session(work)).result()
    context = Context(programme, keys, clock)
    return Talk(database, context, "1"), Talk(database, context, "2"), Talk(database, context, "3")


def offered(talk: Talk) -> set[str]:
    talk.say("/adopsi")
    talk.say("Sijuk")
    codes = {b.label.split(" ")[0] for b in buttons(talk.out[-1]) if b.label.startswith("BLT")}
    talk.say("batal")
    return codes


def choose(talk: Talk) -> str:
    talk.say("/adopsi")
    talk.say("Sijuk")
    code = next(b.label for b in buttons(talk.out[-1]) if b.label.startswith("BLT"))
    talk.tap(code)
    return code.split(" ")[0]


def commit(talk: Talk) -> str:
    talk.tap("Oktober 2025")
    talk.tap("Sampai anak lulus")
    talk.tap("Rp450.000")
    talk.tap("Ya, saya setuju")
    return talk.tap("Ya, saya berkomitmen")


def test_a_child_being_chosen_is_shown_to_nobody_else_until_cancel(talks: tuple[Talk, Talk, Talk]) -> None:
    rina, budi, _ = talks
    code = choose(rina)
    assert code not in offered(budi)
    rina.say("batal")
    assert code in offered(budi)


def test_a_hold_ends_by_itself_after_half_an_hour(talks: tuple[Talk, Talk, Talk], clock: FixedClock) -> None:
    rina, budi, _ = talks
    code = choose(rina)
    clock.advance(timedelta(minutes=29))
    assert code not in offered(budi)
    clock.advance(timedelta(minutes=2))
    assert code in offered(budi)


def test_a_child_pledged_in_full_is_offered_no_more_and_again_when_nobody_approves_in_a_week(
    talks: tuple[Talk, Talk, Talk], database: Database, clock: FixedClock
) -> None:
    rina, budi, _ = talks
    code = choose(rina)
    assert "sudah kami terima" in commit(rina)
    assert code not in offered(budi)
    clock.advance(timedelta(days=7, minutes=1))
    assert code in offered(budi)
    assert database.submit(lambda c: free_shares(c, rina.context)).result() == 1
    assert database.submit(lambda c: free_shares(c, rina.context)).result() == 0
    states = database.submit(in_session(lambda s: list(s.exec(select(Pledge.state))))).result()
    assert states == [PledgeState.LAPSED]
    assert "belum sempat disetujui dalam 7 hari" in rina.say("menu") or any(
        "belum sempat disetujui" in message.text for message in rina.out
    )


def test_a_coordinator_is_told_at_once_by_day_and_in_the_morning_by_night(
    talks: tuple[Talk, Talk, Talk], clock: FixedClock
) -> None:
    rina, _, coordinator = talks
    clock.set(datetime(2025, 10, 13, 15, 30, tzinfo=UTC))  # 22.30 WIB
    choose(rina)
    commit(rina)
    assert "Komitmen baru" not in coordinator.say("menu")
    clock.set(datetime(2025, 10, 14, 0, 0, tzinfo=UTC))  # 07.00 WIB
    assert "Komitmen baru" in coordinator.say("menu")


def test_who_cannot_be_chosen_here_is_said_so_and_the_other_areas_are_offered(
    talks: tuple[Talk, Talk, Talk], database: Database
) -> None:
    rina, budi, _ = talks

    def badau(session: Session) -> None:
        a_child(session, code="BLT-009", area="Badau", village="Badau")

    database.submit(in_session(badau)).result()
    rina.say("/adopsi")
    rina.say("Badau")
    rina.say("BLT-009")
    budi.say("/adopsi")
    said = budi.say("Badau")
    assert "didukung penuh" not in said
    assert "tidak ada anak di *Badau*" in said
    assert "Sijuk (3)" in {button.label for button in buttons(budi.out[-1])}
    budi.tap("Sijuk (3)")
    assert any(button.label.startswith("BLT-00") for button in buttons(budi.out[-1]))


def test_when_everybody_who_waits_is_being_chosen_nobody_is_told_that_all_are_supported(
    talks: tuple[Talk, Talk, Talk], database: Database
) -> None:
    rina, budi, _ = talks

    def supported(session: Session) -> None:
        for code in ("BLT-002", "BLT-003"):
            child = session.exec(select(Child).where(Child.code == code)).one()
            child.silent_since = LONG_AGO
            session.add(child)

    database.submit(in_session(supported)).result()
    choose(rina)
    budi.say("/adopsi")
    said = budi.say("Sijuk")
    assert "didukung penuh" not in said
    assert "sedang dipilih orang lain" in said


def test_a_child_named_with_the_command_is_chosen_and_the_next_question_names_it(
    talks: tuple[Talk, Talk, Talk],
) -> None:
    rina, budi, _ = talks
    assert "BLT-002. Mulai bulan apa" in rina.say("/adopsi blt2").replace("*", "")
    for code in ("BLT-002", "BLT-999"):
        assert f"{code} tidak sedang menunggu" in budi.say(f"/adopsi {code}"), "held, or there is none"
        budi.say("batal")
    assert "BLT-001" in rina.say("kembali"), "back is the list"
    rina.say("3")
    assert "*BLT-003*" in rina.out[-1].text


def test_a_no_to_the_commitment_goes_one_question_back(talks: tuple[Talk, Talk, Talk]) -> None:
    rina, _, _ = talks
    rina.say("/adopsi BLT-001")
    rina.tap("Oktober 2025")
    rina.tap("Sampai anak lulus")
    rina.say("450rb")
    rina.say("ya")
    assert "Komitmen" in rina.out[-1].text
    said = rina.say("tidak")
    assert "belum ada yang disimpan" in said
    assert "kembali" in said
    rina.say("ya")
    assert "sudah kami terima" in rina.say("ya")
