"""A file with names leaves only with a second factor: a code on the other channel, or a colleague's yes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from models.audit import AuditEntry
from models.bounces import give_up_chat
from models.codes import CODE_ALPHABET
from models.contacts import LINK_SETTLES, Contact
from models.database import Database, in_session
from models.file_requests import APPROVAL_LASTS, ASKED_PER_HOUR, CODE_LASTS, TRIES, FileRequest
from models.grants import Grant
from models.keys import KeyRing
from models.messages import Outcome, outbox
from models.programme import Programme
from tests.builders import a_child, a_contact, a_coordinator, id_of
from tests.clock import FixedClock
from tests.handlers.talk import Ask, Post, Talk, code_in

MOMENT = timedelta(microseconds=1)
WRONG = "AAAA-BBBB"
NIGHT = datetime(2025, 10, 13, 16, 0, tzinfo=UTC)
"""23.00 in Belitung."""


class Green(Talk):
    """A chat on WhatsApp."""

    channel = "whatsapp"

    def take(self, **what: Any) -> str:
        return super().take(**{"phone": f"+{self.address}", "no_ids": True, "free_until_ms": 10**13, **what})


class Desk:
    """A coordinator's two chats, one a channel, and their colleagues."""

    def __init__(self, database: Database, context: Context, asking: str) -> None:
        keys = context.keys

        def fill(session: Session) -> None:
            a_child(session, name="Kenari Satu")
            a_child(session, name="Merpati Dua", area="Badau", village="Badau")
            me = a_coordinator(session, keys, name="Kartika Rekaan")
            a_contact(session, keys, address="100", person=me)
            a_contact(session, keys, channel="whatsapp", address="628001", person=me)
            self.id = id_of(me)
            self.colleague_id = id_of(colleague := a_coordinator(session, keys, name="Wahyu Rekaan"))
            a_contact(session, keys, address="200", person=colleague)
            sijuk = a_coordinator(session, keys, name="Bagas Rekaan", area="Sijuk")
            a_contact(session, keys, address="300", person=sijuk)

        database.submit(in_session(fill)).result()
        post = Post(list)
        chats = {
            "telegram": Talk(database, context, "100", post),
            "whatsapp": Green(database, context, "628001", post),
        }
        self.here = chats.pop(asking)
        [self.there] = chats.values()
        self.colleague = Talk(database, context, "200", post)
        self.sijuk = Talk(database, context, "300", post)

    def ask_for_the_children(self, chat: Talk | None = None) -> str:
        chat = chat or self.here
        for words in ("/ekspor", "anak", "dengan nama"):
            chat.say(words)
        return chat.say("ya, saya bertanggung jawab")

    def code(self) -> str:
        """Read the newest code where it has come."""
        self.there.hear()
        return code_in(self.there.out[-1].text)

    def files(self, chat: Talk | None = None) -> int:
        return sum(bool(message.document) for message in (chat or self.here).out)


@pytest.fixture
def context(programme: Programme, keys: KeyRing, clock: FixedClock) -> Context:
    all_conversations()
    return Context(programme, keys, clock, ("https://t.me/bot?start=kode-{code}",))


@pytest.fixture(params=["telegram", "whatsapp"])
def desk(request: pytest.FixtureRequest, database: Database, context: Context) -> Desk:
    return Desk(database, context, request.param)


@pytest.fixture
def alone(database: Database, context: Context, ask: Ask[Any]) -> Desk:
    """The same, but the second chat does not belong to anybody."""

    def unlink(session: Session) -> None:
        chat = session.exec(select(Contact).where(Contact.channel == "whatsapp")).one()
        chat.person_id = None
        session.add(chat)

    desk = Desk(database, context, "telegram")
    ask(unlink)
    return desk


def acts(ask: Ask[Any]) -> list[str]:
    found: list[str] = ask(lambda s: list(s.exec(select(AuditEntry.act).order_by(col(AuditEntry.id)))))
    return found


# -- the code --------------------------------------------------------------------------------------------------------


def test_the_code_comes_on_the_other_channel_and_opens_the_file_once(desk: Desk, ask: Ask[Any]) -> None:
    said = desk.ask_for_the_children()
    assert desk.there.channel.title() in said
    assert "ketik kodenya" in said
    assert not desk.files()
    code = desk.code()
    assert code not in " ".join(message.text for message in desk.here.out)
    assert "dengan nama" in desk.here.say(code.lower())
    assert desk.files() == 1
    for _ in range(2):
        desk.here.say("/berkas 1")
        assert "tidak cocok" in desk.here.say(code)
    assert desk.files() == 1
    assert acts(ask) == [
        "file_asked",
        "file_proven",
        "exported_names",
        "file_code_refused",
        "file_code_refused",
    ]


