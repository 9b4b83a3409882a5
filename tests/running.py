"""The whole bot in a thread, as `genting run` would have it, beside a running simulator."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.app import App, open_app
from bot.settings import Settings
from bot.simulator.server import RunningSimulator
from models.clock import Clock

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
