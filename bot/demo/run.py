"""`genting demo`: the simulator, the bot and a year of invented data, in one process."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr
from sqlmodel import Session

from bot.app import App, open_app
from bot.channels.whatsapp.templates import templates
from bot.demo.cast import DemoPerson, cast
from bot.demo.clock import DemoClock, next_payout_morning
from bot.demo.district import seed
from bot.settings import Settings
from bot.simulator.dial import Dial
from bot.simulator.people import Person
from bot.simulator.server import TOKEN, Simulator
from bot.simulator.whatsapp.account import Business
from handlers.texts import LANGUAGES
from models.database import in_session
from models.errors import ConfigurationError
from models.grants import invite


async def demo(settings: Settings, port: int) -> None:
    """Serve the page on 127.0.0.1 until interrupted. Raises ConfigurationError."""
    programme = settings.load_programme()
    clock = DemoClock()
    dial = Dial(clock, lambda now: next_payout_morning(programme, now))
    people = [_person(member) for member in sorted(cast(programme), key=_order)]
    simulator = Simulator(clock, token=TOKEN, people=people, dial=dial)
    with TemporaryDirectory(prefix="genting-demo-") as folder:
        async with _served(simulator, port) as url:
            own = _own(settings, Path(folder), url, simulator.whatsapp.business)
            async with open_app(own, clock) as app:

                def fill(session: Session) -> str:
                    seed(session, programme, app.database.keys, clock.now())
                    lasts = timedelta(days=365)
                    return invite(session, app.database.keys, clock.now(), area=None, role_lasts=lasts)

                code = await asyncio.wrap_future(app.database.submit(in_session(fill)))
                sys.stdout.write(
                    f"\n  Genting demo: open {url} in a browser.\n"
                    f"  A new coordinator's code: /kode {code} (Kartika or Wahyu approves it in /antrean)\n"
                    "  Stop with Ctrl-C.\n\n"
                )
                sys.stdout.flush()
                dial.followers.append(app.time_has_passed)
                await _register(app)
                joining = asyncio.create_task(_subscribe(app, simulator))
                try:
                    await app.run()
                finally:
                    joining.cancel()


async def _register(app: App) -> None:
    """Set up what an operator sets up at Meta: the templates, before a reminder wants one."""
    assert app.whatsapp is not None  # noqa: S101 - the demo has both channels
    for name in templates():
        for language in LANGUAGES:
            await app.whatsapp.register(name, language)


async def _subscribe(app: App, simulator: Simulator) -> None:
    """Name the webhook's address, once the bot answers there."""
    await simulator.whatsapp.webhook.subscribe(f"http://{app.settings.host}:{app.settings.port}/whatsapp")


@asynccontextmanager
async def _served(simulator: Simulator, port: int) -> AsyncIterator[str]:
    """Serve the simulator. Raises ConfigurationError when the port is taken."""
    try:
        serving = simulator.serve(port)
        url = await serving.__aenter__()
    except OSError:
        raise ConfigurationError(f"port {port} is taken; try GENTING_DEMO_PORT=8081 genting demo") from None
    try:
        yield url
    finally:
        await serving.__aexit__(None, None, None)


def _own(settings: Settings, folder: Path, url: str, business: Business) -> Settings:
    """The demo keeps its data apart and forgets it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return settings.model_copy(
        update={
            "host": "127.0.0.1",
            "port": port,
            "whatsapp_token": SecretStr(business.token),
            "whatsapp_phone_id": business.phone_number_id,
            "whatsapp_account_id": business.account_id,
            "whatsapp_app_secret": SecretStr(business.app_secret),
            "whatsapp_verify_token": SecretStr(business.verify_token),
            "whatsapp_api": f"{url}/whatsapp/v26.0",
            "database_url": f"sqlite:///{folder}/demo.db",
            "keys": None,
            "key_file": folder / "demo.keys",
            "erased_file": folder / "demo.erased",
            "telegram_token": SecretStr(TOKEN),
            "telegram_api": f"{url}/telegram",
            "public_url": None,
        }
    )


# Whom the page's first phones belong to: somebody who has yet to sign up, and who approves.
FIRST = ("newcomer_on_roster", "district_coordinator", "newcomer_on_whatsapp")


def _order(member: DemoPerson) -> int:
    return FIRST.index(member.key) if member.key in FIRST else len(FIRST)


def _person(member: DemoPerson) -> Person:
    first, _, last = member.name.partition(" ")
    return Person(
        member.telegram_id,
        first,
        last,
        language_code=member.language,
        phone=member.phone.removeprefix("+"),
        label=member.role_id,
        hint=member.hint_id,
        channel=member.channel,
        started=member.joined,
    )
