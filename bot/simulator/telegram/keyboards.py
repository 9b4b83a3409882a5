"""reply_markup: the four shapes, button by button (core.telegram.org/bots/api#inlinekeyboardmarkup)."""

import re
from typing import Any, Final

from bot.simulator.telegram.entities import utf16_length
from bot.simulator.telegram.refusal import RefusalError, bad_request

Json = dict[str, Any]

_INLINE_ACTIONS: Final = frozenset({"url", "callback_data", "copy_text", "switch_inline_query_current_chat"})
_INLINE_UNSIMULATED: Final = frozenset(
    {"web_app", "login_url", "switch_inline_query", "switch_inline_query_chosen_chat", "callback_game", "pay"}
)
_REPLY_ACTIONS: Final = frozenset({"request_contact", "request_location"})
_STYLES: Final = frozenset({"primary", "danger", "success"})
_MARKUP_FIELDS: Final = {
    "inline_keyboard": {"inline_keyboard"},
    "keyboard": {
        "keyboard",
        "is_persistent",
        "resize_keyboard",
        "one_time_keyboard",
        "input_field_placeholder",
        "selective",
    },
    "remove_keyboard": {"remove_keyboard", "selective"},
    "force_reply": {"force_reply", "input_field_placeholder", "selective"},
}
_MOST_INLINE, _MOST_REPLY, _WIDEST_INLINE, _WIDEST_REPLY = 100, 300, 8, 12
"""What clients and the server show; beyond, Telegram answers "reply markup is too long" or drops buttons."""


def checked_markup(markup: Any, *, private: bool, inline_only: bool = False) -> Json | None:
    """Return a valid reply_markup (None for an inline keyboard without buttons, as Telegram treats it).

    `private` tells whether the chat is private (only there may a button request the phone number);
    `inline_only` is for edits. Raise RefusalError.
    """
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    kinds = [kind for kind in _MARKUP_FIELDS if kind in markup]
    if len(kinds) != 1:
        raise bad_request(
            "reply markup must be exactly one of inline_keyboard, keyboard, remove, force_reply"
        )
    kind = kinds[0]
    if strange := set(markup) - _MARKUP_FIELDS[kind]:
        raise bad_request(f"unknown reply markup fields {sorted(strange)}")
    if inline_only and kind != "inline_keyboard":
        raise bad_request("inline keyboard expected")
    if kind == "inline_keyboard":
        rows = _rows(markup, kind, _MOST_INLINE, _WIDEST_INLINE)
        for button in (button for row in rows for button in row):
            _check_inline_button(button)
        return markup if any(rows) else None
    if kind == "keyboard":
        _check_reply_keyboard(markup, private=private)
    elif markup[kind] is not True:
        raise bad_request(f'field "{kind}" must be True')
    _check_placeholder(markup)
    return markup


def _rows(markup: Json, kind: str, most: int, widest: int) -> list[list[Any]]:
    rows = markup[kind]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{kind}" must be an Array of Arrays')
    if sum(len(row) for row in rows) > most or any(len(row) > widest for row in rows):
        raise bad_request("reply markup is too long")
    if any(not row for row in rows):
        raise bad_request(f'field "{kind}" has an empty row')
    return rows


def _check_inline_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise _button("InlineKeyboardButton must be an Object")
    _check_label(button, "inline keyboard button")
    if unsimulated := _INLINE_UNSIMULATED & set(button):
        raise _button(f"{sorted(unsimulated)} is not simulated")
    if strange := set(button) - _INLINE_ACTIONS - {"text", "style"}:
        raise _button(f"unknown fields {sorted(strange)}")
    actions = _INLINE_ACTIONS & set(button)
    if not actions:
        raise _button("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _button(f"exactly one action is allowed, found {sorted(actions)}")
    if "callback_data" in actions:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "url" in actions and not _is_link(button["url"]):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    elif "copy_text" in actions:
        _check_copy(button["copy_text"])


def _is_link(url: Any) -> bool:
    return (
        isinstance(url, str)
        and re.fullmatch(r"(?:https?://[^\s/.]+(?:\.[^\s/.]+|:\d+)\S*|tg://\S+)", url) is not None
    )


def _check_copy(copy: Any) -> None:
    if not isinstance(copy, dict) or set(copy) != {"text"} or not 1 <= utf16_length(str(copy["text"])) <= 256:
        raise _button("copy_text must hold a text of 1-256 characters")


def _check_reply_keyboard(markup: Json, *, private: bool) -> None:
    rows = _rows(markup, "keyboard", _MOST_REPLY, _WIDEST_REPLY)
    if not rows:
        raise bad_request('field "keyboard" has no buttons')
    for button in (button for row in rows for button in row):
        if isinstance(button, str):
            button = {"text": button}  # noqa: PLW2901 - a String is short for {"text": …}
        if not isinstance(button, dict):
            raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
        _check_label(button, "keyboard button")
        if strange := set(button) - _REPLY_ACTIONS - {"text", "style"}:
            raise bad_request(f"can't parse keyboard button: unknown or unsimulated fields {sorted(strange)}")
        actions = [name for name in _REPLY_ACTIONS if button.get(name)]
        if len(actions) > 1:
            raise bad_request("can't parse keyboard button: at most one optional field must be used")
        if actions and not private:
            what = "phone number" if actions == ["request_contact"] else "location"
            raise bad_request(f"{what} can be requested in private chats only")
    for flag in ("is_persistent", "resize_keyboard", "one_time_keyboard", "selective"):
        if not isinstance(markup.get(flag, False), bool):
            raise bad_request(f'field "{flag}" must be of type Boolean')


def _check_label(button: Json, what: str) -> None:
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_request(f"{what} text must be non-empty")
    if button.get("style", "primary") not in _STYLES:
        raise bad_request("invalid button style specified")


def _check_placeholder(markup: Json) -> None:
    placeholder = markup.get("input_field_placeholder", "-")
    if not isinstance(placeholder, str) or not 1 <= utf16_length(placeholder) <= 64:
        raise bad_request("input field placeholder must have 1-64 characters")


def _button(why: str) -> RefusalError:
    return bad_request(f"can't parse inline keyboard button: {why}")
