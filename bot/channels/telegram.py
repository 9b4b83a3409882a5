"""Telegram by the Bot API 10.1, through python-telegram-bot's `Bot` and `Update`.

Not through its Updater and ConversationHandler: their state lives in one process's memory, and a fetched update
is acknowledged before it is handled (docs/decisions.md).
"""

import logging
import os
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InputFile,
    Message,
    Update,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.channels.markup import to_html
from bot.channels.words import words
from handlers.kit.messages import Button, Inbound, Outbound, SharedContact, SharedPhoto
from handlers.texts import plain
from jobs.channel import ChannelError, Pace, Recipient, Reports
from jobs.charts import SHAREABLE
from jobs.delivery import IN_FLIGHT

log = logging.getLogger("genting.telegram")

NAME = "telegram"

# The library is moving from seconds to timedelta; this asks for the new form, and for no warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")

# Limits (Bot API: sendMessage, sendPhoto, InlineKeyboardButton; the FAQ for the pace).
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
"""getFile: bots download files of up to 20 MB."""
PACE = Pace(per_second=29, per_chat_second=1, chat_burst=4)

# Refusals that say that nothing will ever arrive in this chat again.
GONE = (
    "chat not found",
    "user is deactivated",
    "bot was blocked by the user",
    "bot can't initiate conversation with a user",
    "bot was kicked",
    "group chat was upgraded",
    "peer_id_invalid",
)
QUOTED = re.compile(r'"[^"]*"')

# Refusals of an edit that leave nothing to do: the message is as it should be, or not there to be changed.
NOTHING_TO_EDIT = ("message is not modified", "message to edit not found", "message can't be edited")

SHEETS = (".xlsx", ".xlsm", ".xls", ".csv")

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")


class _Bot(Bot):
    """The library's client, which can also hand over what it gets unparsed."""

    async def raw_updates(self, wanted: dict[str, Any], read_timeout: float) -> Any:
        """Call getUpdates; the library's own call parses a batch whole, so one odd update would stop all."""
        return await self._post("getUpdates", wanted, read_timeout=read_timeout)

    async def call(self, method: str, **fields: Any) -> Any:
        """Call a method and return its JSON: building the answer's objects costs more than sending it."""
        return await self._post(method, {name: value for name, value in fields.items() if value is not None})


