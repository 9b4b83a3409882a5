"""The whole bot in a thread, as `genting run` would have it, beside a running simulator."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select

from bot.app import App, open_app, whatsapp_of
from bot.channels.whatsapp.templates import templates
from bot.settings import Settings
from bot.simulator.server import RunningSimulator
from handlers.texts import LANGUAGES
from models.clock import Clock
from models.database import Database
from models.messages import Outcome, outbox
from models.statements import milliseconds

ROOT = Path(__file__).parent.parent


def settings_for(simulator: RunningSimulator, database_url: str, keys_text: str, **more: Any) -> Settings:
    """Return settings that reach the simulator, at a pace that no test waits for."""
    return Settings.model_construct(
        **{
            **Settings.model_construct().model_dump(),
            "database_url": database_url,
            "programme": ROOT / "programme.toml",
            "keys": SecretStr(keys_text),
            "telegram_token": SecretStr(simulator.token),
            "telegram_api": f"{simulator.url}/telegram",
            "messages_per_second": 10_000.0,
            "chat_messages_per_second": 1_000.0,
            **more,
        }
    )


def whatsapp_settings(simulator: RunningSimulator) -> dict[str, Any]:
    """Return what turns WhatsApp on, with a web server of its own for the webhook."""
    business = simulator.business
    return {
        "port": free_port(),
        "whatsapp_token": SecretStr(business.token),
        "whatsapp_phone_id": business.phone_number_id,
        "whatsapp_account_id": business.account_id,
        "whatsapp_app_secret": SecretStr(business.app_secret),
        "whatsapp_verify_token": SecretStr(business.verify_token),
        "whatsapp_api": simulator.whatsapp_api,
        "whatsapp_messages_per_second": 10_000.0,
        "whatsapp_settle_seconds": 1.0,
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def join_whatsapp(simulator: RunningSimulator, settings: Settings) -> None:
    """Set up what an operator sets up at Meta: the templates, and the webhook's address, where the bot runs."""
    register_templates(settings)
    subscribe_whatsapp(simulator, settings)


def register_templates(settings: Settings) -> None:
    """Register them, best before the bot starts: it halts what the platform does not know."""

    async def register() -> None:
        channel = whatsapp_of(settings)
        assert channel is not None
        for name in templates():
            for language in LANGUAGES:
                await channel.register(name, language)
        await channel.stop()

    asyncio.run(register())


def subscribe_whatsapp(simulator: RunningSimulator, settings: Settings) -> None:
    """Name the webhook's address, where the bot answers."""
    simulator.driver.subscribe_whatsapp(f"http://127.0.0.1:{settings.port}/whatsapp")


@contextmanager
def running_app(settings: Settings, clock: Clock) -> Iterator[App]:
    """Run the bot in a thread with a loop of its own, and stop it as a signal would."""
    ready = threading.Event()
    opened: list[App] = []
    tasks: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []
    failures: list[BaseException] = []

    async def main() -> None:
        async with open_app(settings, clock) as app:
            opened.append(app)
            tasks.append((asyncio.get_running_loop(), asyncio.current_task()))  # type: ignore[arg-type]
            ready.set()
            await app.run()

    def run() -> None:
        try:
            asyncio.run(main())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="bot", daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        if failures:
            raise failures[0]
        yield opened[0]
    finally:
        if tasks:
            loop, task = tasks[0]
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
    if failures:
        raise failures[0]


def settle(app: App, clock: Clock, within: float = 60.0) -> None:
    """Let happen what is due, until all that may leave has left: or what is said next would cross it now and then."""
    for task in app.time_has_passed():
        task.result(within)
    deliveries = (app.delivery, *app.also)
    deadline = monotonic() + within
    while not _has_left(app.database, clock) or any(each._in_flight for each in deliveries):
        assert monotonic() < deadline, "messages wait that may leave"
        sleep(0.02)


def _has_left(database: Database, clock: Clock) -> bool:
    waiting = (
        select(func.count())
        .select_from(outbox)
        .where(outbox.c.outcome == int(Outcome.WAITING), outbox.c.with_id.is_(None))
        .where(outbox.c.not_before_ms <= milliseconds(clock.now()))
    )
    with database.engine.connect() as connection:
        return connection.scalar(waiting) == 0
