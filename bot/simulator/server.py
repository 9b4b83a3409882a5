"""The simulator assembled and served: in a running loop, in a thread of its own, or as a process.

async with Simulator(clock, token=token).serve() as url: …
with running_simulator(token=token) as simulator: simulator.driver.phone(…)
python -m bot.simulator --port 8081 --token 123456:ABC
"""

import asyncio
import contextlib
import random
import socket
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.simulator.behind import Behind
from bot.simulator.calling import Retry
from bot.simulator.dial import Dial
from bot.simulator.driver import Driver
from bot.simulator.faults import Faults
from bot.simulator.ledger import Ledger
from bot.simulator.pacing import Pace
from bot.simulator.people import Person, demo_cast
from bot.simulator.phones import Phones
from bot.simulator.telegram.account import Account
from bot.simulator.telegram.endpoint import BotApi, FileDownload
from bot.simulator.whatsapp.account import PACE as WHATSAPP_PACE
from bot.simulator.whatsapp.account import Account as WhatsAppAccount
from bot.simulator.whatsapp.account import Business
from bot.simulator.whatsapp.endpoint import GraphApi
from bot.simulator.world import World
from models.clock import Clock, SystemClock

PAGE = Path(__file__).with_name("page")
TOKEN = "7001234567:AAFakeTokenForTheLocalSimulatorOnly"  # noqa: S105 - opens nothing but this simulator
HOST = "127.0.0.1"
_HEADERS = {
    "Cache-Control": "no-cache",
    # Nothing from elsewhere, and no script but our own files, whatever a message contains.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'",
}


class Simulator:
    """A local Telegram with one bot account, a local WhatsApp with one business number, and their page of phones.

    `pace` defaults to the real service's limits. `people` are there from the start (tests bring their own).
    `keep_params=False` keeps the ledger small under load; `dial` lets visitors move the clock. Raise ValueError
    for an ill-formed token.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = TOKEN,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        people: Iterable[Person] = (),
        username: str = "genting_belitung_bot",
        name: str = "Genting Belitung",
        webhook_retry: Retry = Retry(),  # noqa: B008 - frozen
        keep_params: bool = True,
        dial: Dial | None = None,
        business: Business = Business(),  # noqa: B008 - frozen
        whatsapp_pace: Pace | None = None,
        seed: int = 20_261_125,
    ) -> None:
        self.world = World(clock, people)
        self.world.dial = dial
        self.ledger = Ledger(clock, keep_params=keep_params)
        self.faults = Faults()
        self.account = Account(
            self.world, token, pace=pace, retry=webhook_retry, username=username, name=name
        )
        self.whatsapp = WhatsAppAccount(
            self.world,
            business,
            pace=whatsapp_pace or (WHATSAPP_PACE if pace.enforced else pace),
            retry=webhook_retry,
            dice=random.Random(seed),  # noqa: S311 - repeatable, not secret
        )
        self.graph = GraphApi(self.whatsapp, self.ledger, self.faults, self._cut)
        self.phones = Phones(self.account, self.whatsapp)
        self._behind = Behind(self.account, self.graph, self.ledger, self.faults, self.phones)
        self._connections: dict[tuple[str, int], asyncio.Transport] = {}
        self.app = Starlette(
            routes=[
                # First, and raw ASGI: load tests go through these two.
                Route(
                    "/telegram/bot{token}/{method}", BotApi(self.account, self.ledger, self.faults, self._cut)
                ),
                Route("/telegram/file/bot{token}/{path:path}", FileDownload(self.account)),
                *self.graph.routes(),
                *self.phones.routes(),
                *self._behind.routes(),
                Route("/", _index),
                Route("/favicon.ico", _favicon),
                Mount("/page", StaticFiles(directory=PAGE)),
            ]
        )

    def server(self, **config: Any) -> uvicorn.Server:
        """Return a server of the app that ends its open streams when told to stop."""
        connections = self._connections

        class Connection(H11Protocol):
            """Remembers its transport, so that a fault can cut it."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    connections[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    connections.pop(self.client, None)
                super().connection_lost(exc)

        # A caller lets an idle connection go after five seconds (httpx), as uvicorn would in the same moment: a call
        # that the server's end crosses is lost. The platforms' own servers wait much longer.
        settings = {
            "timeout_keep_alive": 75,
            "log_config": None,
            "log_level": "critical",
            "access_log": False,
            **config,
        }
        return _Server(
            uvicorn.Config(
                self.app, http=Connection, ws="none", lifespan="off", timeout_graceful_shutdown=2, **settings
            ),
            self,
        )

    async def close(self) -> None:
        """End streams, long polls and webhook deliveries, so that the server can stop at once."""
        self._behind.closing = True
        await self.account.webhook.stop()
        await self.whatsapp.webhook.stop()
        self.account.queue.stop_poll()
        self.world.bell.ring()
        for chat in self.world.chats.values():
            chat.bell.ring()

    @contextlib.asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[str]:
        """Serve on 127.0.0.1 in the running loop; yield the base URL, such as "http://127.0.0.1:40123"."""
        listener = socket.create_server((HOST, port))
        # asyncio does it only for sockets that name their protocol: an answer's body would wait 40 ms for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = self.server()
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            # The socket listens already: a request that comes before the server is up waits in its backlog.
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
            listener.close()

    async def _cut(self, scope: Scope) -> None:
        transport = self._connections.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()
            # The server notes the loss in the loop's next rounds; only then may the request end quietly.
            for _ in range(3):
                await asyncio.sleep(0)