class Telegram:
    """The channel: `api` is where the Bot API answers, like `https://api.telegram.org`."""

    name = NAME
    reports: Reports | None = None

    def __init__(self, token: str, api: str, pace: Pace = PACE) -> None:
        self.pace = pace
        request = HTTPXRequest(
            connection_pool_size=IN_FLIGHT + 4, read_timeout=20, connect_timeout=10, pool_timeout=20
        )
        self.bot = _Bot(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=request,
            get_updates_request=HTTPXRequest(connection_pool_size=1, connect_timeout=10),
        )

    async def start(self) -> str:
        """Get ready; return the bot's username. Raises ChannelError (halt) for a refused token."""
        try:
            await self.bot.initialize()
        except TelegramError as error:
            raise failure(error) from None
        return self.bot.username

    async def stop(self) -> None:
        """Let go of the connections."""
        await self.bot.shutdown()

    # -- receiving --------------------------------------------------------------------------------------------

    async def poll(self, offset: int | None, seconds: int) -> list[dict[str, Any]]:
        """Wait for updates from `offset` on, as raw JSON; asking confirms those before it.

        Raises ChannelError.
        """
        wanted: dict[str, Any] = {"timeout": seconds, "allowed_updates": list(ALLOWED_UPDATES)}
        if offset is not None:
            wanted["offset"] = offset
        try:
            updates = await self.bot.raw_updates(wanted, read_timeout=seconds + 15)
        except TelegramError as error:
            raise failure(error) from None
        return [update for update in updates if isinstance(update, dict)] if isinstance(updates, list) else []

    async def listen_at(self, url: str, secret: str) -> None:
        """Have updates sent to a webhook. Raises ChannelError."""
        try:
            await self.bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES)
        except TelegramError as error:
            raise failure(error) from None

    async def stop_listening(self) -> None:
        """Have updates kept for polling. Raises ChannelError."""
        try:
            await self.bot.delete_webhook()
        except TelegramError as error:
            raise failure(error) from None

    def parse(self, raw: dict[str, Any]) -> Inbound | None:
        """Read an update; None when it is nothing we answer. Raises ValueError when it cannot be read."""
        return parse(raw, self.bot)

    async def fetch(self, file_id: str) -> bytes:
        """Download what somebody sent (Bot API: getFile). Raises ChannelError."""
        try:
            file = await self.bot.get_file(file_id)
            if (file.file_size or 0) > DOWNLOAD_LIMIT:
                raise ChannelError("the file is too big to download", permanent=True)
            return bytes(await file.download_as_bytearray())
        except TelegramError as error:
            raise failure(error) from None

    async def acknowledge(self, raw: dict[str, Any]) -> None:
        """Stop the spinner on a tapped button, whatever becomes of the tap. Best effort."""
        query = raw.get("callback_query")
        if isinstance(query, dict) and "id" in query:
            try:
                await self.bot.answer_callback_query(str(query["id"]))
            except TelegramError as error:
                log.info("callback_unanswered", extra={"reason": type(error).__name__})

    # -- sending -----------------------------------------------------------------------------------------------

    async def introduce(self, commands: dict[str, list[tuple[str, str]]], default: str) -> None:
        """Set the command menu of people who have no role yet, per language. Raises ChannelError."""
        try:
            for language, entries in commands.items():
                code = None if language == default else language
                await self.bot.set_my_commands(_commands(entries), language_code=code)
        except TelegramError as error:
            raise failure(error) from None

    async def send(self, to: Recipient, message: Outbound, attached: bytes | None) -> str:
        """Send (or edit) one message; return Telegram's message id. Raises ChannelError."""
        chat_id = int(to.address)
        try:
            sent = await self._send(chat_id, message, attached)
            await self._tidy(chat_id, message)
            if message.commands is not None:
                await self.bot.set_my_commands(
                    _commands(message.commands), scope=BotCommandScopeChat(chat_id)
                )
        except TelegramError as error:
            raise failure(error) from None
        return sent

    async def _send(self, chat_id: int, message: Outbound, picture: bytes | None) -> str:
        text = to_html(message.text)
        if picture is not None and message.document is not None:
            file = await self.bot.call(
                "sendDocument",
                chat_id=chat_id,
                document=InputFile(picture, filename=message.document.name),
                caption=text or None,
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(message),
            )
            return str(file["message_id"])
        if picture is not None:
            photo = await self.bot.call(
                "sendPhoto",
                chat_id=chat_id,
                photo=InputFile(picture, filename=_name(picture)),
                caption=text or None,
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(message),
                protect_content=_is_private(message) or None,
            )
            return str(photo["message_id"])
        if not text:
            return ""
        if message.replaces is not None and await self._edit(chat_id, message, text):
            return message.replaces
        sent = await self.bot.call(
            "sendMessage",
            chat_id=chat_id,
            text=text,
            parse_mode=ParseMode.HTML,
            reply_markup=_keyboard(message),
            # What is said about children stays in its chat; an invitation is there to be passed on.
            protect_content=None if message.to_pass_on else True,
        )
        return str(sent["message_id"])

    async def _edit(self, chat_id: int, message: Outbound, text: str) -> bool:
        """Put a message in the place of an earlier one; False when that is not there any more."""
        keyboard = _keyboard(message) or {}
        try:
            await self.bot.call(
                "editMessageText",
                chat_id=chat_id,
                message_id=int(message.replaces or 0),
                text=text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard if "inline_keyboard" in keyboard else None,
            )
        except BadRequest as refused:
            if "not modified" in refused.message.lower():
                return True
            if any(said in refused.message.lower() for said in NOTHING_TO_EDIT):
                return False
            raise
        return True

    async def _tidy(self, chat_id: int, message: Outbound) -> None:
        """Take the keys away from the message whose key was tapped. Best effort: it is only neatness."""
        if message.tidy is None:
            return
        message_id, left = message.tidy
        try:
            if left:
                await self.bot.call(
                    "editMessageText",
                    chat_id=chat_id,
                    message_id=int(message_id),
                    text=to_html(left),
                    parse_mode=ParseMode.HTML,
                )
            else:
                await self.bot.call("editMessageReplyMarkup", chat_id=chat_id, message_id=int(message_id))
        except (TelegramError, ValueError) as error:
            log.info("untidied", extra={"reason": type(error).__name__})


# -- reading ----------------------------------------------------------------------------------------------------


def parse(raw: dict[str, Any], bot: Bot | None = None) -> Inbound | None:
    """Read an update (Bot API: Update) into an `Inbound`; None when it is nothing we answer.

    Raises ValueError when it cannot be read.
    """
    try:
        return _inbound(Update.de_json(_without_old_keys(raw), bot))
    except (TypeError, KeyError, AttributeError, IndexError, OverflowError, OSError, RecursionError) as error:
        raise ValueError(f"not an update: {type(error).__name__}") from None


def _without_old_keys(raw: dict[str, Any]) -> dict[str, Any]:
    """A tap brings the whole keyboard back; nobody reads it, and making its objects is half of the parsing."""
    query = raw.get("callback_query")
    message = query.get("message") if isinstance(query, dict) else None
    if not isinstance(query, dict) or not isinstance(message, dict):
        return raw
    bare = {name: value for name, value in message.items() if name not in {"reply_markup", "entities"}}
    return {**raw, "callback_query": {**query, "message": bare}}


def _inbound(update: Update) -> Inbound | None:
    update_id = str(update.update_id)
    if (member := update.my_chat_member) is not None:
        gone = member.new_chat_member.status in {"kicked", "left"}
        private = member.chat.type == ChatType.PRIVATE
        return Inbound(NAME, _number(member.chat.id), update_id, private=private, gone=gone)
    if (query := update.callback_query) is not None:
        if query.message is None or query.data is None:
            return None
        chat = query.message.chat
        return Inbound(
            NAME,
            _number(chat.id),
            update_id,
            message_id=_number(query.message.message_id),
            private=chat.type == ChatType.PRIVATE,
            choice=words(query.data),
        )
    message = update.message or update.edited_message
    if message is None or (message.from_user and message.from_user.is_bot):
        return None
    return _message(message, update_id, edited=update.edited_message is not None)


