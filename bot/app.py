"""The assembly: the only place that knows every part. Opens, starts, and stops in the right order.

Several processes may run on one PostgreSQL: each takes webhooks; polling, sending and the schedule are offices that
one of them holds at a time, and another takes over when it dies.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace

import uvicorn

from bot.channels.faces import FACES
from bot.channels.telegram import PACE, Telegram
from bot.channels.whatsapp import PACE as WHATSAPP_PACE
from bot.channels.whatsapp import REPORTS, WhatsApp
from bot.intake import Intake
from bot.settings import Settings
from bot.web import web_app
from bot.whatsapp_intake import WhatsAppIntake
from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from handlers.kit.conversation import Audience, command_list
from handlers.texts import LANGUAGES
from jobs.channel import ChannelError, Pace
from jobs.delivery import Delivery
from jobs.schedule import Schedule
from models.clock import Clock, SystemClock
from models.database import Database, open_database
from models.errors import ConfigurationError
from models.key_check import check_keys
from models.migrations import upgrade

log = logging.getLogger("genting.app")

SEEKS_OFFICE_EVERY = 2.0
"""Seconds between attempts to take an office that another process holds."""

LOOKS_AT_OFFICE_EVERY = 2.0
"""Seconds between looks whether an office is held still: for so long two may be in it, as after a crash."""


class App:
    """The running bot."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        context: Context,
        telegram: Telegram,
        whatsapp: WhatsApp | None = None,
    ) -> None:
        self.settings, self.database, self.context, self.telegram = settings, database, context, telegram
        self.delivery = Delivery(database, telegram, context)
        self.intake = Intake(database, context, telegram, self._wake)
        self.whatsapp = whatsapp
        self.also = [Delivery(database, whatsapp, context)] if whatsapp else []
        """The deliveries of the channels beside Telegram."""
        self.whatsapp_intake = (
            WhatsAppIntake(database, context, whatsapp, self._wake, self.also[0].halt) if whatsapp else None
        )
        self.schedule = Schedule(database, context, self._wake_soon)
        self._loop = asyncio.get_running_loop()
        self._stopped = threading.Event()

    async def run(self) -> None:
        """Run until cancelled. Raises ChannelError when the account is refused."""
        await self.telegram.introduce(
            {language: command_list([Audience.EVERYONE], language) for language in LANGUAGES}, LANGUAGES[0]
        )
        if self.settings.public_url:
            secret = self.settings.webhook_secret
            assert secret is not None  # noqa: S101 - the settings are checked
            await self.telegram.listen_at(
                f"{self.settings.public_url.rstrip('/')}/telegram", secret.get_secret_value()
            )
            work = [self._serve()]
        else:
            await self.telegram.stop_listening()
            work = [self._in_office("telegram:poll", self.intake.poll_forever)]
            work += [self._serve()] if self.whatsapp else []
        work += [
            self._in_office(f"{each.channel.name}:send", each.run) for each in (self.delivery, *self.also)
        ]
        work += [
            self._in_office("schedule", self._scheduled),
            asyncio.to_thread(self.database.listen, self._wake_soon, self._stopped),
        ]
        log.info("running", extra={"webhook": bool(self.settings.public_url)})
        try:
            async with asyncio.TaskGroup() as group:
                for each in work:
                    group.create_task(_as_coroutine(each))
        finally:
            self._stopped.set()

    def time_has_passed(self) -> list[Future[int]]:
        """The clock was moved: do what has fallen due since. May be called in any thread."""
        self._wake_soon()
        return self.schedule.catch_up()

    async def _serve(self) -> None:
        """Serve webhooks, health and metrics."""
        config = uvicorn.Config(
            web_app(
                self.settings,
                self.database,
                self.intake,
                self.delivery,
                self.context.clock,
                self.whatsapp_intake,
                self.also,
            ),
            host=self.settings.host,
            port=self.settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve())
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True  # answer the calls in flight, then close the socket
            await serving
            raise

    async def _scheduled(self) -> None:
        self.schedule.start()
        try:
            await asyncio.Event().wait()
        finally:
            self.schedule.stop()

    async def _in_office(self, office: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do something as soon as, and only while, this process holds the office; when it is lost, seek it again."""
        while True:
            while (held := await asyncio.to_thread(self.database.lead, office)) is None:  # noqa: ASYNC110 - no event
                await asyncio.sleep(SEEKS_OFFICE_EVERY)  # comes from another process's end
            with held as still:
                log.info("in_office", extra={"office": office})
                await _while_held(office, still, work)

    def _wake(self) -> None:
        """Something may have been queued, for whichever channel."""
        for each in (self.delivery, *self.also):
            each.wake()

    def _wake_soon(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has just closed
            self._loop.call_soon_threadsafe(self._wake)


class _Server(uvicorn.Server):
    """Leaves signals to `run`: uvicorn would end the process before what is in flight is marked."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _while_held(office: str, still: Callable[[], bool], work: Callable[[], Awaitable[None]]) -> None:
    """Do something until it ends, raises, or the office is lost; what it has begun is finished first."""
    ended = asyncio.Event()
    working, lost = asyncio.create_task(_as_coroutine(work())), asyncio.create_task(_lost(still, ended))
    try:
        await asyncio.wait((working, lost), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            log.error("office_lost", extra={"office": office})
    finally:
        working.cancel()
        ended.set()
        await asyncio.wait((working, lost))
    if not working.cancelled():
        working.result()


async def _lost(still: Callable[[], bool], ended: asyncio.Event) -> None:
    """Return when the office is not held any more, or nobody needs to know: never in the middle of a look."""
    while not ended.is_set() and await asyncio.to_thread(still):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOKS_AT_OFFICE_EVERY):
                await ended.wait()


async def _as_coroutine(work: Awaitable[None]) -> None:
    await work


@contextlib.asynccontextmanager
async def open_app(settings: Settings, clock: Clock | None = None) -> AsyncIterator[App]:
    """Open everything that the bot needs. Raises ConfigurationError, one line for the operator."""
    programme = settings.load_programme()
    all_conversations()
    database = open_database(settings.database_url, settings.key_ring())
    telegram = Telegram(
        settings.token(),
        settings.telegram_api.rstrip("/"),
        replace_pace(PACE, settings),
    )
    whatsapp = whatsapp_of(settings)
    try:
        await asyncio.to_thread(upgrade, database.engine)
        await asyncio.wrap_future(database.submit(check_keys))
        username = await _started(telegram, "Telegram")
        number = await _started(whatsapp, "WhatsApp") if whatsapp else None
        context = Context(
            programme,
            database.keys,
            clock or SystemClock(),
            doors(username, number),
            FACES,
            settings.erased_file,
        )
        yield App(settings, database, context, telegram, whatsapp)
    except ChannelError as error:
        raise ConfigurationError(f"Telegram refuses this bot: {error.reason}") from None
    finally:
        await telegram.stop()
        if whatsapp:
            await whatsapp.stop()
        await asyncio.to_thread(database.close)


async def _started(channel: Telegram | WhatsApp, name: str) -> str:
    """Get a channel ready; return its name there. Raises ConfigurationError, one line for the operator."""
    try:
        return await channel.start()
    except ChannelError as error:
        raise ConfigurationError(f"{name} refuses this bot: {error.reason}") from None


def whatsapp_of(settings: Settings) -> WhatsApp | None:
    """Return the WhatsApp channel that the settings describe; None when there is none."""
    if settings.whatsapp_token is None:
        return None
    return WhatsApp(
        settings.whatsapp_token.get_secret_value(),
        settings.whatsapp_phone_id or "",
        settings.whatsapp_account_id or "",
        settings.whatsapp_api,
        replace(
            WHATSAPP_PACE,
            per_second=settings.whatsapp_messages_per_second,
            per_chat_second=settings.chat_messages_per_second / 6,
        ),
        replace(
            REPORTS,
            settle_seconds=settings.whatsapp_settle_seconds,
            new_chats_a_day=settings.whatsapp_new_chats_a_day,
        ),
    )


def doors(username: str, number: str | None) -> tuple[str, ...]:
    """Return the links by which somebody begins to talk to the bot with a one-time code in hand (`{code}`)."""
    links = [f"https://t.me/{username}?start=kode-{{code}}"]
    if number:
        links.append(f"https://wa.me/{number}?text=kode%20{{code}}")
    return tuple(links)


def replace_pace(pace: Pace, settings: Settings) -> Pace:
    """Return a channel's pace as the operator set it."""
    return replace(
        pace, per_second=settings.messages_per_second, per_chat_second=settings.chat_messages_per_second
    )


async def run(settings: Settings) -> None:
    """Run the bot until SIGTERM; what is in flight is finished and marked. Raises ConfigurationError."""
    running = asyncio.ensure_future(_run(settings))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        if not running.cancelled():
            raise
        log.info("stopped")


async def _run(settings: Settings) -> None:
    async with open_app(settings) as app:
        await app.run()