class _Server(uvicorn.Server):
    """Leaves signals to whoever embeds it, and closes the simulator before it waits for connections."""

    def __init__(self, config: uvicorn.Config, simulator: Simulator) -> None:
        super().__init__(config)
        self.simulator = simulator

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.simulator.close()
        await super().shutdown(sockets)


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A simulator that runs elsewhere: its addresses, and a driver for its phones."""

    url: str
    token: str
    driver: Driver
    business: Business = field(default_factory=Business)

    @property
    def whatsapp_api(self) -> str:
        """Return what the Cloud API's address is."""
        return f"{self.url}/whatsapp/v26.0"

    @property
    def base_url(self) -> str:
        """Return what telegram.Bot takes as base_url."""
        return f"{self.url}/telegram/bot"

    @property
    def base_file_url(self) -> str:
        """Return what telegram.Bot takes as base_file_url."""
        return f"{self.url}/telegram/file/bot"


@contextlib.contextmanager
def running_simulator(
    clock: Clock | None = None, *, port: int = 0, **options: Any
) -> Iterator[RunningSimulator]:
    """Run a simulator in a thread with a loop of its own; `options` are Simulator's.

    For synchronous code. The clock is read from that thread, so it must be safe to read there.
    """
    simulator = Simulator(clock or SystemClock(), **options)
    ready = threading.Event()
    address: list[str] = []
    failure: list[BaseException] = []
    control: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def main() -> None:
        stop = asyncio.Event()
        async with simulator.serve(port) as url:
            address.append(url)
            control.append((asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            failure.append(error)
            ready.set()

    thread = threading.Thread(target=run, name="simulator", daemon=True)
    thread.start()
    ready.wait()
    if failure:
        raise failure[0]
    loop, stop = control[0]
    try:
        with Driver(address[0]) as driver:
            yield RunningSimulator(address[0], simulator.account.token, driver, simulator.whatsapp.business)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
    if failure:
        raise failure[0]


def serve_until_stopped(port: int, token: str, pace: Pace) -> None:
    """Serve the demo's cast until a signal ends the process."""
    simulator = Simulator(SystemClock(), token=token, pace=pace, people=demo_cast())
    server = simulator.server(host=HOST, port=port)
    with contextlib.suppress(KeyboardInterrupt), uvicorn.Server.capture_signals(server):
        asyncio.run(server.serve())


async def _index(_: Any) -> Response:
    return FileResponse(PAGE / "index.html", headers=_HEADERS)


async def _favicon(_: Any) -> Response:
    return RedirectResponse("/page/icon.svg")