def test_the_report_with_names_needs_it_too(desk: Desk) -> None:
    desk.here.say("/laporan 2025-09 excel")
    assert "mengirim kode" in desk.here.say("ya, buat berkasnya")
    assert not desk.files()
    assert "Jangan diteruskan" in desk.here.say(desk.code())
    assert desk.files() == 1


def test_without_names_no_code_is_asked_for(desk: Desk, ask: Ask[Any]) -> None:
    for words in ("/ekspor", "anak", "tanpa nama"):
        desk.here.say(words)
    assert desk.files() == 1
    assert acts(ask) == ["exported"]


def test_only_the_blind_index_of_a_code_is_kept(desk: Desk, ask: Ask[Any], keys: KeyRing) -> None:
    desk.ask_for_the_children()
    code = desk.code()
    stored = ask(lambda s: s.exec(select(FileRequest.code_index)).one())
    assert stored == keys.index(code.replace("-", ""))


def test_after_a_few_wrong_codes_the_right_one_opens_nothing_and_all_answers_are_equal(desk: Desk) -> None:
    desk.ask_for_the_children()
    code = desk.code()
    answers = {desk.here.say(WRONG) for _ in range(TRIES)}
    answers |= {desk.here.say(code), desk.here.say(WRONG)}
    assert len(answers) == 1
    assert not desk.files()


def test_the_last_try_still_counts(desk: Desk) -> None:
    desk.ask_for_the_children()
    code = desk.code()
    for _ in range(TRIES - 1):
        desk.here.say(WRONG)
    desk.here.say(code)
    assert desk.files() == 1


@pytest.mark.parametrize(("after", "files"), [(CODE_LASTS - MOMENT, 1), (CODE_LASTS, 0)])
def test_a_code_lives_ten_minutes(desk: Desk, clock: FixedClock, after: timedelta, files: int) -> None:
    desk.ask_for_the_children()
    code = desk.code()
    clock.advance(after)
    desk.here.say(code)
    assert desk.files() == files


def another_person(desk: Desk) -> Talk:
    return desk.colleague


def another_chat(desk: Desk) -> Talk:
    return desk.there


@pytest.mark.parametrize("who", [another_person, another_chat])
def test_the_code_is_of_use_only_to_who_asked_in_the_chat_that_asked(
    desk: Desk, who: Callable[[Desk], Talk]
) -> None:
    desk.ask_for_the_children()
    code, other = desk.code(), who(desk)
    other.say("/berkas 1")
    theirs = other.say(code)
    other.say("/batal")
    other.say("/berkas 999")
    assert other.say(code) == theirs
    assert not desk.files(other)
    desk.here.say(code)
    assert desk.files() == 1


def test_the_code_of_one_request_opens_no_other_and_a_new_one_ends_it(desk: Desk) -> None:
    desk.ask_for_the_children()
    first = desk.code()
    desk.here.say("/batal")
    desk.ask_for_the_children()
    second = desk.code()
    assert "tidak cocok" in desk.here.say(first)
    desk.here.say("/batal")
    desk.here.say("/berkas 1")
    assert "tidak cocok" in desk.here.say(first)
    assert "tidak cocok" in desk.here.say(second)
    desk.here.say("/batal")
    desk.here.say("/berkas 2")
    desk.here.say(second)
    assert desk.files() == 1


def test_guessing_finds_nothing(desk: Desk) -> None:
    desk.ask_for_the_children()
    code = desk.code()
    guesses = [f"{code[:-1]}{letter}" for letter in CODE_ALPHABET if letter != code[-1]]
    assert len({desk.here.say(guess) for guess in guesses}) == 1
    assert not desk.files()


def test_requests_are_bounded_by_the_hour(desk: Desk, clock: FixedClock) -> None:
    for _ in range(ASKED_PER_HOUR):
        desk.ask_for_the_children()
        desk.here.say("/batal")
    assert "terlalu sering" in desk.ask_for_the_children()
    clock.advance(timedelta(hours=1))
    assert "mengirim kode" in desk.ask_for_the_children()


def test_a_role_that_was_taken_back_meanwhile_opens_nothing(desk: Desk, ask: Ask[Any]) -> None:
    desk.ask_for_the_children()
    code = desk.code()
    desk.colleague.say("/peran cabut")
    desk.colleague.tap("Seluruh kabupaten: Kartika Rekaan")
    desk.colleague.tap("Ya, cabut")
    assert "untuk koordinator" in desk.here.say(code)
    assert not desk.files()


