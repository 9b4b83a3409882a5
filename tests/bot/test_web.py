"""The web server as Telegram and whoever watches it call it: the whole bot, by webhook."""

import re
import socket
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, func, select

from bot.app import App
from bot.demo.cast import cast
from bot.simulator.pacing import Pace
from bot.simulator.people import Person
from bot.simulator.server import RunningSimulator, running_simulator
from bot.web import LARGEST_BODY, SECRET_HEADER
from handlers.catalogue import all_conversations
from models.messages import inbox
from models.programme import Programme
from tests.clock import FixedClock
from tests.running import running_app, settings_for

SECRET = "a-webhook-secret_of-the-tests"
RINA = Person(7_000_000_123, "Rina", phone="628120000123")
UPDATE = {
    "update_id": 900_000_001,
    "message": {
        "message_id": 1,
        "date": 1_760_324_400,
        "chat": {"id": RINA.id, "type": "private", "first_name": "Rina"},
        "from": {"id": RINA.id, "is_bot": False, "first_name": "Rina"},
        "text": "/start",
    },
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Place:
    """The simulator, the bot, and a client that calls the bot's own server."""

    def __init__(self, simulator: RunningSimulator, app: App, client: httpx.Client) -> None:
        self.simulator, self.app, self.client = simulator, app, client

    def post(self, body: bytes | dict[str, object], **headers: str) -> httpx.Response:
        shown = {SECRET_HEADER: SECRET} | headers
        if isinstance(body, dict):
            return self.client.post("/telegram", json=body, headers=shown)
        return self.client.post("/telegram", content=body, headers=shown)

    def taken(self) -> int:
        """How many updates the database knows."""

        def count(connection: Connection) -> int:
            return int(connection.execute(select(func.count()).select_from(inbox)).scalar_one())

        return self.app.database.submit(count).result()


@pytest.fixture
def place(sqlite_url: str, keys_text: str, clock: FixedClock) -> Iterator[Place]:
    all_conversations()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running_simulator(clock, people=[RINA], pace=Pace.off()) as simulator:
        settings = settings_for(
            simulator,
            sqlite_url,
            keys_text,
            public_url=url,
            webhook_secret=SecretStr(SECRET),
            host="127.0.0.1",
            port=port,
        )
        transport = httpx.HTTPTransport(retries=6)  # the server may be a moment behind the bot
        with (
            running_app(settings, clock) as app,
            httpx.Client(base_url=url, transport=transport, trust_env=False, timeout=30) as client,
        ):
            assert client.get("/health").status_code == 200
            yield Place(simulator, app, client)


def test_a_person_is_answered_through_the_webhook(place: Place) -> None:
    rina = place.simulator.driver.phone(RINA.id)
    rina.start()

    answer = rina.wait_for(lambda m: m.from_bot)

    assert answer.text
    place.simulator.driver.wait_until_confirmed()
    assert place.taken() == 1
    assert place.simulator.driver.ledger(method="getUpdates") == []


def test_an_update_that_comes_twice_is_answered_once(place: Place) -> None:
    for _ in range(2):
        assert place.post(UPDATE).status_code == 200

    assert place.taken() == 1


@pytest.mark.parametrize("shown", ["", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper()])
def test_a_wrong_secret_is_refused(place: Place, shown: str) -> None:
    answer = place.post(UPDATE, **{SECRET_HEADER: shown})

    assert (answer.status_code, answer.text) == (403, "forbidden")
    assert place.taken() == 0


def test_no_secret_is_refused(place: Place) -> None:
    assert place.client.post("/telegram", json=UPDATE).status_code == 403
    assert place.client.post("/telegram", json=UPDATE, params={"secret": SECRET}).status_code == 403
    assert place.taken() == 0


def test_a_secret_in_no_alphabet_is_refused(place: Place) -> None:
    answer = place.client.post("/telegram", json=UPDATE, headers=[(SECRET_HEADER.encode(), b"\xff\xfe\xe9")])

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"\xff\xfe", b"[]", b'"text"', b"null", b"7", b"[" * 200_000],
    ids=["empty", "words", "bytes", "list", "string", "null", "number", "deep"],
)
def test_what_is_no_update_is_refused(place: Place, body: bytes) -> None:
    assert place.post(body).status_code == 400
    assert place.taken() == 0


def test_what_is_too_large_is_refused(place: Place) -> None:
    def in_chunks() -> Iterator[bytes]:
        yield b'{"update_id": 1, "padding": "'
        for _ in range(LARGEST_BODY // 1000):
            yield b"x" * 1000
        yield b'"}'

    chunked = place.client.post("/telegram", content=in_chunks(), headers={SECRET_HEADER: SECRET})

    assert chunked.status_code == 400
    assert place.post(UPDATE).status_code == 200
    assert place.taken() == 1


def test_nothing_else_is_served(place: Place) -> None:
    assert place.client.get("/telegram").status_code == 405
    assert place.client.get("/").status_code == 404


def test_health(place: Place) -> None:
    answer = place.client.get("/health")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "outbox_due": 0, "sending": "ok"}


def test_metrics_count_and_tell_nothing_about_anybody(place: Place, programme: Programme) -> None:
    rina = place.simulator.driver.phone(RINA.id)
    rina.start()
    rina.wait_for(lambda m: m.from_bot)
    place.simulator.driver.wait_until_confirmed()

    answer = place.client.get("/metrics")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'genting_updates{outcome="done"} 1.0' in answer.text
    assert "genting_outbox_waiting" in answer.text
    assert not re.search(r"\d{9}", answer.text)  # no chat, phone, NIP or NIK
    for person in cast(programme):
        assert person.name not in answer.text
    assert "Rina" not in answer.text
