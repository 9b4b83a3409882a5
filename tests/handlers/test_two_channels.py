"""One person, several chats; and who somebody is where no identity number may be asked."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlmodel import Session, select

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from handlers.kit.messages import SHOW, Outbound
from models.alerts import Alert, AlertKind
from models.codes import CodePurpose as Purpose
from models.codes import OneTimeCode, link_code, open_code, staff_code
from models.contacts import LINK_SETTLES, Contact, contact_for, second_contact, settle_address
from models.database import Database, in_session
from models.grants import GUESSES_PER_HOUR
from models.keys import KeyRing
from models.messages import Priority
from models.outbox import WINDOW, Held, Outgoing, mark, queue
from models.people import FosterParent, Standing, staff_not_signed_up
from models.programme import Programme
from tests.builders import a_contact, a_nip, a_person, a_roster_entry, an_organisation, id_of
from tests.clock import FixedClock
from tests.handlers.talk import Talk

PHONE, NAME = "+628120000001", "Rina Rekaan"


class Elsewhere(Talk):
    """A chat on a platform that vouches for numbers, limits free text, and forbids asking for identity numbers."""

    channel = "whatsapp"

    def take(self, **what: Any) -> str:
        known = {"phone": f"+{self.address}", "no_ids": True, "free_until_ms": 10**13}
        return super().take(**{**known, **what})

    def until_the_number(self, name: str = NAME) -> None:
        """Sign up as an ASN until the own number is asked for."""
        for says in ("/daftar", "ya, saya setuju", "asn", name, "Dinas Rekaan"):
            self.say(says)


@pytest.fixture
def context(programme: Programme, keys: KeyRing, clock: FixedClock) -> Context:
    all_conversations()
    return Context(
        programme, keys, clock, ("https://t.me/bot?start=kode-{code}", "https://wa.me/62?text=kode%20{code}")
    )


@pytest.fixture
def rina(database: Database, context: Context) -> Elsewhere:
    return Elsewhere(database, context, PHONE.removeprefix("+"))


def on_staff_list(database: Database, *, phone: str | None = PHONE, name: str = NAME) -> str:
    """Put somebody on the staff list; return the blind index of their NIP."""

    def add(session: Session) -> str:
        office = an_organisation(session, name="Dinas Rekaan")
        entry = a_roster_entry(
            session, database.keys, nip=a_nip(7), name=name, phone=phone, organisation=office
        )
        return entry.nip_index

    return database.submit(in_session(add)).result()


def standing(database: Database) -> tuple[Standing, str | None]:
    def read(session: Session) -> tuple[Standing, str | None]:
        found = session.exec(select(FosterParent)).one()
        return found.standing, found.nip

    return database.submit(in_session(read)).result()


def test_the_staff_lists_number_verifies_without_a_nip(database: Database, rina: Elsewhere) -> None:
    on_staff_list(database)
    rina.until_the_number()
    assert "NIP" not in " ".join(message.text for message in rina.out[1:])
    assert "Mohon periksa" in rina.say("0812-0000-001")
    assert "langsung terverifikasi" in rina.say("ya")
    assert standing(database) == (Standing.VERIFIED, a_nip(7))


def test_a_number_that_is_only_typed_proves_nothing(database: Database, context: Context) -> None:
    on_staff_list(database)
    stranger = Elsewhere(database, context, "628129999999")
    stranger.until_the_number()
    assert "kode sekali pakai" in stranger.say("0812-0000-001")
    stranger.say("belum punya kode")
    assert "Koordinator akan memeriksanya" in stranger.say("ya")
    assert standing(database) == (Standing.PENDING, None)


def test_another_name_under_the_right_number_proves_nothing(database: Database, rina: Elsewhere) -> None:
    on_staff_list(database, name="Orang Lain")
    rina.until_the_number()
    assert "kode sekali pakai" in rina.say("0812-0000-001")


def test_the_offices_code_verifies_once(database: Database, context: Context, rina: Elsewhere) -> None:
    index = on_staff_list(database, phone=None)
    code = database.submit(
        in_session(lambda s: staff_code(s, database.keys, context.clock.now(), index))
    ).result()
    rina.until_the_number()
    rina.say("0812-0000-001")
    assert "tidak berlaku" in rina.say("AAAA-BBBB")
    assert "Mohon periksa" in rina.say(code.lower())
    assert "langsung terverifikasi" in rina.say("ya")
    assert standing(database) == (Standing.VERIFIED, a_nip(7))
    left = database.submit(
        in_session(lambda s: open_code(s, database.keys, context.clock.now(), code, Purpose.STAFF))
    ).result()
    assert left is None


def test_an_offices_code_cannot_be_guessed_on_and_on(
    database: Database, context: Context, clock: FixedClock, rina: Elsewhere
) -> None:
    index = on_staff_list(database, phone=None)
    code = database.submit(in_session(lambda s: staff_code(s, database.keys, clock.now(), index))).result()
    rina.until_the_number()
    rina.say("0812-0000-001")
    for number in range(GUESSES_PER_HOUR):
        assert "tidak berlaku" in rina.say(f"AAAA-BBB{number + 2}")
    assert "Terlalu banyak" in rina.say(code)
    assert "Terlalu banyak" in Elsewhere(database, context, rina.address, rina.post).take(
        text=f"/kode {code}", update_id="typed as a role's"
    )
    clock.advance(timedelta(hours=1))
    rina.say("Ya, lanjutkan")
    assert "Mohon periksa" in rina.say(code)
    rina.say("ya")
    assert standing(database) == (Standing.VERIFIED, a_nip(7))


def test_a_code_is_of_use_only_to_whom_it_names(
    database: Database, context: Context, rina: Elsewhere
) -> None:
    index = on_staff_list(database, phone=None, name="Orang Lain")
    code = database.submit(
        in_session(lambda s: staff_code(s, database.keys, context.clock.now(), index))
    ).result()
    rina.until_the_number()
    rina.say("0812-0000-001")
    rina.say(code)
    assert "Koordinator akan memeriksanya" in rina.say("ya")
    assert standing(database) == (Standing.PENDING, None)


def test_an_offices_codes_are_for_those_who_have_not_signed_up(database: Database) -> None:
    on_staff_list(database)
    names = database.submit(
        in_session(lambda s: [e.name for e in staff_not_signed_up(s, " dinas  REKAAN")])
    ).result()
    assert names == [NAME]


def known(database: Database, context: Context) -> tuple[int, str]:
    """Somebody known on one channel; return their id and a code that links another chat."""

    def add(session: Session) -> tuple[int, str]:
        person = a_person(session, database.keys, name=NAME)
        a_contact(session, database.keys, person=person, address="700")
        return id_of(person), link_code(session, database.keys, context.clock.now(), id_of(person))

    return database.submit(in_session(add)).result()


def test_a_code_links_another_chat_and_news_go_where_the_person_wants(
    database: Database, context: Context, rina: Elsewhere
) -> None:
    person_id, code = known(database, context)
    assert "Ke mana kabar" in rina.say(f"/kode {code}")
    assert NAME in rina.say("ke obrolan ini")
    chosen = database.submit(in_session(lambda s: contact_for(s, person_id))).result()
    assert chosen is not None
    assert chosen.channel == "whatsapp"
    assert "tidak berlaku" in rina.say(f"/kode {code}")


def test_without_a_wish_news_stay_where_they_were(
    database: Database, context: Context, rina: Elsewhere
) -> None:
    person_id, code = known(database, context)
    rina.say(f"/kode {code}")
    rina.say("tetap yang lama")
    chosen = database.submit(in_session(lambda s: contact_for(s, person_id))).result()
    assert chosen is not None
    assert chosen.channel == "telegram"


def test_a_link_code_lapses(database: Database, context: Context, clock: FixedClock, rina: Elsewhere) -> None:
    _, code = known(database, context)
    clock.advance(timedelta(minutes=31))
    assert "tidak berlaku" in rina.say(f"/kode {code}")


def test_a_chat_of_somebody_else_is_not_taken_over(
    database: Database, context: Context, rina: Elsewhere
) -> None:
    _, code = known(database, context)
    on_staff_list(database)
    rina.until_the_number()
    rina.say("0812-0000-001")
    rina.say("ya")
    assert "sudah dipakai oleh orang lain" in rina.say(f"/kode {code}")
    spent = database.submit(in_session(lambda s: s.exec(select(OneTimeCode.used_at)).all())).result()
    assert spent == [None]


# -- the same person under two names --------------------------------------------------------------------------------


def settle(database: Database, clock: FixedClock, address: str, also: str | None = None) -> str:
    return database.submit(
        lambda c: settle_address(c, database.keys, clock.now(), "whatsapp", address, also)
    ).result()


def contacts(database: Database) -> list[tuple[str, str | None]]:
    return database.submit(
        in_session(lambda s: [(c.address, c.alias) for c in s.exec(select(Contact))])
    ).result()


def test_a_second_name_is_learnt_and_leads_to_the_same_chat(database: Database, clock: FixedClock) -> None:
    assert settle(database, clock, "628120000001") == "628120000001"
    assert settle(database, clock, "628120000001", "ID.1") == "628120000001"
    assert settle(database, clock, "ID.1") == "628120000001"
    assert contacts(database) == [("628120000001", "ID.1")]


def test_a_hidden_number_that_shows_itself_keeps_its_chat(database: Database, clock: FixedClock) -> None:
    assert settle(database, clock, "ID.1") == "ID.1"
    assert settle(database, clock, "628120000001", "ID.1") == "628120000001"
    assert contacts(database) == [("628120000001", "ID.1")]


def test_two_people_stay_two(database: Database, clock: FixedClock) -> None:
    settle(database, clock, "628120000001", "ID.1")
    settle(database, clock, "628120000002", "ID.2")
    assert len(contacts(database)) == 2


def test_a_changed_number_takes_its_chat_along(database: Database, rina: Elsewhere) -> None:
    rina.say("/daftar")
    rina.take(moved_to=("628120000009", "ID.9"), phone=None)
    moved = Elsewhere(database, rina.context, "628120000009")
    assert "sebagai apa" in moved.say("ya, saya setuju")
    assert contacts(database) == [("628120000009", "ID.9")]


# -- what was held back -----------------------------------------------------------------------------------------------


def put(database: Database, context: Context, contact_address: str, words: str) -> int:
    """Queue news for a chat; return the row's id."""
    now = context.clock.now()

    def work(connection: Connection) -> int:
        def contact_id(session: Session) -> int:
            index = database.keys.index(contact_address)
            return id_of(session.exec(select(Contact).where(Contact.address_index == index)).one())

        body = database.keys.seal(json.dumps(Outbound(words).dump()).encode())
        queue(
            connection,
            now,
            [Outgoing("whatsapp", in_session(contact_id)(connection), Priority.NOTICE, body, now)],
        )
        return int(connection.exec_driver_sql("SELECT max(id) FROM outbox").scalar_one())

    return database.submit(work).result()