def test_at_night_the_code_comes_at_once_and_goes_to_no_other_chat(
    desk: Desk, database: Database, clock: FixedClock
) -> None:
    """It is an answer; and it must not end where it was asked for, when the other chat cannot be reached."""
    clock.set(NIGHT)
    desk.ask_for_the_children()
    desk.code()
    desk.here.say("/batal")
    desk.ask_for_the_children()
    waiting = database.submit(
        lambda c: (
            c.execute(select(outbox.c.contact_id).where(outbox.c.outcome == int(Outcome.WAITING)))
            .scalars()
            .all()
        )
    ).result()
    assert len(waiting) == 1
    database.submit(lambda c: give_up_chat(c, clock.now(), waiting[0], "blocked")).result()
    assert "Kode untuk berkas" not in desk.here.hear()
    clock.advance(timedelta(hours=12))
    assert "Kode untuk berkas" not in desk.here.hear()


# -- a chat linked just now ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "trusted"), [(LINK_SETTLES - timedelta(minutes=1), False), (LINK_SETTLES, True)]
)
def test_a_chat_linked_just_now_proves_nothing(
    alone: Desk, clock: FixedClock, after: timedelta, trusted: bool
) -> None:
    alone.here.say("/hubungkan")
    alone.there.say(f"/kode {code_in(alone.here.out[-1].text)}")
    alone.there.say("ke obrolan ini")
    assert "baru saja dihubungkan" in alone.here.hear()
    clock.advance(after)
    assert ("mengirim kode" in alone.ask_for_the_children()) is trusted


# -- a colleague's yes -----------------------------------------------------------------------------------------------


def test_who_has_one_channel_needs_a_colleagues_yes(alone: Desk, ask: Ask[Any]) -> None:
    assert "disetujui koordinator lain" in alone.ask_for_the_children()
    assert "menunggu persetujuan" in alone.here.say("/berkas")
    assert "Kartika Rekaan meminta berkas" in alone.colleague.hear()
    alone.colleague.tap("✓ Setujui")
    assert "sudah disetujui" in alone.here.hear()
    alone.here.tap("📄 Ambil berkas")
    assert alone.files() == 1
    assert not alone.files(alone.colleague)
    alone.here.say("/berkas 1")
    assert alone.files() == 1
    assert acts(ask) == ["file_asked", "file_approved", "file_fetched", "exported_names"]


def test_a_refusal_says_why(alone: Desk) -> None:
    alone.ask_for_the_children()
    alone.colleague.hear()
    alone.colleague.tap("✗ Tolak")
    alone.colleague.tap("Tidak pernah meminta")
    assert "Alasan: Tidak pernah meminta" in alone.here.hear()
    alone.here.say("/berkas 1")
    assert not alone.files()


def test_nobody_approves_their_own_request_nor_one_for_places_that_are_not_theirs(
    alone: Desk, ask: Ask[Any]
) -> None:
    alone.ask_for_the_children()
    for other in (alone.here, alone.sijuk):
        assert "b1" not in other.say("/antrean")
        assert "sudah diputuskan" in other.say("/antrean b1 ok")
    assert acts(ask) == ["file_asked"]
    assert not alone.files()


def test_the_file_has_the_places_of_who_asked(alone: Desk) -> None:
    alone.ask_for_the_children(alone.sijuk)
    alone.colleague.hear()
    alone.colleague.tap("✓ Setujui")
    alone.sijuk.hear()
    alone.sijuk.tap("📄 Ambil berkas")
    [document] = [message.document for message in alone.sijuk.out if message.document]
    assert "Kenari Satu" in str(document.data)
    assert "Merpati Dua" not in str(document.data)


@pytest.mark.parametrize(("after", "files"), [(APPROVAL_LASTS - MOMENT, 1), (APPROVAL_LASTS, 0)])
def test_an_approved_file_waits_a_day(alone: Desk, clock: FixedClock, after: timedelta, files: int) -> None:
    alone.ask_for_the_children()
    alone.colleague.hear()
    alone.colleague.tap("✓ Setujui")
    clock.advance(after)
    alone.here.say("/berkas 1")
    assert alone.files() == files


def test_who_is_alone_on_one_channel_is_told_how_to_go_on(alone: Desk, ask: Ask[Any]) -> None:
    def leave(session: Session) -> None:
        session.delete(session.exec(select(Grant).where(Grant.person_id == alone.colleague_id)).one())

    ask(leave)
    said = alone.ask_for_the_children()
    assert "/hubungkan" in said
    assert not alone.files()
    assert acts(ask) == []
