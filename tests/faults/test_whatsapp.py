"""WhatsApp's door under everything that comes to it: forged calls, broken ones, repeats for a week, and power cuts."""

import asyncio
import hashlib
import hmac
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import col

from bot.app import whatsapp_of
from bot.channels.telegram import Telegram
from bot.intake import Intake
from bot.settings import Settings
from bot.simulator.calling import Retry
from bot.simulator.pacing import Pace
from bot.simulator.people import Person as PhoneOwner
from bot.simulator.server import running_simulator
from bot.web import SIGNATURE_HEADER, web_app
from bot.whatsapp_intake import WhatsAppIntake
from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from jobs.delivery import Delivery
from models.contacts import Contact
from models.database import Database, in_session, open_database
from models.dispatches import Rank, dispatch
from models.inbox import parked
from models.keys import KeyRing
from models.messages import Outcome, conversation, inbox, outbox
from models.migrations import upgrade
from models.programme import Programme
from tests.clock import FixedClock
from tests.faults.mutations import ODD_TEXTS, mutated
from tests.faults.outbox import count, left_in_flight
from tests.faults.process import BotProcess
from tests.faults.signups import STEPS, Newcomer, expected, registered, signing_up
from tests.running import join_whatsapp, settings_for, whatsapp_settings

SEED = 20_261_125
CALLS = {"sqlite": 5_000, "postgresql": 1_000}
"""What is broken meets the same code before either database; one of them sees all of it."""

SECRET = "an-app-secret-only-for-tests"
NUMBER_ID = "106540352242922"
PAYLOADS = Path(__file__).parents[1] / "bot" / "channels" / "payloads"


@dataclass(slots=True)
class Door:
    """The webhook, with nobody to answer behind it."""

    web: httpx.AsyncClient
    database: Database

    async def post(self, body: bytes, signature: str | None = None) -> int:
        """Call the webhook, signed unless told otherwise; return the status."""
        shown = sign(body) if signature is None else signature
        return (await self.web.post("/whatsapp", content=body, headers={SIGNATURE_HEADER: shown})).status_code

    async def rows(self, table: Any) -> int:
        query = select(func.count()).select_from(table)
        return int(
            await asyncio.to_thread(self.database.submit(lambda c: c.execute(query).scalar_one()).result)
        )


def sign(body: bytes) -> str:
    return f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"


@asynccontextmanager
async def open_door(database: Database, context: Context) -> AsyncIterator[Door]:
    all_conversations()
    settings = Settings.model_construct(
        **{
            **Settings.model_construct().model_dump(),
            "whatsapp_token": SecretStr("EAAtoken"),
            "whatsapp_phone_id": NUMBER_ID,
            "whatsapp_account_id": "1",
            "whatsapp_app_secret": SecretStr(SECRET),
            "whatsapp_verify_token": SecretStr("a-verify-token"),
            "whatsapp_api": "http://127.0.0.1:9",  # nobody answers: reading marks are only politeness
        }
    )
    whatsapp, telegram = whatsapp_of(settings), Telegram("123:abc", "http://127.0.0.1:9")
    assert whatsapp is not None
    delivery = Delivery(database, telegram, context)
    app = web_app(
        settings,
        database,
        Intake(database, context, telegram, delivery.wake),
        delivery,
        context.clock,
        WhatsAppIntake(database, context, whatsapp, delivery.wake),
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as web:
        yield Door(web, database)
    await whatsapp.stop()


@pytest.fixture
def context(programme: Programme, keys: KeyRing, clock: FixedClock) -> Context:
    return Context(programme, keys, clock)


def payloads() -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(PAYLOADS.glob("*.json"))]


def test_an_address_is_proved_and_nothing_else_is_told(database: Database, context: Context) -> None:
    async def main() -> None:
        async with open_door(database, context) as door:
            asked = {
                "hub.mode": "subscribe",
                "hub.verify_token": "a-verify-token",
                "hub.challenge": "1158201444",
            }
            answer = await door.web.get("/whatsapp", params=asked)
            assert (answer.status_code, answer.text) == (200, "1158201444")
            for wrong in (
                {"hub.verify_token": "other"},
                {"hub.mode": "unsubscribe"},
                {"hub.verify_token": "\\ud83d"},
            ):
                assert (await door.web.get("/whatsapp", params={**asked, **wrong})).status_code == 403

    asyncio.run(main())


