"""Photos on their way in: from a phone over the Bot API into the database, without what they must not tell."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from bot.simulator.driver import Phone
from bot.simulator.pacing import Pace
from bot.simulator.people import Person
from bot.simulator.server import RunningSimulator, running_simulator
from handlers.catalogue import all_conversations
from handlers.kit.chat import Chat
from handlers.kit.conversation import COMMANDS, CONVERSATIONS, conversation
from handlers.kit.inputs import FreeText, Photo
from handlers.kit.messages import stored_picture
from handlers.texts import Plain
from models.database import Database
from models.files import content_of
from tests.clock import FixedClock
from tests.pictures import HOME, a_bomb, a_photo, size_of
from tests.running import running_app, settings_for

RINA = 7_000_000_001


def report(chat: Chat) -> None:
    receipt = chat.ask("receipt", Photo(Plain("Foto?")))
    note = chat.ask("note", FreeText(Plain("Catatan?")))
    chat.say(Plain(f"Terima kasih: {note}"), picture=stored_picture(receipt))


@pytest.fixture
def simulator(clock: FixedClock) -> Iterator[RunningSimulator]:
    people = [Person(RINA, "Rina", started=True)]
    with running_simulator(clock, pace=Pace.off(), people=people) as running:
        yield running


@pytest.fixture
def rina(
    simulator: RunningSimulator, database_url: str, keys_text: str, clock: FixedClock
) -> Iterator[Phone]:
    """Rina, who has been asked for a photo."""
    all_conversations()
    conversation("coba", title=Plain("Coba"))(report)
    try:
        with running_app(settings_for(simulator, database_url, keys_text), clock):
            phone = simulator.driver.phone(RINA)
            phone.send("/coba")
            phone.wait_for("Foto?")
            yield phone
    finally:
        del CONVERSATIONS["coba"], COMMANDS["coba"]


def stored(database: Database) -> list[bytes]:
    def work(connection: Connection) -> list[bytes | None]:
        ids = connection.exec_driver_sql("SELECT id FROM stored_file ORDER BY id").scalars().all()
        return [content_of(connection, file_id) for file_id in ids]

    return [content for content in database.submit(work).result() if content is not None]


def test_a_photo_is_kept_and_shown_again(rina: Phone, database: Database) -> None:
    rina.send_photo(a_photo((2000, 1000)), caption="struk Oktober")
    rina.wait_for("Catatan?")
    rina.send("lunas")
    shown = rina.wait_for("Terima kasih: lunas")
    assert size_of(rina.picture(shown)) == (1280, 640)
    assert len(stored(database)) == 1


def test_a_picture_sent_as_a_file_does_not_tell_where_it_was_taken(rina: Phone, database: Database) -> None:
    sent = a_photo((2000, 1000))
    assert HOME in sent
    rina.send_document(sent, "rumah.jpg", "image/jpeg")
    rina.wait_for("Catatan?")
    (kept,) = stored(database)
    assert HOME not in kept
    assert size_of(kept) == (1600, 800)


@pytest.mark.parametrize(
    ("sent", "name", "kind", "answer"),
    [
        pytest.param(b"Rp450.000", "struk.txt", "text/plain", "bukan foto", id="text"),
        pytest.param(b"Rp450.000", "struk.jpg", "image/jpeg", "bukan foto", id="text called a picture"),
        pytest.param(a_photo()[:2000], "struk.jpg", "image/jpeg", "tidak bisa dibuka", id="cut off"),
        pytest.param(a_bomb(9000, 9000), "struk.png", "image/png", "terlalu besar", id="a bomb"),
        pytest.param(
            bytes(10 * 1024 * 1024 + 1), "struk.jpg", "image/jpeg", "terlalu besar", id="over 10 MB"
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_kindly_and_can_be_sent_again(
    rina: Phone, database: Database, sent: bytes, name: str, kind: str, answer: str
) -> None:
    rina.send_document(sent, name, kind)
    assert rina.wait_for(answer).text.endswith("Foto?")
    assert stored(database) == []
    rina.send_photo(a_photo())
    rina.wait_for("Catatan?")


def test_a_file_that_is_too_big_is_not_even_fetched(rina: Phone) -> None:
    rina.send_document(bytes(10 * 1024 * 1024 + 1), "struk.jpg", "image/jpeg")
    rina.wait_for("terlalu besar")
    assert rina.driver.ledger(method="getFile") == []


@pytest.mark.parametrize("fault", ["server_error", "dropped"])
def test_when_the_picture_cannot_be_fetched_nothing_is_lost(
    rina: Phone, database: Database, fault: str
) -> None:
    rina.driver.fault(fault, method="getFile", times=2)
    rina.send_photo(a_photo())
    assert rina.wait_for("belum berhasil").text.endswith("Foto?")
    rina.send_photo(a_photo())
    rina.wait_for("Catatan?")
    assert len(stored(database)) == 1


def test_a_hiccup_on_the_way_is_not_noticed(rina: Phone) -> None:
    rina.driver.fault("dropped", method="getFile", times=1)
    rina.send_photo(a_photo())
    rina.wait_for("Catatan?")


def test_what_is_written_right_behind_a_photo_answers_the_question_behind_it(rina: Phone) -> None:
    rina.send_photo(a_photo((3000, 2000)))
    rina.wait_for("Catatan?")
    photo = next(u["message"] for u in rina.driver.updates() if "photo" in u.get("message", {}))
    rina.send("kembali")
    rina.wait_for("Foto?")
    note = {name: photo[name] for name in ("date", "chat", "from")} | {"message_id": 1_000, "text": "lunas"}
    rina.driver.fault("latency", method="getFile", times=1, seconds=0.5)
    rina.driver.inject({"message": photo}, {"message": note})  # both come with the same poll
    rina.wait_for("Terima kasih: lunas")


def test_in_a_group_no_picture_is_fetched(rina: Phone) -> None:
    group = rina.driver.add_group("Grup Rekaan", [RINA])
    rina.driver.phone(RINA, group_id=group).send_photo(a_photo(), caption="@genting_belitung_bot struk")
    rina.driver.wait_until_confirmed()
    assert rina.driver.ledger(method="getFile") == []
