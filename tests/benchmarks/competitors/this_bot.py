"""This bot on SQLite: its own intake, inbox, outbox, delivery and Telegram channel, as `bot.app` joins them.

The dialog is written for the kit as any conversation is. Beyond what the others do, it seals states and bodies,
and takes the keys away from an answered message (a third request for a tap).
"""

import asyncio
import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlmodel import col, select

from bot.channels.telegram import NAME, Telegram
from bot.intake import Intake
from handlers.kit.chat import Chat, Context
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import conversation
from handlers.kit.inputs import FreeText
from handlers.kit.state import State
from handlers.texts import Plain
from jobs.channel import Pace
from jobs.delivery import Delivery
from models.clock import SystemClock
from models.contacts import Contact
from models.conversations import chat_standing, save_state
from models.database import open_database, session_on
from models.errors import BadInput
from models.keys import KeyRing
from models.messages import Outcome, outbox
from models.programme import Programme
from models.tables import metadata
from tests.benchmarks.competitor import Competitor, in_batches
from tests.benchmarks.competitors.ptb import EdgeRequest
from tests.benchmarks.competitors.tables import RegistrationRow
from tests.benchmarks.edge import Edge
from tests.benchmarks.replay import LENGTHS
from tests.benchmarks.script import (
    ASK_CONFIRM,
    ASK_CONSENT,
    ASK_KIND,
    ASK_NAME,
    ASK_NIP,
    ASK_ORGANISATION,
    DONE,
    TOKEN,
    Prompt,
    Registration,
)

PROGRAMME = Path(__file__).parents[3] / "programme.toml"
UNPACED = Pace(per_second=1e9, per_chat_second=1e9, chat_burst=1_000_000)
"""Nobody else keeps Telegram's pace here."""
LOOK_EVERY = 0.002
"""Seconds between looks at whether everything has gone."""


def nip(text: str) -> str:
    """Check the eighteen digits."""
    if not (text.isdigit() and len(text) == 18):
        raise BadInput("nip")
    return text


def choice(prompt: Prompt) -> Choice:
    """Offer a prompt's buttons."""
    options = [Option(data.partition(":")[2], Plain(label)) for label, data in prompt.buttons]
    return Choice(Plain(prompt.text), options)


@conversation("daftar", title=Plain("Register"))
def register(chat: Chat) -> None:
    """The dialog."""
    chat.ask("consent", choice(ASK_CONSENT))
    kind = chat.ask("kind", choice(ASK_KIND))
    name = chat.ask("name", FreeText(Plain(ASK_NAME.text)))
    number = chat.ask("nip", FreeText(Plain(ASK_NIP.text), parse=nip))
    organisation = chat.ask("organisation", choice(ASK_ORGANISATION))
    yes, no = (Plain(button.label) for button in ASK_CONFIRM.buttons)
    chat.confirm(Plain(ASK_CONFIRM.text), yes=yes, no=no)
    chat.db.add(
        RegistrationRow(chat_id=chat.contact_id, kind=kind, name=name, nip=number, organisation=organisation)
    )
    chat.say(Plain(DONE.text))


def _long(length: int) -> None:
    @conversation(f"questions{length}", title=Plain(f"{length} questions"))
    def answer_many(chat: Chat) -> None:
        for number in range(1, length + 1):
            chat.ask(f"question {number}", FreeText(Plain(f"Question {number}?")))
        chat.say(Plain(DONE.text))


for _length in LENGTHS:
    _long(_length)


class ThisBot(Competitor):
    """The parts of `bot.app`, put together for one SQLite file and the benchmarks' network."""

    def setup(self, directory: Path, edge: Edge, *, durable: bool) -> None:
        self.edge = edge
        self.runner = asyncio.Runner()
        keys = KeyRing.from_file(directory / "keys")
        self.context = Context(Programme.load(PROGRAMME), keys, SystemClock())
        self.database = open_database(f"sqlite:///{directory / 'bot.db'}", keys, durable=durable)
        metadata.create_all(self.database.engine)
        self.runner.run(self.start())

    async def start(self) -> None:
        """Assemble, and begin to deliver."""
        channel = Telegram(TOKEN, "", UNPACED)
        network = EdgeRequest(self.edge)
        channel.bot = type(channel.bot)(TOKEN, request=network, get_updates_request=network)
        await channel.start()
        self.delivery = Delivery(self.database, channel, self.context)
        self.intake = Intake(self.database, self.context, channel, self.delivery.wake)
        self.delivering = asyncio.create_task(self.delivery.run())

    def run(self, updates: list[bytes]) -> None:
        self.runner.run(self.take([json.loads(raw) for raw in updates]))

    async def take(self, updates: list[dict[str, Any]]) -> None:
        """Take updates in as polling does; return when all that they queued has been sent and marked."""
        await asyncio.gather(*(self.intake.take(update) for update in updates))
        while await asyncio.wrap_future(self.database.submit(_waiting)):
            if self.delivering.done():
                self.delivering.result()
            await asyncio.sleep(LOOK_EVERY)

    def rows(self) -> list[Registration]:
        return self.database.submit(_registrations).result()

    def close(self) -> None:
        self.runner.run(self.stop())
        self.runner.close()
        self.database.close()

    async def stop(self) -> None:
        """Stop delivering. More than once, for on Python 3.11 `wait_for` may swallow a cancellation."""
        while not self.delivering.done():
            self.delivering.cancel()
            await asyncio.wait({self.delivering}, timeout=1)

    def seed(self, chats: Iterable[int]) -> None:
        answers = {"consent": "yes", "kind": "asn"}
        state = State("daftar", answers=answers, pending="name", nonce="seeded").dump()

        def write(batch: list[int], connection: Connection) -> None:
            for chat_id in batch:
                keys = self.context.keys
                standing = chat_standing(connection, keys, self.context.clock.now(), NAME, str(chat_id))
                save_state(connection, keys, self.context.clock.now(), standing.contact_id, state, None)

        for batch in in_batches(chats, 1_000):
            self.database.submit(partial(write, batch)).result()


def _waiting(connection: Connection) -> bool:
    """Whether something is still to be sent or marked."""
    waits = select(outbox.c.id).where(outbox.c.channel == NAME, outbox.c.outcome == int(Outcome.WAITING))
    return connection.execute(waits.limit(1)).first() is not None


def _registrations(connection: Connection) -> list[Registration]:
    """Read the rows, each with the chat that it came from."""
    with session_on(connection) as session:
        found = session.exec(
            select(RegistrationRow, Contact).where(RegistrationRow.chat_id == col(Contact.id))
        )
        return [
            Registration(int(contact.address), row.kind, row.name, row.nip, row.organisation)
            for row, contact in found
        ]
