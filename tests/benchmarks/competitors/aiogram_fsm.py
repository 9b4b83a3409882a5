"""aiogram's finite-state machine, with a storage that survives a restart.

aiogram brings storages for memory, Redis and MongoDB. Without a server beside the bot one writes one's own;
this one is as small as it can be. Its calls are synchronous on purpose: aiosqlite was slower.
"""

# mypy: disable-error-code="misc, untyped-decorator, attr-defined"
# aiogram lives in an environment of its own, where mypy does not look: its classes are Any here.

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator, Iterable, Mapping
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.base import BaseSession
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.methods.base import TelegramMethod
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from sqlalchemy import event
from sqlmodel import Session, SQLModel, create_engine, select

from tests.benchmarks.competitor import Competitor, in_batches, prepare
from tests.benchmarks.competitors.tables import RegistrationRow, as_registrations
from tests.benchmarks.edge import Edge
from tests.benchmarks.script import (
    ASK_CONFIRM,
    ASK_CONSENT,
    ASK_KIND,
    ASK_NAME,
    ASK_NIP,
    ASK_ORGANISATION,
    BOT_ID,
    DONE,
    TOKEN,
    Prompt,
    Registration,
)


class Signup(StatesGroup):
    """The steps of the dialog."""

    consent = State()
    kind = State()
    name = State()
    nip = State()
    organisation = State()
    confirm = State()


def dialog(registrations: "Registrations") -> Router:
    """Draw the dialog."""
    router = Router()

    @router.message(Command("daftar"))
    async def start(message: Message, state: FSMContext) -> None:
        await state.set_state(Signup.consent)
        await message.answer(ASK_CONSENT.text, reply_markup=keyboard(ASK_CONSENT))

    @router.callback_query(Signup.consent, F.data.startswith("consent:"))
    async def consent(query: CallbackQuery, state: FSMContext) -> None:
        await state.update_data(consent=query.data.partition(":")[2])
        await state.set_state(Signup.kind)
        await query.answer()
        await query.message.answer(ASK_KIND.text, reply_markup=keyboard(ASK_KIND))

    @router.callback_query(Signup.kind, F.data.startswith("kind:"))
    async def kind(query: CallbackQuery, state: FSMContext) -> None:
        await state.update_data(kind=query.data.partition(":")[2])
        await state.set_state(Signup.name)
        await query.answer()
        await query.message.answer(ASK_NAME.text)

    @router.message(Signup.name, F.text)
    async def name(message: Message, state: FSMContext) -> None:
        await state.update_data(name=message.text)
        await state.set_state(Signup.nip)
        await message.answer(ASK_NIP.text)

    @router.message(Signup.nip, F.text.regexp(r"^\d{18}$"))
    async def nip(message: Message, state: FSMContext) -> None:
        await state.update_data(nip=message.text)
        await state.set_state(Signup.organisation)
        await message.answer(ASK_ORGANISATION.text, reply_markup=keyboard(ASK_ORGANISATION))

    @router.callback_query(Signup.organisation, F.data.startswith("organisation:"))
    async def organisation(query: CallbackQuery, state: FSMContext) -> None:
        await state.update_data(organisation=query.data.partition(":")[2])
        await state.set_state(Signup.confirm)
        await query.answer()
        await query.message.answer(ASK_CONFIRM.text, reply_markup=keyboard(ASK_CONFIRM))

    @router.callback_query(Signup.confirm, F.data == "confirm:yes")
    async def confirm(query: CallbackQuery, state: FSMContext) -> None:
        answers = await state.get_data()
        registrations.add(
            Registration(
                chat_id=query.message.chat.id,
                kind=answers["kind"],
                name=answers["name"],
                nip=answers["nip"],
                organisation=answers["organisation"],
            )
        )
        await state.clear()
        await query.answer()
        await query.message.answer(DONE.text)

    return router


