"""Whatever the door is shown, the bot neither falls over nor lets a chat stand."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from bot.channels.telegram import Telegram
from bot.intake import Intake
from bot.simulator.pacing import Pace
from bot.simulator.people import Person
from bot.simulator.server import RunningSimulator, running_simulator
from bot.web import SECRET_HEADER, web_app
from handlers.kit.chat import Context
from jobs.channel import Pace as SendingPace
from jobs.delivery import Delivery
from models.database import Database
from models.inbox import parked
from models.keys import KeyRing
from models.messages import inbox
from models.outbox import backlog
from models.programme import Programme
from tests.clock import FixedClock
from tests.depth import depth
from tests.faults.chatting import Chats
from tests.faults.mutations import any_update, mutated, text
from tests.running import settings_for

SEED = 20_261_124
UPDATES, UNSIGNED = depth(1_000, thorough=5_000), 200
CHATS = [7_400_000_000 + number for number in range(40)]
SECRET = "a-secret-only-for-tests"
PATIENCE = 60.0


@pytest.mark.slow
def test_thousands_of_odd_updates_break_nothing_and_every_chat_is_answered_afterwards(
    database: Database, keys: KeyRing, keys_text: str, programme: Programme, clock: FixedClock
) -> None:
    people = [Person(chat_id, "Rekaan", started=True) for chat_id in CHATS]
    with running_simulator(clock, pace=Pace.off(), people=people) as simulator:
        asyncio.run(fuzz(simulator, database, Context(programme, keys, clock), keys_text))


async def fuzz(simulator: RunningSimulator, database: Database, context: Context, keys_text: str) -> None:
    rng = random.Random(SEED)
    chats = Chats(database, context)
    async with open_door(simulator, database, context, keys_text) as door:
        for number in range(UNSIGNED):
            update = mutated(rng, any_update(rng, number, rng.choice(CHATS), []))
            assert (
                await door.post(update, rng.choice([None, "", "wrong", SECRET[:-1], SECRET.upper()])) == 403
            )
        assert await count(database) == 0

        for number in range(1, UPDATES + 1):
            chat_id = rng.choice(CHATS)
            update = mutated(rng, any_update(rng, number, chat_id, await buttons(chats, chat_id)))
            if rng.random() < 0.5:
                assert await door.post(update, SECRET) == 200, update
            else:
                await door.intake.take(update)
        await door.drained()
        broken = await asyncio.to_thread(
            database.submit(
                lambda c: [p for p in parked(c, context.keys, 5000) if "Traceback" in p.error]
            ).result
        )
        assert not broken, (
            f"{len(broken)} could not be handled, first {broken[0].payload}:\n{broken[0].error}"
        )

        for number, chat_id in enumerate(CHATS, start=UPDATES + 1):
            before = await asyncio.to_thread(simulator.driver.sends, chat_id)
            await door.intake.take(text(number, chat_id, "/menu"))
            await door.drained()
            after = await asyncio.to_thread(simulator.driver.sends, chat_id)
            assert len(after) > len(before), chats.told(str(chat_id))[-3:]


@dataclass(slots=True)
class Door:
    """Both ways in, and the sender behind them."""

    intake: Intake
    delivery: Delivery
    web: httpx.AsyncClient

    async def post(self, update: object, secret: str | None) -> int:
        """Call the webhook; return the status."""
        headers = {} if secret is None else {SECRET_HEADER: secret}
        return (await self.web.post("/telegram", content=json.dumps(update), headers=headers)).status_code

    async def drained(self) -> None:
        """Wait until nothing that is due waits for the sender."""
        database, now = self.delivery.database, self.delivery.clock.now()
        async with asyncio.timeout(PATIENCE):
            while (await asyncio.to_thread(database.submit(lambda c: backlog(c, now, now)).result)).due:
                self.delivery.wake()
                await asyncio.sleep(0.01)


@asynccontextmanager
async def open_door(
    simulator: RunningSimulator, database: Database, context: Context, keys_text: str
) -> AsyncIterator[Door]:
    pace = SendingPace(per_second=100_000, per_chat_second=1_000, chat_burst=4)
    telegram = Telegram(simulator.token, f"{simulator.url}/telegram", pace)
    await telegram.start()
    delivery = Delivery(database, telegram, context)
    intake = Intake(database, context, telegram, delivery.wake)
    settings = settings_for(simulator, "sqlite:///", keys_text, webhook_secret=SecretStr(SECRET))
    app = web_app(settings, database, intake, delivery, context.clock)
    sending = asyncio.create_task(delivery.run())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as web:
        yield Door(intake, delivery, web)
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    await telegram.stop()


async def buttons(chats: Chats, chat_id: int) -> list[str]:
    """Return the data of the buttons under a chat's newest message."""
    told = await asyncio.to_thread(chats.told, str(chat_id))
    return [b.data for row in [*told[-1].rows, told[-1].nav] for b in row] if told else []


async def count(database: Database) -> int:
    query = select(func.count()).select_from(inbox)
    return int(await asyncio.to_thread(database.submit(lambda c: c.execute(query).scalar_one()).result))
