"""Methods and their parameters, as Bot API 10.1 defines them (core.telegram.org/bots/api).

A type is the documentation's, shortened:

    int, str, bool      as they say
    chat                Integer or String: an id, or @username
    file                InputFile or String: an upload, or the file_id of one
    upload              InputFile only
    json                a JSON-serialized object or array; `rules` and `keyboards` check its shape

`!` marks a required parameter, `-` one that exists but is not simulated: using it is refused, because nothing
would check it.
"""

from dataclasses import dataclass
from typing import Final

_TO = "business_connection_id:str- chat_id:chat! message_thread_id:int- direct_messages_topic_id:int-"
_SENDING = (
    "disable_notification:bool protect_content:bool allow_paid_broadcast:bool- message_effect_id:str- "
    "suggested_post_parameters:json- reply_parameters:json reply_markup:json"
)
_CAPTION = "caption:str parse_mode:str caption_entities:json"
_EDITED = "business_connection_id:str- chat_id:chat message_id:int inline_message_id:str-"
_COMMANDS = "scope:json language_code:str"

_TABLE: Final = {
    "getMe": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:json",
    "setWebhook": "url:str! certificate:upload- ip_address:str- max_connections:int allowed_updates:json "
    "drop_pending_updates:bool secret_token:str",
    "deleteWebhook": "drop_pending_updates:bool",
    "getWebhookInfo": "",
    "sendMessage": f"{_TO} text:str! parse_mode:str entities:json link_preview_options:json {_SENDING}",
    "sendPhoto": f"{_TO} photo:file! {_CAPTION} show_caption_above_media:bool has_spoiler:bool {_SENDING}",
    "sendDocument": f"{_TO} document:file! thumbnail:file- {_CAPTION} "
    f"disable_content_type_detection:bool {_SENDING}",
    "sendChatAction": "business_connection_id:str- chat_id:chat! message_thread_id:int- action:str!",
    "editMessageText": f"{_EDITED} text:str parse_mode:str entities:json link_preview_options:json "
    "rich_message:json- reply_markup:json",
    "editMessageCaption": f"{_EDITED} {_CAPTION} show_caption_above_media:bool reply_markup:json",
    "editMessageReplyMarkup": f"{_EDITED} reply_markup:json",
    "deleteMessage": "chat_id:chat! message_id:int!",
    "answerCallbackQuery": "callback_query_id:str! text:str show_alert:bool url:str- cache_time:int",
    "setMyCommands": f"commands:json! {_COMMANDS}",
    "getMyCommands": _COMMANDS,
    "deleteMyCommands": _COMMANDS,
    "setMyName": "name:str language_code:str",
    "getMyName": "language_code:str",
    "setMyDescription": "description:str language_code:str",
    "getMyDescription": "language_code:str",
    "setMyShortDescription": "short_description:str language_code:str",
    "getMyShortDescription": "language_code:str",
    "setChatMenuButton": "chat_id:int menu_button:json",
    "getChatMenuButton": "chat_id:int",
    "getFile": "file_id:str!",
    "getChat": "chat_id:chat!",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method."""

    type: str
    required: bool
    simulated: bool


def _row(text: str) -> dict[str, Parameter]:
    row = {}
    for word in text.split():
        name, _, kind = word.partition(":")
        row[name] = Parameter(kind.rstrip("!-"), kind.endswith("!"), not kind.endswith("-"))
    return row


METHODS: Final[dict[str, dict[str, Parameter]]] = {method: _row(text) for method, text in _TABLE.items()}
"""Every method that is spoken here: name → parameters by name."""

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    method: tuple(name for name, parameter in row.items() if parameter.required)
    for method, row in METHODS.items()
}

UPDATE_TYPES: Final = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    ]
)
"""Kinds of update (core.telegram.org/bots/api#update)."""

NOT_BY_DEFAULT: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that arrive only when asked for by name (core.telegram.org/bots/api#getupdates)."""

CHAT_ACTIONS: Final = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
"""core.telegram.org/bots/api#sendchataction"""