def _message(message: Message, update_id: str, *, edited: bool) -> Inbound:
    text = None if message.text is None else words(message.text)
    if text is not None and text.startswith("/start "):
        text = _deep_link(text.removeprefix("/start ").strip())
    return Inbound(
        NAME,
        _number(message.chat.id),
        update_id,
        message_id=_number(message.message_id),
        private=message.chat.type == ChatType.PRIVATE,
        text=text,
        contact=_contact(message),
        photo=_photo(message),
        edited=edited,
        reply_to=_number(message.reply_to_message.message_id) if message.reply_to_message else "",
    )


def _number(given: object) -> str:
    """Return an id as we keep it; Telegram's have at most 52 bits. The library checks no types."""
    if type(given) is not int or abs(given) >= 2**52:
        raise TypeError("id")
    return str(given)


def _deep_link(payload: str) -> str:
    """A link's payload is a one-time code, as if it had been typed."""
    return f"/kode {payload.removeprefix('kode-')}" if payload.startswith("kode-") else "/start"


def _contact(message: Message) -> SharedContact | None:
    """Read a shared number: own only when Telegram names the sender as its owner and it is not forwarded."""
    if message.contact is None:
        return None
    sender = message.from_user.id if message.from_user else None
    own = message.contact.user_id == sender and sender is not None and message.forward_origin is None
    phone = words(message.contact.phone_number)
    return SharedContact(phone if phone.startswith("+") else f"+{phone}", own)


def _photo(message: Message) -> SharedPhoto | None:
    """Read a picture: of a photo's sizes the largest that may be downloaded; of documents those that say image."""
    album = words(message.media_group_id or "")
    if message.photo:
        small_enough = [size for size in message.photo if (size.file_size or 0) <= DOWNLOAD_LIMIT]
        if not small_enough:
            return SharedPhoto("", album=album, refused="too_big")
        largest = max(small_enough, key=lambda size: size.width * size.height)
        return SharedPhoto(words(largest.file_id), largest.file_size or 0, album=album)
    if (document := message.document) is None:
        return None
    is_image = words(document.mime_type or "").startswith("image/")
    is_sheet = words(document.file_name or "").lower().endswith(SHEETS)
    return SharedPhoto(
        words(document.file_id),
        document.file_size or 0,
        document=True,
        sheet=is_sheet and not is_image,
        album=album,
        refused="" if is_image or is_sheet else "not_a_picture",
    )


# -- writing ----------------------------------------------------------------------------------------------------


def _keyboard(message: Outbound) -> dict[str, Any] | None:
    """Return the keys under a message (Bot API: InlineKeyboardMarkup, ReplyKeyboardMarkup).

    Sharing the own number needs a reply keyboard; its other keys send their label as text.
    """
    if message.share_phone is not None:
        ways_out = [{"text": plain(button.label)} for button in message.nav]
        share = {"text": plain(message.share_phone), "request_contact": True}
        return {"keyboard": [[share], ways_out], "resize_keyboard": True, "one_time_keyboard": True}
    rows = [*message.rows, message.nav] if message.nav else message.rows
    return {"inline_keyboard": [[_key(button) for button in row] for row in rows]} if rows else None


def _key(button: Button) -> dict[str, str]:
    return {"text": plain(button.label), "callback_data": button.data}


def _commands(entries: Sequence[tuple[str, str]]) -> list[BotCommand]:
    return [BotCommand(name, plain(what)) for name, what in entries]


def _name(picture: bytes) -> str:
    return "picture.jpg" if picture.startswith(b"\xff\xd8") else "picture.png"


def _is_private(message: Outbound) -> bool:
    """Whether the picture must not be passed on: figures without a name in them may, all else is about somebody."""
    return message.picture is None or message.picture[0] not in SHAREABLE


# -- errors -----------------------------------------------------------------------------------------------------


def failure(error: TelegramError) -> ChannelError:
    """Return our error for Telegram's (Bot API: making requests, ResponseParameters)."""
    said = QUOTED.sub('"…"', error.message)  # it may quote what was sent, and a reason is kept and logged
    reason = f"{type(error).__name__}: {said}"
    low = error.message.lower()
    match error:
        case RetryAfter():
            after = error.retry_after
            seconds = after.total_seconds() if isinstance(after, timedelta) else after
            return ChannelError(reason, retry_after=float(seconds))
        case ChatMigrated():
            return ChannelError(reason, moved_to=str(error.new_chat_id))
        case InvalidToken():
            return ChannelError(reason, halt=True)
        case Forbidden():
            return ChannelError(reason, gone=True)
        case BadRequest():
            return ChannelError(reason, gone=any(said in low for said in GONE), permanent=True)
        case TimedOut() | NetworkError():
            return ChannelError(reason)
    return ChannelError(reason)
