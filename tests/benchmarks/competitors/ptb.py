"""python-telegram-bot's ConversationHandler, as its examples write it; each competitor brings its storage."""

import asyncio
import json
from abc import abstractmethod
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BasePersistence,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    ExtBot,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest, RequestData

from tests.benchmarks.competitor import Competitor
from tests.benchmarks.edge import Edge
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

CONSENT, KIND, NAME, NIP, ORGANISATION, CONFIRM = range(6)
END = ConversationHandler.END
Context = ContextTypes.DEFAULT_TYPE


class PTBConversation(Competitor):
    """The dialog; a subclass says how a step and a registration are stored."""

    name = "registration"
    persistence: BasePersistence[Any, Any, Any] | None = None
    """Where states and user data are kept; None is the memory of this process."""

    @abstractmethod
    async def save_answer(self, chat_id: int, question: str, answer: str) -> None:
        """Store one row for a step."""

    @abstractmethod
    async def save_registration(self, registration: Registration) -> None:
        """Store the row that the dialog is about."""

    def start_application(self, edge: Edge) -> None:
        """Assemble the library's application."""
        self.edge = edge
        self.runner = asyncio.Runner()
        request = EdgeRequest(edge)
        bot: ExtBot[None] = ExtBot(TOKEN, request=request, get_updates_request=request)
        builder = ApplicationBuilder().bot(bot).updater(None).job_queue(None)
        if self.persistence:
            builder.persistence(self.persistence)
        self.application: Application[Any, Any, Any, Any, Any, Any] = builder.build()
        self.application.add_handler(self.conversation())
        self.runner.run(self.application.initialize())

    def conversation(self) -> ConversationHandler[Context]:
        """Draw the dialog."""
        text = filters.TEXT & ~filters.COMMAND
        return ConversationHandler(  # one dialog a chat: what the warning about per_message asks
            entry_points=[CommandHandler("daftar", self.start)],
            states={
                CONSENT: [CallbackQueryHandler(self.consent, pattern="^consent:")],
                KIND: [CallbackQueryHandler(self.kind, pattern="^kind:")],
                NAME: [MessageHandler(text, self.full_name)],
                NIP: [MessageHandler(filters.Regex(r"^\d{18}$"), self.nip)],
                ORGANISATION: [CallbackQueryHandler(self.organisation, pattern="^organisation:")],
                CONFIRM: [CallbackQueryHandler(self.confirm, pattern="^confirm:")],
            },
            fallbacks=[],
            name=self.name,
            persistent=self.persistence is not None,
        )

    async def start(self, update: Update, _context: Context) -> int:
        """/daftar."""
        await reply(update, ASK_CONSENT)
        return CONSENT

    async def consent(self, update: Update, context: Context) -> int:
        """The person agrees."""
        await self.remember(update, context, "consent", await choice(update))
        await reply(update, ASK_KIND)
        return KIND

    async def kind(self, update: Update, context: Context) -> int:
        """A civil servant or a company."""
        await self.remember(update, context, "kind", await choice(update))
        await reply(update, ASK_NAME)
        return NAME

    async def full_name(self, update: Update, context: Context) -> int:
        """The name as typed."""
        await self.remember(update, context, "name", typed(update))
        await reply(update, ASK_NIP)
        return NIP

    async def nip(self, update: Update, context: Context) -> int:
        """Eighteen digits, or the handler is not reached."""
        await self.remember(update, context, "nip", typed(update))
        await reply(update, ASK_ORGANISATION)
        return ORGANISATION

    async def organisation(self, update: Update, context: Context) -> int:
        """Where the person works."""
        await self.remember(update, context, "organisation", await choice(update))
        await reply(update, ASK_CONFIRM)
        return CONFIRM

    async def confirm(self, update: Update, context: Context) -> int:
        """Everything is correct: the row is written."""
        await choice(update)
        answers = context.user_data or {}
        await self.save_registration(
            Registration(
                chat_id=chat_of(update),
                kind=answers["kind"],
                name=answers["name"],
                nip=answers["nip"],
                organisation=answers["organisation"],
            )
        )
        await reply(update, DONE)
        answers.clear()
        return END

    async def remember(self, update: Update, context: Context, question: str, answer: str) -> None:
        """Keep an answer for later steps, and a row of it."""
        if context.user_data is not None:
            context.user_data[question] = answer
        await self.save_answer(chat_of(update), question, answer)

    def run(self, updates: list[bytes]) -> None:
        self.runner.run(self.feed(updates))

    async def feed(self, updates: list[bytes]) -> None:
        """Process updates one after another, as the library does by default."""
        for raw in updates:
            await self.application.process_update(Update.de_json(json.loads(raw), self.application.bot))
            await self.after_update()

    async def after_update(self) -> None:
        """Called when an update has been handled."""

    def close(self) -> None:
        self.runner.run(self.application.shutdown())
        self.runner.close()


async def reply(update: Update, prompt: Prompt) -> None:
    """Answer in the chat that the update came from."""
    keyboard = [[InlineKeyboardButton(label, callback_data=data)] for label, data in prompt.buttons]
    if update.effective_message:
        await update.effective_message.reply_text(
            prompt.text, reply_markup=InlineKeyboardMarkup(keyboard) if keyboard else None
        )


async def choice(update: Update) -> str:
    """Answer a tap and return what was chosen."""
    query = update.callback_query
    if query is None or query.data is None:
        raise ValueError("not a tap")
    await query.answer()
    return query.data.partition(":")[2]


def typed(update: Update) -> str:
    """Return what was typed."""
    if update.message is None or update.message.text is None:
        raise ValueError("not a text")
    return update.message.text


def chat_of(update: Update) -> int:
    """Return the chat's number."""
    if update.effective_chat is None:
        raise ValueError("not from a chat")
    return update.effective_chat.id


class EdgeRequest(BaseRequest):
    """The library's own seam for a network: everything above it is the library's code."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self,
        url: str,
        method: str,  # noqa: ARG002 - always POST
        request_data: RequestData | None = None,
        *_timeouts: Any,
        **_more: Any,
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        if name != "sendMessage" or request_data is None:
            return 200, self.edge.answer_anything_else(name)
        sent = request_data.json_parameters
        return 200, self.edge.send_message(int(sent["chat_id"]), sent["text"], sent.get("reply_markup"))
