"""The client library of production, talking to the simulator."""

import asyncio
import io
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest
from PIL import Image
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.error import Conflict, Forbidden, NetworkError, RetryAfter

from bot.simulator import Pace, Person, Simulator, running_simulator
from bot.simulator.calling import Retry
from bot.simulator.driver import Driver, Phone
from bot.simulator.server import RunningSimulator
from tests.clock import FixedClock

RINA, BLOCKER = 7_100_000_101, 103


@asynccontextmanager
async def library(sim: RunningSimulator) -> AsyncIterator[Bot]:
    async with Bot(sim.token, base_url=sim.base_url, base_file_url=sim.base_file_url) as bot:
        yield bot


def with_bot(sim: RunningSimulator, work: Callable[[Bot], Awaitable[None]]) -> None:
    async def main() -> None:
        async with library(sim) as bot:
            await work(bot)

    asyncio.run(main())


def test_messages_pictures_and_documents_arrive(sim: RunningSimulator, rina: Phone) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(buffer, "PNG")

    async def work(bot: Bot) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Ya", callback_data="y")]])
        text = await bot.send_message(
            RINA,
            "<b>Halo</b> &amp; /menu",
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            protect_content=True,
        )
        assert text.text == "Halo & /menu"
        assert [entity.type for entity in text.entities] == ["bold", "bot_command"]
        photo = await bot.send_photo(RINA, buffer.getvalue(), caption="Grafik")
        assert (photo.photo[-1].width, photo.photo[-1].height) == (900, 600)
        again = await bot.send_photo(RINA, photo.photo[-1].file_id)
        assert again.photo[-1].width == 900
        file = await bot.get_file(photo.photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == buffer.getvalue()
        document = await bot.send_document(RINA, b"PK", filename="laporan.xlsx")
        assert document.document is not None
        assert document.document.file_name == "laporan.xlsx"
        edited = await text.edit_text("Baru")
        assert isinstance(edited, Update) is False
        await bot.edit_message_caption(RINA, photo.message_id, caption="Grafik baru")
        await bot.send_chat_action(RINA, "typing")

    with_bot(sim, work)
    seen = rina.messages
    assert [message.text for message in seen] == ["Baru", "Grafik baru", "", ""]
    assert [message.edited for message in seen] == [True, True, False, False]
    assert rina.picture(seen[1]) == buffer.getvalue()
    assert rina.view["typing"] == "typing"


def test_the_account_is_described(sim: RunningSimulator) -> None:
    async def work(bot: Bot) -> None:
        assert (await bot.get_me()).is_bot
        await bot.set_my_commands([BotCommand("daftar", "Mendaftar")], language_code="id")
        assert (await bot.get_my_commands(language_code="id"))[0].command == "daftar"
        assert await bot.get_my_commands() == ()
        await bot.set_my_name("Genting")
        assert (await bot.get_my_name()).name == "Genting"
        await bot.set_my_description("Untuk anak Belitung", language_code="id")
        assert (await bot.get_my_description(language_code="id")).description == "Untuk anak Belitung"
        assert (await bot.get_chat(RINA)).first_name == "Rina"
        assert (await bot.get_webhook_info()).url == ""

    with_bot(sim, work)


def test_errors_become_the_librarys_errors(
    sim: RunningSimulator, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else the library warns of its own next version

    async def work(bot: Bot) -> None:
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(BLOCKER, "a")
        await asyncio.to_thread(driver.fault, "too_many_requests", retry_after=3)
        with pytest.raises(RetryAfter):
            await bot.send_message(RINA, "a")
        await asyncio.to_thread(driver.fault, "answer_lost")
        with pytest.raises(NetworkError):
            await bot.send_message(RINA, "a")

    with_bot(sim, work)


def test_a_long_poll_wakes_when_someone_writes(sim: RunningSimulator, rina: Phone) -> None:
    async def work(bot: Bot) -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await asyncio.to_thread(rina.send, "halo")
        (update,) = await poll
        assert update.effective_message is not None
        assert update.effective_message.text == "halo"
        assert await bot.get_updates(offset=update.update_id + 1) == ()

    with_bot(sim, work)


def test_a_second_poller_ends_the_first(sim: RunningSimulator, rina: Phone) -> None:
    async def work(bot: Bot) -> None:
        async with library(sim) as other:
            first = asyncio.create_task(bot.get_updates(timeout=30))
            while sim.driver.summary()["by_kind"].get("getUpdates pending") != 1:  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0)
            second = asyncio.create_task(other.get_updates(timeout=30))
            with pytest.raises(Conflict, match="terminated by other getUpdates"):
                await first
            await asyncio.to_thread(rina.send, "halo")
            assert len(await second) == 1

    with_bot(sim, work)


def test_it_runs_in_the_loop_of_the_caller() -> None:
    async def main() -> None:
        simulator = Simulator(FixedClock(), pace=Pace.off(), people=[Person(RINA, "Rina", started=True)])
        async with simulator.serve() as url:
            token = simulator.account.token
            async with Bot(token, base_url=f"{url}/telegram/bot") as bot:
                await bot.send_message(RINA, "halo")
        assert [entry.chat_id for entry in simulator.ledger.sends()] == [RINA]
        assert simulator.world.chat(RINA).messages[1].payload["text"] == "halo"

    asyncio.run(main())


class Receiver:
    """A server that notes webhook deliveries, answering with the statuses given and then 200."""

    def __init__(self, *statuses: int) -> None:
        self.deliveries: Queue[tuple[str, dict[str, Any]]] = Queue()
        waiting = list(statuses)
        deliveries = self.deliveries

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                deliveries.put(
                    (
                        self.headers["X-Telegram-Bot-Api-Secret-Token"],
                        json.loads(body),
                    )
                )
                self.send_response(waiting.pop(0) if waiting else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    receiver = Receiver(*statuses)
    thread = threading.Thread(target=receiver.server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()


def test_a_webhook_gets_its_secret_and_every_update_until_accepted() -> None:
    people = [Person(RINA, "Rina", started=True)]
    retry = Retry(first=0.01)
    with (
        running_simulator(pace=Pace.off(), people=people, webhook_retry=retry) as sim,
        receiving(500, 403) as receiver,
    ):

        async def work(bot: Bot) -> None:
            await bot.set_webhook(receiver.url, secret_token="Rahasia-1")
            await asyncio.to_thread(sim.driver.phone(RINA).send, "satu")
            await asyncio.to_thread(sim.driver.phone(RINA).send, "dua")
            await asyncio.to_thread(sim.driver.wait_until_confirmed)
            info = await bot.get_webhook_info()
            assert info.last_error_message == "Wrong response from the webhook: 403 Forbidden"
            with pytest.raises(Conflict, match="webhook is active"):
                await bot.get_updates()
            await bot.delete_webhook()
            assert await bot.get_updates() == ()

        with_bot(sim, work)
        got = [receiver.deliveries.get_nowait() for _ in range(4)]
        assert {secret for secret, _ in got} == {"Rahasia-1"}
        assert [update["message"]["text"] for _, update in got] == ["satu", "satu", "satu", "dua"]


def test_what_a_webhook_never_took_waits_for_a_poll() -> None:
    people = [Person(RINA, "Rina", started=True)]
    with running_simulator(pace=Pace.off(), people=people) as sim, receiving(*[500] * 50) as receiver:

        async def work(bot: Bot) -> None:
            await bot.set_webhook(receiver.url)
            await asyncio.to_thread(sim.driver.phone(RINA).send, "satu")
            await asyncio.to_thread(receiver.deliveries.get, timeout=60)
            assert (await bot.get_webhook_info()).pending_update_count == 1
            await bot.delete_webhook()
            assert len(await bot.get_updates()) == 1

        with_bot(sim, work)
