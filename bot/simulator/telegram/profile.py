"""The bot itself: who it is, its commands and names, chats and files (core.telegram.org/bots/api#getme)."""

import re
from typing import Any

from bot.simulator.files import DOWNLOAD_LIMIT
from bot.simulator.telegram.account import Account
from bot.simulator.telegram.refusal import bad_request
from bot.simulator.telegram.rules import language_code
from bot.simulator.world import Json

_LONGEST = {"name": 64, "description": 512, "short_description": 120}


def get_me(account: Account, _: Json) -> Json:
    """Return the bot's User with the fields that only getMe gives."""
    return {
        **account.as_user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(account: Account, params: Json) -> bool:
    """Keep a command list for a scope and language."""
    commands = params["commands"]
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("too much commands specified")
    checked = [_checked_command(command) for command in commands]
    if len({command["command"] for command in checked}) < len(checked):
        raise bad_request("a command stands in the list twice")
    account.commands[_scope(account, params), language_code(params)] = checked
    account.world.bell.ring()
    return True


def _checked_command(command: Any) -> dict[str, str]:
    if not isinstance(command, dict) or set(command) != {"command", "description"}:
        raise bad_request("can't parse BotCommand: expected an Object with command and description")
    name, description = command["command"], command["description"]
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not isinstance(description, str) or not 1 <= len(description.strip()) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def get_my_commands(account: Account, params: Json) -> list[dict[str, str]]:
    """Return the list kept for exactly this scope and language."""
    return account.commands.get((_scope(account, params), language_code(params)), [])


def delete_my_commands(account: Account, params: Json) -> bool:
    """Forget the list of this scope and language."""
    account.commands.pop((_scope(account, params), language_code(params)), None)
    account.world.bell.ring()
    return True


def _scope(account: Account, params: Json) -> str:
    scope = params.get("scope", {"type": "default"})
    kind = scope.get("type") if isinstance(scope, dict) else None
    if (
        kind in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
        and len(scope) == 1
    ):
        return str(kind)
    if kind == "chat" and set(scope) == {"type", "chat_id"}:
        chat_id = scope["chat_id"]
        if isinstance(chat_id, str) and re.fullmatch(r"-?\d+", chat_id):
            chat_id = int(chat_id)
        if chat_id not in account.world.chats:
            raise bad_request("chat not found")
        return f"chat:{chat_id}"
    raise bad_request("can't parse BotCommandScope: unsupported type specified")


def set_text(kind: str, account: Account, params: Json) -> bool:
    """Keep the name, description or short description in a language; an empty one is removed."""
    text = params.get(kind, "")
    code = language_code(params)
    if len(text) > _LONGEST[kind]:
        raise bad_request(f"{kind.upper()}_TOO_LONG")
    account.texts[kind, code] = text
    account.world.bell.ring()
    return True


def get_text(kind: str, account: Account, params: Json) -> Json:
    """Return the name, description or short description in a language."""
    text = account.text_for(kind, language_code(params))
    return {kind: text or (account.name if kind == "name" else "")}


def set_chat_menu_button(account: Account, params: Json) -> bool:
    """Keep the menu button of one private chat, or of all."""
    button = params.get("menu_button", {"type": "default"})
    if button not in ({"type": "default"}, {"type": "commands"}):
        raise bad_request("MenuButton has unsupported type")
    chat_id = params.get("chat_id", 0)
    if chat_id and chat_id not in account.world.people:
        raise bad_request("chat not found")
    account.menu_buttons[chat_id] = button
    return True


def get_chat_menu_button(account: Account, params: Json) -> Json:
    """Return the menu button in force."""
    general = account.menu_buttons.get(0, {"type": "commands"})
    return account.menu_buttons.get(params.get("chat_id", 0), general)


def get_file(account: Account, params: Json) -> Json:
    """Return a File with the path to download it from."""
    file = account.world.files.get(params["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    size = len(account.world.files.content(file))
    if size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": size,
        "file_path": file.path,
    }


def get_chat(account: Account, params: Json) -> Json:
    """Return a ChatFullInfo (core.telegram.org/bots/api#chatfullinfo), with its required fields."""
    chat = account.world.chats.get(params["chat_id"])
    person = None if chat is None else account.world.people.get(chat.id)
    if chat is None or (person is not None and not person.started):
        raise bad_request("chat not found")
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        False,
    )
    return {
        **account.world.chat_object(chat),
        "accent_color_id": chat.id % 7 if chat.id > 0 else 0,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts,
    }
