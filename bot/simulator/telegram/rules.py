"""What a message may hold: text, caption, picture, document (core.telegram.org/bots/api#sendmessage)."""

import json
import re
from typing import Any, Final

from bot.simulator.files import FileStore, NotAPictureError, picture_size
from bot.simulator.telegram.entities import Entity, parse_html, trimmed, utf16_length, with_found
from bot.simulator.telegram.refusal import bad_request
from bot.simulator.telegram.request import Upload
from bot.simulator.telegram.spec import UPDATE_TYPES

Json = dict[str, Any]

TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
PHOTO_LIMIT: Final = 10 * 1024 * 1024
DOCUMENT_LIMIT: Final = 50 * 1024 * 1024
_ENTITY_TYPES: Final = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
    ]
)
_PREVIEW_FIELDS: Final = {
    "is_disabled": bool,
    "url": str,
    "prefer_small_media": bool,
    "prefer_large_media": bool,
    "show_above_text": bool,
}


def formatted(params: Json, text: str, entities_name: str) -> tuple[str, list[Entity]]:
    """Return the text as a reader sees it, trimmed, and its entities. Raise RefusalError."""
    mode = params.get("parse_mode", "")
    given = params.get(entities_name)
    if mode and given:
        raise bad_request(f"parse_mode and {entities_name} exclude each other")
    if mode and mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    if mode:
        text, entities = parse_html(text)
    else:
        entities = _checked_entities(given, text) if given is not None else []
    text, entities = trimmed(text, entities)
    return text, with_found(text, entities)


def _checked_entities(given: Any, text: str) -> list[Entity]:
    if not isinstance(given, list):
        raise bad_request("can't parse MessageEntity: expected an Array")
    length = utf16_length(text)
    for entity in given:
        if not isinstance(entity, dict) or entity.get("type") not in _ENTITY_TYPES:
            raise bad_request("can't parse MessageEntity: unsupported type specified")
        start, span = entity.get("offset"), entity.get("length")
        if (
            not isinstance(start, int)
            or not isinstance(span, int)
            or start < 0
            or span < 1
            or start + span > length
        ):
            raise bad_request("can't parse MessageEntity: entity is outside of the text")
    return list(given)


def message_text(params: Json) -> Json:
    """Return `text` and `entities` of a Message. Raise RefusalError for empty, long or ill-formed text."""
    source = params.get("text", "")
    if not source:
        raise bad_request("message text is empty")
    text, entities = formatted(params, source, "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    if "link_preview_options" in params:
        content["link_preview_options"] = _link_preview(params["link_preview_options"])
    return content


def message_caption(params: Json) -> Json:
    """Return `caption` and `caption_entities` of a Message, or nothing. Raise RefusalError."""
    text, entities = formatted(params, params.get("caption", ""), "caption_entities")
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    content: Json = {"caption": text} if text else {}
    if entities:
        content["caption_entities"] = entities
    return content


def _link_preview(options: Any) -> Json:
    if not isinstance(options, dict):
        raise bad_request("object expected as link preview options")
    for name, value in options.items():
        if name not in _PREVIEW_FIELDS or not isinstance(value, _PREVIEW_FIELDS[name]):
            raise bad_request(f'link preview options: field "{name}" is unknown or of a wrong type')
    return options


def photo_content(files: FileStore, photo: Upload | str) -> Json:
    """Return the `photo` sizes of a Message. Raise RefusalError unless it is a small enough picture."""
    if isinstance(photo, str):
        known = files.get(photo)
        if known is None or not known.mime_type.startswith("image/"):
            raise bad_request("wrong file identifier/HTTP URL specified")
        data = files.content(known)
    else:
        data = photo.data
    if not data:
        raise bad_request("file must be non-empty")
    if len(data) > PHOTO_LIMIT:
        raise bad_request(
            f"file of size {len(data)} bytes is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes"
        )
    try:
        width, height = picture_size(data)
    except NotAPictureError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return {"photo": files.add_photo(data, width, height)}


def document_content(files: FileStore, document: Upload | str) -> Json:
    """Return the `document` of a Message. Raise RefusalError for an empty or large file, or an unknown id."""
    if isinstance(document, str):
        known = files.get(document)
        if known is None or not known.file_id.startswith("BQAC"):
            raise bad_request("wrong file identifier/HTTP URL specified")
        return {
            "document": {
                "file_name": known.name,
                "mime_type": known.mime_type,
                "file_id": known.file_id,
                "file_unique_id": known.unique_id,
                "file_size": len(known.data),
            }
        }
    if not document.data:
        raise bad_request("file must be non-empty")
    if len(document.data) > DOCUMENT_LIMIT:
        raise bad_request(
            f"file of size {len(document.data)} bytes is too big; the maximum size is {DOCUMENT_LIMIT} bytes"
        )
    if not document.name:
        raise bad_request("a document needs a file name")
    return {"document": files.add_document(document.data, document.name, document.mime_type)}


def same_content(before: Json, after: Json) -> bool:
    """Tell whether an edit would change nothing that a reader sees."""
    keys = ("text", "entities", "caption", "caption_entities", "reply_markup", "link_preview_options")
    return all(_canonical(before.get(key)) == _canonical(after.get(key)) for key in keys)


def _canonical(value: Any) -> str:
    return json.dumps(value or None, sort_keys=True)


def allowed_updates(value: Any) -> frozenset[str] | None:
    """Return the kinds asked for, None for an empty list (= the default). Raise RefusalError.

    Telegram ignores unknown kinds; here they are a mistake.
    """
    if not isinstance(value, list) or not all(isinstance(kind, str) for kind in value):
        raise bad_request("allowed_updates must be an Array of String")
    if strange := set(value) - UPDATE_TYPES:
        raise bad_request(f"unknown kinds of update {sorted(strange)}")
    return frozenset(value) or None


def language_code(params: Json) -> str:
    """Return the ISO 639-1 code, "" when absent. Raise RefusalError."""
    code = str(params.get("language_code", ""))
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code