def hold(database: Database, context: Context, contact_address: str) -> None:
    newest = put(database, context, contact_address, "Komitmen disetujui")
    database.submit(lambda c: mark(c, context.clock.now(), [Held(newest, WINDOW)])).result()


def test_what_was_held_comes_when_the_person_taps_or_writes(database: Database, rina: Elsewhere) -> None:
    rina.say("/daftar")
    hold(database, rina.context, rina.address)
    assert rina.take(choice=SHOW) == "Komitmen disetujui"
    hold(database, rina.context, rina.address)
    assert "Komitmen disetujui" in rina.say("ya, saya setuju")


def test_a_second_tap_goes_on_with_what_is_running(database: Database, rina: Elsewhere) -> None:
    rina.say("/daftar")
    assert "Setuju?" in rina.take(choice=SHOW)


def test_a_reaction_is_no_answer(database: Database, rina: Elsewhere) -> None:
    rina.say("/daftar")
    assert rina.take(quiet=True) == ""
    assert "sebagai apa" in rina.say("ya, saya setuju")


# -- a number that somebody else gets -------------------------------------------------------------------------------

NEW = "628120000009"


def signed_up(database: Database, rina: Elsewhere) -> Elsewhere:
    """Sign Rina up; return the chat that she has begun under a new number."""
    on_staff_list(database)
    rina.until_the_number()
    rina.say("0812-0000-001")
    rina.say("ya")
    moved = Elsewhere(database, rina.context, NEW, rina.post)
    moved.say("halo")
    return moved


