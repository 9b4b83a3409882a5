"""The engine: a conversation is a function, run again from the top, with the answers so far."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from handlers.catalogue import all_conversations
from handlers.inbox import Handled
from handlers.kit.chat import AskedAfterWriting, Chat, Context
from handlers.kit.choices import Choice, Many, Option
from handlers.kit.conversation import COMMANDS, CONVERSATIONS, conversation
from handlers.kit.inputs import FreeText, Number, OptionalPhoto, OwnPhone, Photo
from handlers.kit.messages import SharedContact, SharedPhoto
from handlers.texts import Plain
from models.database import Database
from models.files import content_of
from models.inbox import count_parked, parked
from models.keys import KeyRing
from models.people import Person
from models.programme import Programme
from tests.clock import FixedClock
from tests.handlers.talk import Talk, buttons
from tests.pictures import a_photo

COLOURS = [Option("red", Plain("Merah")), Option("blue", Plain("Biru")), Option("green", Plain("Hijau"))]


@pytest.fixture
def talk(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> Talk:
    all_conversations()
    return Talk(database, Context(programme, keys, clock))


@pytest.fixture
def enter() -> Iterator[Callable[[Callable[[Chat], None]], None]]:
    """Enter a conversation under /coba for one test."""

    def add(play: Callable[[Chat], None]) -> None:
        conversation("coba", title=Plain("Coba"))(play)

    yield add
    CONVERSATIONS.pop("coba", None)
    COMMANDS.pop("coba", None)


def paint(chat: Chat) -> None:
    colour = chat.ask("colour", Choice(Plain("Warna?"), COLOURS))
    name = chat.ask("name", FreeText(Plain("Nama?"), least=2))
    chat.confirm(Plain(f"{name} {colour}?"))
    chat.db.add(Person(name=name, created_at=chat.now))
    chat.say(Plain("Selesai"))


def people(talk: Talk) -> int:
    query = "SELECT count(*) FROM person"
    count: int = talk.database.submit(lambda c: c.exec_driver_sql(query).scalar_one()).result()
    return count


def test_a_conversation_asks_one_question_after_the_other_and_writes_at_its_end(
    talk: Talk, enter: Any
) -> None:
    enter(paint)
    assert talk.say("/coba") == "Warna?"
    assert talk.tap("Merah") == "Nama?"
    assert talk.say("Budi") == "Budi red?"
    assert people(talk) == 0
    assert talk.tap("Ya") == "Selesai"
    assert people(talk) == 1


def test_what_was_picked_and_has_gone_meanwhile_ends_the_dialog(talk: Talk, enter: Any) -> None:
    """With one left, going on would write the answers about what has gone to what is left."""
    left = ["BLT-001", "BLT-002"]

    def look_after(chat: Chat) -> None:
        code = chat.pick("child", which(left), none=Plain("Tidak ada"))
        name = chat.ask("name", FreeText(Plain("Nama?"), least=2))
        chat.say(Plain(f"{name} {code}"))

    enter(look_after)
    talk.say("/coba")
    assert talk.tap("BLT-001") == "Nama?"
    left.remove("BLT-001")
    assert "sudah tidak ada" in talk.say("Budi")
    assert talk.say("/coba") == "Nama?", "one is not asked about"
    assert talk.say("Budi") == "Budi BLT-002"
    left.clear()
    assert talk.say("/coba") == "Tidak ada"


def which(left: list[str]) -> Choice:
    return Choice(Plain("Anak?"), [Option(code, Plain(code)) for code in left])


@pytest.mark.parametrize("there", [["BLT-001"], ["BLT-001", "BLT-002"]])
def test_what_was_meant_without_asking_is_not_exchanged_for_the_only_one_left(
    talk: Talk, enter: Any, there: list[str]
) -> None:
    """Neither what the command named, nor what was the only one when the dialog began."""
    left = list(there)

    def look_after(chat: Chat) -> None:
        code = chat.pick("child", which(left), named=chat.argument, none=Plain("Tidak ada"))
        name = chat.ask("name", FreeText(Plain("Nama?"), least=2))
        chat.confirm(Plain(f"{name} {code}?"))

    enter(look_after)
    command = "/coba BLT-001" if len(left) > 1 else "/coba"
    assert talk.say(command) == "Nama?"
    assert "‹ Kembali" not in [b.label for b in buttons(talk.out[-1])], "nothing has been answered"
    assert "pertanyaan pertama" in talk.say("kembali")
    assert talk.say("Budi") == "Budi BLT-001?"
    assert talk.say("kembali") == "Nama?", "back goes to what was answered, not to what was meant"
    assert talk.say("Sari") == "Sari BLT-001?"
    left[:] = ["BLT-003"]
    assert "sudah tidak ada lagi" in talk.tap("Ya")


def test_back_forgets_what_followed_from_the_answer_that_it_takes_back(talk: Talk, enter: Any) -> None:
    months = {"BLT-001": ["Oktober"], "BLT-002": ["November"]}

    def look_after(chat: Chat) -> None:
        code = chat.pick("child", which(list(months)), none=Plain("Tidak ada"))
        month = chat.pick("month", which(months[code]), none=Plain("Tidak ada"))
        chat.confirm(Plain(f"{code} {month}?"))

    enter(look_after)
    talk.say("/coba")
    assert talk.tap("BLT-001") == "BLT-001 Oktober?"
    assert talk.tap("‹ Kembali") == "Anak?"
    assert talk.tap("BLT-002") == "BLT-002 November?"


def test_of_two_that_were_asked_about_the_one_left_is_still_asked_about(talk: Talk, enter: Any) -> None:
    left = ["BLT-001", "BLT-002"]

    def look_after(chat: Chat) -> None:
        chat.say(Plain(chat.pick("child", which(left), none=Plain("Tidak ada"))))

    enter(look_after)
    talk.say("/coba")
    left.remove("BLT-001")
    assert "sudah tidak ada" in talk.tap("BLT-001")
    assert talk.tap("BLT-002") == "BLT-002"


def test_an_update_that_comes_twice_is_handled_once(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba", update_id="same")
    assert talk.say("/coba", update_id="same") == ""
    assert talk.handled is Handled.DUPLICATE


def test_back_asks_the_last_question_again_and_cancel_leaves_nothing(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba")
    talk.tap("Merah")
    talk.say("Budi")
    assert talk.say("kembali") == "Nama?"
    assert talk.tap("‹ Kembali") == "Warna?"
    assert "Tidak ada yang disimpan" in talk.say("Batal")
    assert people(talk) == 0


def test_an_old_button_says_that_it_is_old_and_never_answers_another_question(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba")
    talk.tap("Merah")
    assert "sudah lewat" in talk.tap("Biru", message=0)
    assert talk.say("Budi") == "Budi red?"


def test_the_second_of_a_double_tap_is_silent_in_the_middle_and_at_the_end(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba")
    first = next(b.data for b in buttons(talk.out[-1]) if b.label == "Merah")
    talk.take(choice=first)
    assert talk.take(choice=first) == ""
    talk.say("Budi")
    last = next(b.data for b in buttons(talk.out[-1]) if b.label == "Ya")
    assert talk.take(choice=last) == "Selesai"
    assert talk.take(choice=last) == ""
    assert people(talk) == 1


def test_typing_a_label_its_beginning_or_its_number_answers_a_choice(talk: Talk, enter: Any) -> None:
    enter(paint)
    for typed in ("merah", "MERAH ", "mera", "1"):
        talk.say("/coba")
        assert talk.say(typed) == "Nama?"
        talk.say("batal")


def test_a_wrong_answer_says_what_is_wrong_and_asks_again(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba")
    assert talk.say("ungu").endswith("Warna?")
    talk.tap("Merah")
    assert talk.say("B").startswith("Jawabannya terlalu pendek")


def test_an_edited_message_corrects_the_newest_answer_only(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba")
    talk.tap("Merah")
    talk.say("Bdui", message_id="77")
    assert talk.say("Budi", message_id="77", edited=True) == "Budi red?"
    assert talk.say("Lain", message_id="76", edited=True) == ""


def test_a_command_interrupts_and_what_it_interrupted_is_offered_again(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba")
    talk.tap("Merah")
    assert "Lanjutkan?" in talk.say("/bantuan")
    assert talk.tap("Ya, lanjutkan") == "Nama?"
    assert talk.say("Budi") == "Budi red?"


def test_a_dialog_left_for_more_than_seven_days_is_closed(talk: Talk, enter: Any, clock: FixedClock) -> None:
    enter(paint)
    talk.say("/coba")
    clock.advance(timedelta(days=7, minutes=1))
    assert "sudah lewat" in talk.tap("Merah")


def test_a_conversation_survives_a_deployment_that_adds_and_drops_a_question(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba")
    talk.tap("Merah")

    def newer(chat: Chat) -> None:
        chat.ask("size", FreeText(Plain("Ukuran?")))
        chat.ask("name", FreeText(Plain("Nama?")))
        chat.say(Plain("Selesai"))

    CONVERSATIONS.pop("coba")
    COMMANDS.pop("coba")
    enter(newer)
    assert talk.say("Budi") == "Ukuran?"
    assert talk.say("besar") == "Nama?"
    assert talk.say("Budi") == "Selesai"


def test_asking_after_writing_is_reported_as_a_programming_error(talk: Talk, enter: Any) -> None:
    def wrong(chat: Chat) -> None:
        chat.db.add(Person(name="Terlalu dini", created_at=chat.now))
        chat.ask("name", FreeText(Plain("Nama?")))

    enter(wrong)
    assert "gangguan" in talk.say("/coba")
    assert talk.handled is Handled.PARKED
    found = talk.database.submit(lambda c: parked(c, talk.context.keys)).result()
    assert AskedAfterWriting.__name__ in found[0].error
    assert people(talk) == 0


def test_a_failing_conversation_is_parked_after_three_tries_and_the_chat_goes_on(
    talk: Talk, enter: Any
) -> None:
    tries = []

    def broken(chat: Chat) -> None:
        tries.append(chat.ask("name", FreeText(Plain("Nama?"))))
        raise RuntimeError("no")

    enter(broken)
    talk.say("/coba")
    assert "gangguan" in talk.say("Budi")
    assert tries == ["Budi"] * 3
    assert talk.database.submit(count_parked).result() == 1
    assert "Ada yang bisa" in talk.say("menu")


def test_long_lists_turn_pages_in_the_same_message_and_words_narrow_them(talk: Talk, enter: Any) -> None:
    names = [Option(str(n), Plain(f"Dinas {n} {'Air' if n % 2 else 'Api'}")) for n in range(20)]
    enter(lambda chat: chat.say(Plain("→" + chat.ask("office", Choice(Plain("Dinas?"), names)))))
    talk.say("/coba")
    talk.tap("Hal. 2/3 ›")
    assert talk.out[-1].replaces == "2"
    talk.say("air")
    assert all("Air" in b.label for row in talk.out[-1].rows[:-1] for b in row)
    assert talk.say("dinas 7 air") == "→7"


def test_a_tick_list_keeps_its_ticks_and_takes_numbers_too(talk: Talk, enter: Any) -> None:
    enter(lambda chat: chat.say(Plain("→" + chat.ask("colours", Many(Plain("Warna?"), COLOURS)))))
    talk.say("/coba")
    talk.tap("☐ Hijau")
    talk.tap("☐ Merah")
    assert talk.tap("✓ Selesai") == "→red,green"
    talk.say("/coba")
    assert talk.say("1 3") == "→red,green"


@pytest.mark.parametrize("typed", ["²", "①", "1²", "٢²"])
@pytest.mark.parametrize("question", [Choice, Many])
def test_a_sign_that_only_looks_like_a_number_is_asked_again(
    talk: Talk, enter: Any, question: type[Choice], typed: str
) -> None:
    enter(lambda chat: chat.say(Plain(chat.ask("colour", question(Plain("Warna?"), COLOURS)))))
    talk.say("/coba")
    assert "Warna?" in talk.say(typed)
    assert talk.handled is Handled.DONE


def test_only_the_own_phone_number_counts(talk: Talk, enter: Any) -> None:
    enter(lambda chat: chat.say(Plain("→" + chat.ask("phone", OwnPhone(Plain("HP?"))))))
    talk.say("/coba")
    assert "kontak orang lain" in talk.take(contact=SharedContact("+6281200000001", own=False))
    assert talk.take(contact=SharedContact("+6281200000001", own=True)) == "→+6281200000001"


def test_a_number_with_a_comma_is_read_and_an_impossible_one_is_asked_again(talk: Talk, enter: Any) -> None:
    question = Number(Plain("Berat?"), least=Decimal(1), most=Decimal(40), unit="kg", decimals=2)
    enter(lambda chat: chat.say(Plain(f"→{chat.ask('weight', question)}")))
    talk.say("/coba")
    assert "antara 1 dan 40 kg" in talk.say("92")
    assert talk.say("9,2 kg") == "→9.2"


def test_in_a_group_the_bot_says_only_that_it_talks_in_private(talk: Talk) -> None:
    assert talk.say("halo semua", private=False) == ""
    answer = talk.say("/statistik", private=False)
    assert "obrolan pribadi" in answer
    assert "anak di" not in answer


def test_forged_taps_never_break_the_chat(talk: Talk, enter: Any) -> None:
    enter(paint)
    talk.say("/coba")
    nonce = buttons(talk.out[-1])[0].data.split(":")[1]
    for value in ("!page:abc", "!page:99999", "!tick:x", "!done", "purple", "", "!back", ":::"):
        talk.take(choice=f"colour:{nonce}:{value}")
        assert talk.handled is Handled.DONE
    for data in ("", ":", "x", "a:b:c", "/", "/antrean p1 ok", "/tidak ada"):
        talk.take(choice=data)
        assert talk.handled is Handled.DONE


def a_picture(**more: Any) -> SharedPhoto:
    return SharedPhoto("f1", content=a_photo((64, 48)), **more)


def files(talk: Talk) -> list[int]:
    query = "SELECT id FROM stored_file ORDER BY id"
    return list(talk.database.submit(lambda c: c.exec_driver_sql(query).scalars().all()).result())


def report(chat: Chat) -> None:
    chat.db.get(Person, 1)  # conversations read before they ask
    file_id = chat.ask("receipt", Photo(Plain("Foto?")))
    chat.db.get(Person, file_id)
    note = chat.ask("note", FreeText(Plain("Catatan?")))
    chat.say(Plain(f"Berkas {file_id}, {note}"))


def test_a_photo_outlives_the_questions_that_follow_it(talk: Talk, enter: Any) -> None:
    enter(report)
    assert talk.say("/coba") == "Foto?"
    assert talk.take(photo=a_picture()) == "Catatan?"
    (file_id,) = files(talk)
    assert talk.say("Oktober") == f"Berkas {file_id}, Oktober"
    assert talk.database.submit(lambda c: content_of(c, file_id)).result() == a_picture().content


def test_what_is_no_photo_or_cannot_be_fetched_is_asked_for_again_and_nothing_is_lost(
    talk: Talk, enter: Any
) -> None:
    enter(report)
    talk.say("/coba")
    assert "kirim fotonya" in talk.say("sudah saya transfer")
    said = {
        reason: talk.take(photo=SharedPhoto("f1", refused=reason))
        for reason in ("too_big", "not_a_picture", "damaged", "not_fetched")
    }
    assert ["10 MB" in said["too_big"], "bukan foto" in said["not_a_picture"]] == [True, True]
    assert ["terputus" in said["damaged"], "jaringan" in said["not_fetched"]] == [True, True]
    assert all(words.endswith("Foto?") for words in said.values())
    assert files(talk) == []
    assert talk.take(photo=a_picture()) == "Catatan?"


def test_a_photo_may_be_skipped_by_its_key_or_its_word(talk: Talk, enter: Any) -> None:
    enter(lambda chat: chat.say(Plain(f"→{chat.ask('photo', OptionalPhoto(Plain('Foto?')))}")))
    talk.say("/coba")
    assert talk.tap("Lewati") == "→None"
    talk.say("/coba")
    assert talk.say("Lewati") == "→None"
    talk.say("/coba")
    assert talk.take(photo=a_picture()) == f"→{files(talk)[0]}"


def test_of_pictures_sent_together_the_first_counts_and_the_others_say_nothing(
    talk: Talk, enter: Any
) -> None:
    enter(report)
    talk.say("/coba")
    assert talk.take(photo=SharedPhoto("f0", album="a", refused="damaged")).endswith("Foto?")
    assert talk.take(photo=a_picture(album="a")) == "Catatan?"
    assert talk.take(photo=a_picture(album="a")) == ""
    assert talk.take(photo=SharedPhoto("f3", album="a", content=a_photo((50, 50)))) == ""
    assert len(files(talk)) == 1
    assert talk.say("Oktober").endswith("Oktober")


def test_an_album_that_nobody_asked_for_is_answered_once(talk: Talk) -> None:
    talk.say("/menu")
    assert talk.take(photo=a_picture(album="b")) != ""
    assert talk.take(photo=a_picture(album="b")) == ""
    assert talk.take(photo=a_picture(album="c")) != ""


def test_a_photo_that_makes_a_conversation_fail_is_parked_without_its_bytes(talk: Talk, enter: Any) -> None:
    def broken(chat: Chat) -> None:
        chat.ask("photo", Photo(Plain("Foto?")))
        raise RuntimeError("no")

    enter(broken)
    talk.say("/coba")
    assert "gangguan" in talk.take(photo=a_picture())
    (found,) = talk.database.submit(lambda c: parked(c, talk.context.keys)).result()
    assert '"file_id": "f1"' in found.payload
    assert '"content": null' in found.payload
    assert len(found.payload) < 1000
    assert files(talk) == []


def test_a_pictures_bytes_never_show_in_what_is_printed_of_it() -> None:
    assert "content" not in repr(a_picture())


def test_a_conversation_may_lead_into_another_and_what_it_wrote_is_kept(talk: Talk, enter: Any) -> None:
    def write_and_go_on(chat: Chat) -> None:
        if chat.argument:
            chat.say(Plain(f"Terima kasih, {chat.ask('name', FreeText(Plain('Nama?')))}"))
            return
        chat.confirm(Plain("Tulis?"))
        chat.db.add(Person(name="Baru", created_at=chat.now))
        chat.say(Plain("Tertulis"))
        chat.go_on("coba", "lanjut")

    enter(write_and_go_on)
    talk.say("/bahasa")
    talk.say("/coba")
    assert talk.tap("Ya") == "Tertulis / Nama?"
    yes = next(b for b in buttons(talk.out[-3]) if b.label == "Ya")
    assert talk.take(choice=yes.data) == "", "the second of a double tap"
    assert people(talk) == 1
    assert "Terima kasih, Budi" in talk.say("Budi")
    assert people(talk) == 1