def keyboard(prompt: Prompt) -> InlineKeyboardMarkup:
    """Put the buttons under each other."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, callback_data=data)] for label, data in prompt.buttons
        ]
    )


class SQLiteStorage(BaseStorage):
    """States and data of the FSM in a file, one commit a change."""

    def __init__(self, path: Path, *, durable: bool) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        prepare(self.db, durable=durable)
        self.db.execute("CREATE TABLE IF NOT EXISTS fsm (key TEXT PRIMARY KEY, state TEXT, data TEXT)")

    async def set_state(self, key: StorageKey, state: str | State | None = None) -> None:
        self.db.execute(
            "INSERT INTO fsm (key, state) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET state = excluded.state",
            (text_of(key), state.state if isinstance(state, State) else state),
        )

    async def get_state(self, key: StorageKey) -> str | None:
        row = self.db.execute("SELECT state FROM fsm WHERE key = ?", (text_of(key),)).fetchone()
        return row[0] if row else None

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        self.db.execute(
            "INSERT INTO fsm (key, data) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data",
            (text_of(key), json.dumps(data)),
        )

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        row = self.db.execute("SELECT data FROM fsm WHERE key = ?", (text_of(key),)).fetchone()
        return json.loads(row[0]) if row and row[0] else {}

    async def close(self) -> None:
        self.db.close()


def text_of(key: StorageKey) -> str:
    """Name a chat in the storage."""
    return f"{key.chat_id}:{key.user_id}"


class EdgeSession(BaseSession):
    """The library's own seam for a network: everything above it is the library's code."""

    def __init__(self, edge: Edge) -> None:
        super().__init__()
        self.edge = edge

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], *_timeout: Any, **_more: Any) -> Any:
        form = {
            name: prepared
            for name, value in method.model_dump(warnings=False).items()
            if (prepared := self.prepare_value(value, bot=bot, files={}))
        }
        name = method.__api_method__
        content = (
            self.edge.send_message(int(form["chat_id"]), form["text"], form.get("reply_markup"))
            if name == "sendMessage"
            else self.edge.answer_anything_else(name)
        )
        return self.check_response(bot=bot, method=method, status_code=200, content=content.decode()).result

    async def stream_content(self, *_args: Any, **_more: Any) -> AsyncGenerator[bytes, None]:
        yield b""

    async def close(self) -> None: ...


class Registrations:
    """The programme's rows, through a synchronous SQLModel session."""

    def __init__(self, path: Path, *, durable: bool) -> None:
        self.engine = create_engine(f"sqlite:///{path}")
        event.listen(self.engine, "connect", lambda raw, _record: prepare(raw, durable=durable))
        SQLModel.metadata.create_all(self.engine)

    def add(self, registration: Registration) -> None:
        """Write one."""
        with Session(self.engine) as session:
            session.add(RegistrationRow(**registration._asdict()))
            session.commit()

    def all(self) -> list[Registration]:
        """Read all."""
        with Session(self.engine) as session:
            return as_registrations(session.exec(select(RegistrationRow)))


class AiogramFSM(Competitor):
    """Updates one after another: in parallel, two updates of one chat would race for its state."""

    def setup(self, directory: Path, edge: Edge, *, durable: bool) -> None:
        self.edge = edge
        self.runner = asyncio.Runner()
        self.registrations = Registrations(directory / "rows.db", durable=durable)
        self.storage = SQLiteStorage(directory / "fsm.db", durable=durable)
        self.bot = Bot(TOKEN, session=EdgeSession(edge))
        self.dispatcher = Dispatcher(storage=self.storage)
        self.dispatcher.include_router(dialog(self.registrations))

    def run(self, updates: list[bytes]) -> None:
        self.runner.run(self.feed(updates))

    async def feed(self, updates: list[bytes]) -> None:
        """Feed updates as a webhook would."""
        for raw in updates:
            await self.dispatcher.feed_raw_update(self.bot, json.loads(raw))

    def rows(self) -> list[Registration]:
        return self.registrations.all()

    def close(self) -> None:
        self.runner.run(self.storage.close())
        self.runner.close()

    def seed(self, chats: Iterable[int]) -> None:
        data = json.dumps({"consent": "yes", "kind": "asn"})
        for batch in in_batches(chats, 1_000):
            self.storage.db.execute("BEGIN IMMEDIATE")
            self.storage.db.executemany(
                "INSERT INTO fsm VALUES (?, ?, ?)",
                (
                    (
                        text_of(StorageKey(bot_id=BOT_ID, chat_id=chat_id, user_id=chat_id)),
                        Signup.name.state,
                        data,
                    )
                    for chat_id in batch
                ),
            )
            self.storage.db.execute("COMMIT")