def a_new_owner(rina: Elsewhere) -> Elsewhere:
    """Whoever gets the number that Rina has given up."""
    recycled = Elsewhere(rina.database, rina.context, rina.address, rina.post)
    recycled.updates = 1000
    return recycled


def test_a_chat_begun_under_the_new_number_takes_the_person_and_the_old_number_is_nobodys(
    database: Database, rina: Elsewhere
) -> None:
    moved = signed_up(database, rina)
    rina.say("/adopsi")  # a dialog that nobody else may go on with
    rina.take(also="ID.1", moved_to=(NEW, None))
    assert NAME in moved.take(text="/privasi", also="ID.1")
    recycled = a_new_owner(rina)
    assert NAME not in recycled.say("halo")
    assert "belum menyimpan" in recycled.say("/privasi")
    assert NAME in moved.say("/privasi")


def test_what_waited_for_the_old_number_comes_to_the_new_one_only(
    database: Database, clock: FixedClock, rina: Elsewhere
) -> None:
    moved = signed_up(database, rina)
    hold(database, rina.context, rina.address)
    put(database, rina.context, rina.address, "Pengingat setor")
    rina.take(moved_to=(NEW, None))
    recycled = a_new_owner(rina)
    said = recycled.say("halo")
    heard = moved.hear()
    for words in ("Komitmen disetujui", "Pengingat setor"):
        assert words not in said
        assert words in heard


