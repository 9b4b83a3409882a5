"""/ajak: whoever comes by a link is counted once, a link gives no role, and no child stands in what is passed on."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from handlers.kit.messages import Outbound
from jobs import charts
from jobs.claiming import claim_written
from jobs.schedule import run_through
from models.children import Child
from models.contacts import belongs_to
from models.database import Database, in_session
from models.grants import Grant
from models.keys import KeyRing
from models.months import Month
from models.organisations import Organisation, OrganisationKind
from models.people import FosterParent, Standing
from models.programme import Programme
from models.recommendations import Reach, Referral, note_arrival, reach_of, recommendation_code
from tests.builders import a_child, a_contact, a_coordinator, a_foster_parent, a_person, a_pledge, id_of
from tests.clock import MONDAY_MORNING, FixedClock
from tests.handlers.talk import Talk

OCTOBER = Month(2025, 10)
DOOR = "https://t.me/rekaan_bot?start=kode-{code}"


@pytest.fixture
def giver(database: Database, keys: KeyRing, programme: Programme, clock: FixedClock) -> Talk:
    """A foster parent of an office of ten, who gives; another office, of twenty, where nobody does."""
    all_conversations()

    def fill(session: Session) -> None:
        education = Organisation(name="Dinas Pendidikan Rekaan", kind=OrganisationKind.OPD, staff_count=10)
        health = Organisation(name="Dinas Kesehatan Rekaan", kind=OrganisationKind.OPD, staff_count=20)
        session.add_all([education, health])
        session.flush()
        person = a_person(session, keys, name="Kenari Pemberi")
        gives = a_foster_parent(session, keys, person=person)
        gives.organisation_id = education.id
        a_contact(session, keys, address="100", person=person)
        a_pledge(session, child=a_child(session, name="Kenari Anak"), foster_parent=gives)
        a_child(session, name="Kenari Menunggu")

    database.submit(in_session(fill)).result()
    return Talk(database, Context(programme, keys, clock, (DOOR,)))


def guest(giver: Talk, address: str) -> Talk:
    return Talk(giver.database, giver.context, address)


def code_of(giver: Talk) -> str:
    giver.say("/ajak")
    return giver.out[-1].text.partition("kode-")[2][:9]


def test_the_card_is_for_passing_on_and_has_no_child_in_it(giver: Talk) -> None:
    said = giver.say("/ajak")
    card = giver.out[-1]
    assert card.to_pass_on
    assert "1 anak" in said
    assert "peringkat 1 dari 3 OPD (10,0" in said
    assert card.picture is not None
    kind, data = card.picture
    shown = f"{card.text} {data}"
    assert "Kenari Pemberi" in shown
    assert "t.me/rekaan_bot?start=kode-" in shown
    assert [words for words in ("BLT-", "Kenari Anak", "Kenari Menunggu") if words in shown] == []
    assert kind in charts.SHAREABLE
    assert charts.draw(kind, data).startswith(b"\x89PNG")


def test_a_guest_is_greeted_counted_once_and_gets_no_role(giver: Talk, database: Database) -> None:
    code = code_of(giver)
    new = guest(giver, "200")
    for _ in range(2):
        said = new.say(f"/kode {code}")
        assert "*Kenari Pemberi* mengajak" in said
    assert "dibuka 1 orang, 0 mendaftar" in giver.say("/ajak")
    assert database.submit(in_session(lambda s: s.exec(select(Grant)).all())).result() == []


def test_the_own_link_and_that_of_a_second_one_count_nothing(
    giver: Talk, database: Database, keys: KeyRing
) -> None:
    def plant(session: Session) -> str:
        other = a_person(session, keys, name="Kenari Lain")
        a_foster_parent(session, keys, person=other)
        return recommendation_code(session, MONDAY_MORNING, id_of(other))

    code, others = code_of(giver), database.submit(in_session(plant)).result()
    assert "sudah terdaftar" in giver.say(f"/kode {code}")
    new = guest(giver, "200")
    new.say(f"/kode {others}")
    new.say(f"/kode {code}")
    counted = database.submit(in_session(lambda s: s.exec(select(Referral)).all())).result()
    assert len(counted) == 1
    assert "milik Bapak/Ibu sendiri" in giver.say("/ajak")


def test_the_count_follows_from_opening_to_signing_up_to_giving(database: Database, keys: KeyRing) -> None:
    def play(session: Session) -> list[Reach]:
        by = id_of(a_person(session, keys))
        seen = [reach_of(session, by, OCTOBER)]
        contact = a_contact(session, keys, address="300")
        assert note_arrival(session, MONDAY_MORNING, id_of(contact), by)
        seen.append(reach_of(session, by, OCTOBER))
        person = a_person(session, keys)
        new = a_foster_parent(session, keys, person=person)
        belongs_to(session, id_of(contact), person)
        session.expire_all()
        seen.append(reach_of(session, by, OCTOBER))
        for _ in range(2):
            a_pledge(session, child=a_child(session), foster_parent=new)
        seen.append(reach_of(session, by, OCTOBER))
        session.get_one(FosterParent, person.id).standing = Standing.REJECTED
        session.flush()
        seen.append(reach_of(session, by, OCTOBER))
        return seen

    expected = [Reach(0, 0, 0), Reach(1, 0, 0), Reach(1, 1, 0), Reach(1, 1, 1), Reach(1, 0, 0)]
    assert database.submit(in_session(play)).result() == expected


def test_the_offices_are_ranked_by_the_share_that_gives(giver: Talk) -> None:
    said = giver.say("/ajak opd")
    assert "1. Dinas Pendidikan Rekaan: *10,0 %*" in said
    assert "2. Dinas Kesehatan Rekaan: *0,0 %*" in said
    assert "OPD lain" not in said


def test_offices_beyond_the_first_ten_are_counted(giver: Talk) -> None:
    def more(session: Session) -> None:
        for number in range(13):
            session.add(
                Organisation(name=f"Kantor Rekaan {number}", kind=OrganisationKind.OPD, staff_count=5)
            )

    giver.database.submit(in_session(more)).result()
    assert "dan 6 OPD lain" in giver.say("/ajak opd")


def test_a_coordinator_may_invite_and_a_family_may_not(
    giver: Talk, database: Database, keys: KeyRing
) -> None:
    def plant(session: Session) -> None:
        a_contact(
            session, keys, address="400", person=a_coordinator(session, keys, name="Kenari Koordinator")
        )

    database.submit(in_session(plant)).result()
    assert "Kenari Koordinator" in guest(giver, "400").say("/ajak")
    assert "Kenari" not in guest(giver, "500").say("/ajak")


def test_nobody_is_invited_to_children_who_all_have_support(
    giver: Talk, database: Database, keys: KeyRing
) -> None:
    def support(session: Session) -> None:
        waiting = [c for c in session.exec(select(Child)).all() if c.name == "Kenari Menunggu"]
        a_pledge(session, child=waiting[0], foster_parent=a_foster_parent(session, keys))

    database.submit(in_session(support)).result()
    assert "Semua anak dalam daftar sudah" in giver.say("/ajak")
    assert nudged(giver) == []


def nudged(giver: Talk) -> list[str]:
    """Let the 20th come; return who is told of the children who wait."""
    context = giver.context
    clock = context.clock
    assert isinstance(clock, FixedClock)
    clock.set(datetime(2025, 10, 20, 3, tzinfo=UTC))
    giver.database.submit(lambda c: run_through(c, context)).result()
    _, leaving = giver.database.submit(lambda c: claim_written(c, context, "telegram", 100)).result()
    said = [(m.address, Outbound.load(json.loads(m.body)).text) for m in leaving]
    return [address for address, text in said if "1 anak* masih menunggu" in text]


def test_whoever_signed_up_and_gives_nothing_is_told_of_those_who_wait(
    giver: Talk, database: Database, keys: KeyRing
) -> None:
    def plant(session: Session) -> None:
        for address, days, standing in (
            ("500", 30, Standing.VERIFIED),
            ("600", 5, Standing.VERIFIED),
            ("700", 30, Standing.PENDING),
        ):
            person = a_person(session, keys)
            idle = a_foster_parent(session, keys, person=person)
            idle.registered_at, idle.standing = MONDAY_MORNING - timedelta(days=days), standing
            a_contact(session, keys, address=address, person=person)

    database.submit(in_session(plant)).result()
    assert nudged(giver) == ["500"]
    assert nudged(giver) == [], "once a month"