def test_a_call_that_is_not_signed_leaves_no_row(database: Database, context: Context) -> None:
    body = json.dumps(payloads()[0]).encode()
    right = sign(body)
    forged = [
        "",
        "sha256=",
        right.upper(),
        right[:-1],
        right + "0",
        right.removeprefix("sha256="),
        f"sha1={right[7:]}",
    ]
    forged += [sign(body + b" "), "sha256=" + "0" * 64]

    async def main() -> None:
        async with open_door(database, context) as door:
            for signature in forged:
                assert await door.post(body, signature) == 403
            for other in payloads()[1:]:
                assert await door.post(json.dumps(other).encode(), right) == 403
            assert [await door.rows(table) for table in (inbox, outbox, dispatch, conversation)] == [
                0,
                0,
                0,
                0,
            ]
            assert await door.post(json.dumps(one("halo", 1)).encode()) == 200
            assert await door.rows(inbox) == 1

    asyncio.run(main())


@pytest.mark.slow
def test_five_thousand_signed_but_broken_calls_break_nothing(database: Database, context: Context) -> None:
    rng, calls = random.Random(SEED), CALLS[database.engine.dialect.name]
    good = payloads()

    async def main() -> None:
        async with open_door(database, context) as door:
            statuses: Counter[int] = Counter()
            for number in range(calls):
                payload = one(rng.choice(ODD_TEXTS), number) if rng.random() < 0.3 else rng.choice(good)
                body = json.dumps(mutated(rng, payload)).encode()
                if rng.random() < 0.05:
                    body = body[: rng.randrange(len(body))]
                statuses[await door.post(body)] += 1
            assert set(statuses) == {200, 400}, statuses
            broken = [p for p in await parked_ones(door, context) if "Traceback" in p.error]
            assert not broken, f"{len(broken)}, first {broken[0].payload}:\n{broken[0].error}"
            before = await door.rows(outbox)
            assert await door.post(json.dumps(one("/menu", calls)).encode()) == 200
            assert await door.rows(outbox) > before

    asyncio.run(main())


async def parked_ones(door: Door, context: Context) -> list[Any]:
    return await asyncio.to_thread(
        door.database.submit(lambda c: list(parked(c, context.keys, 10_000))).result
    )


def one(text: str, number: int, sender: str = "628120000001", at: int = 1_760_320_800) -> dict[str, Any]:
    """Return a call with one message."""
    message = {
        "from": sender,
        "from_user_id": f"ID.{sender}",
        "id": f"wamid.{sender}.{number}",
        "timestamp": str(at),
        "type": "text",
        "text": {"body": text},
    }
    return call({"messages": [message]})


