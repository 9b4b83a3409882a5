"""Messages: sending, editing, deleting (core.telegram.org/bots/api#available-methods)."""

from collections.abc import Callable
from typing import Any

from bot.simulator.telegram import rules
from bot.simulator.telegram.account import Account
from bot.simulator.telegram.entities import utf16_length
from bot.simulator.telegram.keyboards import checked_markup
from bot.simulator.telegram.refusal import RefusalError, bad_request
from bot.simulator.telegram.spec import CHAT_ACTIONS
from bot.simulator.world import Chat, Json, Message

TWO_DAYS = 48 * 60 * 60


def open_chat(account: Account, chat_id: int | str) -> Chat:
    """Return a chat the bot may write to. Raise RefusalError with Telegram's reason otherwise."""
    world = account.world
    chat = world.chats.get(chat_id) if isinstance(chat_id, int) else None
    if chat is None:
        raise bad_request("chat not found")
    person = world.people.get(chat.id)
    if person is not None:
        if person.deactivated:
            raise RefusalError(403, "Forbidden: user is deactivated")
        if person.blocked:
            raise RefusalError(403, "Forbidden: bot was blocked by the user")
        if not person.started:
            raise RefusalError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat
    group = world.groups[chat.id]
    if group.migrated_to is not None:
        raise RefusalError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": group.migrated_to},
        )
    if group.bot_left:
        raise RefusalError(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
    return chat


def send_message(account: Account, params: Json) -> Json:
    """Carry out sendMessage."""
    return _send(account, params, lambda: rules.message_text(params))


def send_photo(account: Account, params: Json) -> Json:
    """Carry out sendPhoto."""

    def content() -> Json:
        caption = rules.message_caption(params)
        media = rules.photo_content(account.world.files, params["photo"])
        flags = {"has_media_spoiler": True} if params.get("has_spoiler") else {}
        above = {"show_caption_above_media": True} if params.get("show_caption_above_media") else {}
        return {**media, **caption, **flags, **above}

    return _send(account, params, content)


def send_document(account: Account, params: Json) -> Json:
    """Carry out sendDocument."""

    def content() -> Json:
        caption = rules.message_caption(params)
        return {**rules.document_content(account.world.files, params["document"]), **caption}

    return _send(account, params, content)


def _send(account: Account, params: Json, content: Callable[[], Json]) -> Json:
    chat = open_chat(account, params["chat_id"])
    markup = None
    if "reply_markup" in params:
        markup = checked_markup(params["reply_markup"], private=chat.kind == "private")
    body = content()
    if "reply_parameters" in params:
        body.update(_reply(chat, params["reply_parameters"]))
    if params.get("protect_content"):
        body["has_protected_content"] = True
    message = account.world.post(chat, account.as_user(), body, markup=markup)
    if markup is not None and "inline_keyboard" not in markup:
        chat.reply_markup = None if "remove_keyboard" in markup else markup
    return message.payload


def _reply(chat: Chat, reply: Any) -> Json:
    if not isinstance(reply, dict) or not isinstance(reply.get("message_id"), int):
        raise bad_request("object expected as reply parameters, with a message_id")
    if strange := set(reply) - {"message_id", "chat_id", "allow_sending_without_reply"}:
        raise bad_request(f"reply parameters: unknown or unsimulated fields {sorted(strange)}")
    if reply.get("chat_id", chat.id) != chat.id:
        raise bad_request("replies across chats are not simulated")
    target = chat.live(reply["message_id"])
    if target is not None:
        return {
            "reply_to_message": {
                key: value for key, value in target.payload.items() if key != "reply_to_message"
            }
        }
    if reply.get("allow_sending_without_reply") is True:
        return {}
    raise bad_request("message to be replied not found")


def _editable(account: Account, params: Json) -> tuple[Chat, Message]:
    for name in ("chat_id", "message_id"):
        if name not in params:
            raise bad_request(
                "message identifier is not specified" if name == "message_id" else "chat_id is empty"
            )
    chat = open_chat(account, params["chat_id"])
    message = chat.live(params["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    # Telegram's server: a message that carried anything but an inline keyboard is not editable.
    if not message.from_bot or (message.markup is not None and "inline_keyboard" not in message.markup):
        raise bad_request("message can't be edited")
    return chat, message


def _edit(account: Account, params: Json, keys: tuple[str, ...], content: Callable[[Message], Json]) -> Json:
    chat, message = _editable(account, params)
    markup = None
    if "reply_markup" in params:
        markup = checked_markup(params["reply_markup"], private=chat.kind == "private", inline_only=True)
    fresh = content(message)
    before = message.payload
    after = {key: value for key, value in before.items() if key not in (*keys, "reply_markup")}
    after.update(fresh)
    if markup is not None:
        after["reply_markup"] = markup
    if rules.same_content(before, after):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    if keys:
        after["edit_date"] = account.world.now()
    message.payload, message.markup = after, markup
    account.world.touch(chat, message)
    return after


def edit_message_text(account: Account, params: Json) -> Json:
    """Carry out editMessageText; without reply_markup the keyboard goes."""

    def content(message: Message) -> Json:
        if "text" not in message.payload:
            raise bad_request("there is no text in the message to edit")
        return rules.message_text(params)

    return _edit(account, params, ("text", "entities", "link_preview_options"), content)


def edit_message_caption(account: Account, params: Json) -> Json:
    """Carry out editMessageCaption."""

    def content(message: Message) -> Json:
        if "text" in message.payload:
            raise bad_request("there is no caption in the message to edit")
        return rules.message_caption(params)

    return _edit(account, params, ("caption", "caption_entities"), content)


def edit_message_reply_markup(account: Account, params: Json) -> Json:
    """Carry out editMessageReplyMarkup; without reply_markup the keyboard goes."""
    return _edit(account, params, (), lambda _: {})


def delete_message(account: Account, params: Json) -> bool:
    """Carry out deleteMessage: any message of a private chat, in groups the bot's own, for 48 hours."""
    chat = open_chat(account, params["chat_id"])
    message = chat.live(params["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    too_old = account.world.now() - message.payload["date"] > TWO_DAYS
    if too_old or (chat.kind != "private" and not message.from_bot):
        raise bad_request("message can't be deleted")
    message.deleted = True
    account.world.touch(chat, message)
    return True


def send_chat_action(account: Account, params: Json) -> bool:
    """Carry out sendChatAction."""
    chat = open_chat(account, params["chat_id"])
    if params["action"] not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    account.world.show_typing(chat, params["action"])
    return True


def answer_callback_query(account: Account, params: Json) -> bool:
    """Carry out answerCallbackQuery: once, and not too late."""
    text = params.get("text", "")
    if utf16_length(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if not 0 <= params.get("cache_time", 0) <= 30 * 24 * 60 * 60:
        raise bad_request("cache_time is out of range")
    query = account.close_query(params["callback_query_id"])
    if query is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    account.world.show_answer(query.chat, query.person_id, text, alert=params.get("show_alert", False))
    return True