def test_a_number_that_somebody_else_has_registered_with_takes_nothing_over(
    database: Database, context: Context, rina: Elsewhere
) -> None:
    moved = signed_up(database, rina)

    def another(session: Session) -> int:
        contact = session.exec(select(Contact).where(Contact.address_index == database.keys.index(NEW))).one()
        contact.person_id = id_of(a_person(session, database.keys, name="Orang Lain"))
        return contact.person_id

    other = database.submit(in_session(another)).result()
    put(database, context, rina.address, "Pengingat setor")
    rina.take(moved_to=(NEW, None))
    assert "Pengingat setor" not in moved.hear()
    assert NAME not in moved.say("/privasi")
    whose = database.submit(
        in_session(lambda s: s.exec(select(Contact).where(Contact.person_id == other)).one().address)
    ).result()
    assert whose == NEW
    open_alerts = database.submit(in_session(lambda s: s.exec(select(Alert.kind)).all())).result()
    assert open_alerts == [AlertKind.UNREACHABLE]
    recycled = a_new_owner(rina)
    assert "belum menyimpan" in recycled.say("/privasi")


def test_a_chat_that_took_a_person_over_proves_nothing_for_a_day(
    database: Database, clock: FixedClock, rina: Elsewhere
) -> None:
    signed_up(database, rina)
    rina.take(moved_to=(NEW, None))

    def proves(session: Session) -> bool:
        found = session.exec(select(FosterParent)).one()
        return second_contact(session, clock.now(), found.person_id, "telegram") is not None

    assert not database.submit(in_session(proves)).result()
    clock.advance(LINK_SETTLES)
    assert database.submit(in_session(proves)).result()