def call(*values: dict[str, Any]) -> dict[str, Any]:
    metadata = {"display_phone_number": "628000000900", "phone_number_id": NUMBER_ID}
    changes = [
        {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        for value in values
    ]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def reports_of(outbox_id: int) -> list[dict[str, Any]]:
    """Return what WhatsApp would tell of one of our messages, each report a call of its own."""
    return [
        call(
            {
                "statuses": [
                    {
                        "id": f"wamid.OUT{outbox_id}",
                        "status": status,
                        "biz_opaque_callback_data": f"{outbox_id}.0.1",
                    }
                ]
            }
        )
        for status in ("sent", "delivered", "read")
    ]


SAID = [
    "/daftar",
    "ya, saya setuju",
    "perorangan",
    "Orang Rekaan",
    "081234567890",
    "ya, daftar",
    "/bahasa",
    "english",
    "/menu",
]


def test_a_week_of_repeats_in_any_order_leaves_the_rows_of_once(
    database: Database, tmp_path: Path, sqlite_url: str, keys: KeyRing, context: Context, clock: FixedClock
) -> None:
    once = open_database(sqlite_url.replace("genting.db", "once.db"), keys, durable=False)
    try:
        upgrade(once.engine)
        wanted = asyncio.run(play(once, context, clock, None))
    finally:
        once.close()
    clock.set(FixedClock().now())
    assert asyncio.run(play(database, context, clock, random.Random(SEED))) == wanted


async def play(
    database: Database, context: Context, clock: FixedClock, rng: random.Random | None
) -> dict[str, Any]:
    """Say everything, each message delivered when it was said; with dice, again and again, shuffled, for a week."""
    async with open_door(database, context) as door:
        said: list[dict[str, Any]] = []
        for sender in ("628120000001", "628120000002", "628120000003"):
            for number, words in enumerate(SAID):
                said.append(one(words, number, sender, int(clock.now().timestamp())))
                before = await door.rows(outbox) + 1
                if rng:  # reports of messages that do not exist yet
                    for report in rng.sample(reports_of(before), 2):
                        assert await door.post(json.dumps(report).encode()) == 200
                assert await door.post(json.dumps(said[-1]).encode()) == 200
                clock.advance(timedelta(minutes=3))
        reports = [
            report for number in range(1, await door.rows(outbox) + 1) for report in reports_of(number)
        ]
        again = [*said, *reports] * (3 if rng else 1)
        if rng:
            rng.shuffle(again)
        for number, body in enumerate(again):
            if rng and number % 40 == 0:
                clock.advance(timedelta(hours=12))
            assert await door.post(json.dumps(body).encode()) == 200
        assert await door.rows(inbox) == len(said)
        return await asyncio.to_thread(door.database.submit(in_session(left_by)).result)


def left_by(session: Any) -> dict[str, Any]:
    """Return what is there, without ids and instants."""
    ranks = session.execute(select(dispatch.c.outbox_id, dispatch.c.rank)).all()
    contacts = session.exec(select(Contact).order_by(col(Contact.id))).scalars()
    return {
        "registered": registered(session),
        "messages": session.execute(select(func.count()).select_from(outbox)).scalar(),
        "ranks": sorted((outbox_id, rank) for outbox_id, rank in ranks),
        "read": {rank for _, rank in ranks} == {Rank.READ},
        "windows": [(contact.address, contact.free_until_ms) for contact in contacts],
        "conversations": session.execute(select(func.count()).select_from(conversation)).scalar(),
    }


class OnWhatsApp(Newcomer):
    """Somebody who signs up on WhatsApp, where no NIP is asked: a coordinator will look at it."""

    @property
    def phone(self) -> str:
        return f"62812{self.number:07d}"

    def on_the_phone(self) -> PhoneOwner:
        return PhoneOwner(self.chat_id, "Rekaan", phone=self.phone, channel="whatsapp")

    def script(self) -> list[tuple[str, str]]:
        before, behind = super().script()[:4], "Dinas Rekaan"
        return [
            *before[:3],
            (self.name, "OPD"),
            (behind, "Nomor HP"),
            ("[📱 Pakai nomor ini]", "kode sekali pakai"),
            ("[Belum punya kode]", "Mohon periksa"),
            ("[Ya, daftar]", "Pendaftaran sudah masuk"),
        ]


@pytest.mark.slow
def test_people_sign_up_while_the_bot_is_killed_and_reports_tell_what_arrived(
    tmp_path: Path, sqlite_url: str, keys: KeyRing, keys_text: str
) -> None:
    rng = random.Random(SEED)
    newcomers: list[Newcomer] = [OnWhatsApp(number) for number in range(24)]
    people = [newcomer.on_the_phone() for newcomer in newcomers]
    in_flight = kills = 0
    with running_simulator(pace=Pace.off(), people=people, webhook_retry=Retry(0.05, 1.5, 0.3)) as simulator:
        settings = settings_for(simulator, sqlite_url, keys_text, **whatsapp_settings(simulator))
        bot = BotProcess(tmp_path, simulator, sqlite_url, keys_text)
        bot.environment |= as_environment(settings)
        with bot:
            bot.start()
            join_whatsapp(simulator, settings)
            bot.kill()
            with signing_up(simulator.url, newcomers, threads=4) as dialogs:
                while not all(dialog.done() for dialog in dialogs) and kills < 8:
                    bot.start()
                    wanted = simulator.driver.summary()["delivered"] + rng.randint(1, 40)
                    simulator.driver.summary(delivered=wanted, timeout=60)
                    bot.kill(after=rng.uniform(0, 0.03))
                    in_flight += left_in_flight(sqlite_url, keys)
                    kills += 1
                bot.start()
                for dialog in dialogs:
                    dialog.result()
            simulator.driver.wait_until_confirmed(30)
        database = open_database(sqlite_url, keys)
        try:
            found = database.submit(in_session(registered)).result()
        finally:
            database.close()
        names = {number: name for number, (name, _) in found.items()}
        assert names == {
            OnWhatsApp(n.number).phone: name for n in newcomers for name, _ in [expected([n])[str(n.chat_id)]]
        }
        assert count(sqlite_url, keys, outbox.c.outcome == int(Outcome.SENT)) == len(newcomers) * STEPS
        delivered = simulator.driver.summary()["delivered_by_chat"]
        twice = sum(delivered.values()) - len(newcomers) * STEPS
        assert 0 <= twice <= in_flight, f"{twice} went twice, {in_flight} were in flight"
        assert min(delivered.values()) >= STEPS
        assert simulator.driver.whatsapp()["invalid"] == []
    print(f"{kills} kills, {len(newcomers)} chats: {twice} of {in_flight} messages in flight went twice")


def as_environment(settings: Settings) -> dict[str, str]:
    """Return WhatsApp's settings as a process gets them."""
    found = {}
    for name, value in settings.model_dump().items():
        if value is not None and (name.startswith("whatsapp_") or name in {"host", "port"}):
            plainly = value.get_secret_value() if isinstance(value, SecretStr) else value
            found[f"GENTING_{name.upper()}"] = str(plainly)
    return found
