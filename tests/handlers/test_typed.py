"""What people type in the place of a tap means what they mean, or is asked again."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from handlers.catalogue import all_conversations
from handlers.kit.chat import Chat, Context
from handlers.kit.choices import SKIP_WORDS, Choice, Confirm, Option
from handlers.kit.conversation import COMMANDS, CONVERSATIONS, conversation
from handlers.kit.inputs import FreeText, Number
from handlers.receipt import SAID_AS
from handlers.texts import Plain
from models.database import Database
from models.keys import KeyRing
from models.programme import Programme
from tests.clock import FixedClock
from tests.handlers.talk import Talk

Enter = Callable[[Callable[[Chat], None]], None]

RECEIPT = [
    Option("ya", Plain("✅ Sudah diterima"), SAID_AS["ya"]),
    Option("belum", Plain("⏳ Belum"), SAID_AS["belum"]),
    Option("kurang", Plain("➖ Jumlahnya kurang"), SAID_AS["kurang"]),
]
MAY = [Option("yes", Plain("Boleh")), Option("no", Plain("Jangan dulu"))]
COLOURS = [Option(code, Plain(code)) for code in ("merah", "merah muda", "biru laut")]
CHILDREN = [Option(f"BLT-{n:03d}", Plain(f"BLT-{n:03d} · Rp450.000")) for n in range(20, 32)]
LATER = [Option(f"BLT-{n:03d}", Plain(f"BLT-{n:03d}")) for n in (14, 25, 3)]


@pytest.fixture
def talk(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> Talk:
    all_conversations()
    return Talk(database, Context(programme, keys, clock))


@pytest.fixture
def enter() -> Iterator[Enter]:
    """Enter a conversation under /coba for one test."""

    def add(play: Callable[[Chat], None]) -> None:
        conversation("coba", title=Plain("Coba"))(play)

    yield add
    CONVERSATIONS.pop("coba", None)
    COMMANDS.pop("coba", None)


def typed(talk: Talk, enter: Enter, question: Any, text: str) -> str:
    """Type an answer; return what was understood, or `?` when it was asked again."""
    enter(lambda chat: chat.say(Plain(f"→{chat.ask('it', question())}")))
    talk.say("/coba")
    said = talk.say(text)
    return said.removeprefix("→") if said.startswith("→") else "?"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *(
            (text, "ya")
            for text in ("ya", "Iya", "sudah", "iya sudah", "alhamdulillah sudah", "sudah diterima")
        ),
        *((text, "ya") for text in ("Sudah bu, terima kasih", "diterima")),
        *((text, "belum") for text in ("belum", "tidak", "belum diterima", "tidak ada")),
        *((text, "kurang") for text in ("kurang", "jumlahnya kurang", "sudah tapi kurang")),
        *((text, "?") for text in ("nya", "a", "sudah dua minggu saya tunggu", "ya belum", "🙏")),
    ],
)
def test_a_familys_words_about_a_payout_are_never_taken_for_another_answer(
    talk: Talk, enter: Enter, text: str, meant: str
) -> None:
    assert typed(talk, enter, lambda: Choice(Plain("Sudah?"), RECEIPT), text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *((text, "yes") for text in ("ya", "iya", "boleh", "iya boleh", "Ya, boleh.", "ok")),
        *((text, "no") for text in ("tidak", "jangan", "jangan dulu", "tidak boleh", "nggak")),
        *((text, "?") for text in ("ya tidak", "mungkin", "an")),
    ],
)
def test_yes_and_no_are_understood_however_they_are_labelled(
    talk: Talk, enter: Enter, text: str, meant: str
) -> None:
    assert typed(talk, enter, lambda: Choice(Plain("Bolehkah?"), MAY), text) == meant
    CONVERSATIONS.pop("coba")
    COMMANDS.pop("coba")
    assert typed(talk, enter, lambda: Confirm(Plain("Bolehkah?")), text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("merah", "merah"),
        ("merah m", "merah muda"),
        ("laut", "biru laut"),
        ("biru", "biru laut"),
        ("bi", "?"),
        ("mera", "?"),
        ("era", "?"),
        ("3", "biru laut"),
        ("4", "?"),
    ],
)
def test_a_label_is_named_by_whole_words_or_its_beginning(
    talk: Talk, enter: Enter, text: str, meant: str
) -> None:
    assert typed(talk, enter, lambda: Choice(Plain("Warna?"), COLOURS), text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("24", "BLT-024"),
        ("blt024", "BLT-024"),
        ("BLT 24", "BLT-024"),
        ("5", "BLT-024"),
        ("6", "?"),
        ("xyz24", "?"),
    ],
)
def test_a_number_at_a_list_of_children_is_a_childs_number_before_it_is_a_place_among_those_shown(
    talk: Talk, enter: Enter, text: str, meant: str
) -> None:
    assert typed(talk, enter, lambda: Choice(Plain("Anak?"), CHILDREN, page_size=5), text) == meant


def test_a_childs_number_wins_over_a_place(talk: Talk, enter: Enter) -> None:
    assert typed(talk, enter, lambda: Choice(Plain("Anak?"), LATER), "3") == "BLT-003"
    CONVERSATIONS.pop("coba")
    COMMANDS.pop("coba")
    assert typed(talk, enter, lambda: Choice(Plain("Anak?"), LATER), "14") == "BLT-014"


@pytest.mark.parametrize("text", ["lewati", "Lewati", "skip", "tidak ada", "-", "tidak"])
def test_what_means_that_there_is_nothing_to_note_is_not_noted(talk: Talk, enter: Enter, text: str) -> None:
    def note() -> Choice:
        words = Plain("Catatan?")
        return Choice(words, [Option("none", Plain("Tanpa catatan"), SKIP_WORDS)], other=FreeText(words))

    assert typed(talk, enter, note, text) == "none"


def test_a_note_is_kept_as_typed(talk: Talk, enter: Enter) -> None:
    def note() -> Choice:
        words = Plain("Catatan?")
        return Choice(words, [Option("none", Plain("Lewati"), SKIP_WORDS)], other=FreeText(words))

    assert (
        typed(talk, enter, note, "Tidak ada susu, ibu minta dikirim") == "Tidak ada susu, ibu minta dikirim"
    )


def _one_to_fifty() -> Number:
    return Number(Plain("Berapa?"), least=Decimal(1), most=Decimal(50))


def test_a_number_without_a_unit_leaves_no_gap_in_what_is_said_about_it(talk: Talk, enter: Enter) -> None:
    enter(lambda chat: chat.say(Plain(str(chat.ask("n", _one_to_fifty())))))
    talk.say("/coba")
    assert "antara 1 dan 50." in talk.say("70")
    assert "Contoh: 26\n" in talk.say("banyak")
