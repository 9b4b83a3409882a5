"""What WhatsApp sends to the webhook (Cloud API, webhooks reference), as what the bot understands.

A call may bring many entries, changes, messages and reports; each is read by itself, so that one odd thing loses
nothing else. People are known by a phone number, by an id of their own (`user_id`, since usernames hide numbers),
or by both.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.channels.whatsapp.errors import meaning
from bot.channels.whatsapp.payloads import Message, Status
from bot.channels.whatsapp.rendering import SHARE_PHONE
from bot.channels.words import with_code, words
from handlers.kit.messages import Inbound, SharedContact, SharedPhoto
from jobs.channel import ChannelError
from models.dispatches import Rank, Reference

NAME = "whatsapp"
WINDOW_MS = 24 * 3_600_000
"""Free text may be sent for 24 hours after each message of a person."""

NUMBER = re.compile(r"[0-9]{5,15}")
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}")
RANKS = {"sent": Rank.SENT, "delivered": Rank.DELIVERED, "read": Rank.READ, "played": Rank.READ}
NOT_NOW = frozenset({"PAUSED", "DISABLED", "REJECTED", "FLAGGED", "PENDING_DELETION", "LOCKED", "ARCHIVED"})


@dataclass(frozen=True, slots=True)
class Report:
    """How far one of our messages came: `rank`, or `failure` with the platform's code."""

    platform_id: str
    reference: Reference | None
    rank: Rank | None
    failure: tuple[int, ChannelError] | None = None
    category: str | None = None
    billable: bool | None = None


@dataclass(frozen=True, slots=True)
class TemplateNews:
    """The platform allows a template, or does not any more; `reason` says why not."""

    name: str
    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that claims to be a message and cannot be read."""

    update_id: str
    raw: str
    error: str


Event = Inbound | Report | TemplateNews | Unreadable


def fingerprint(platform_id: str) -> str:
    """Return a digest of one of the platform's ids: they hold the person's number, only written differently."""
    return hashlib.sha256(platform_id.encode("utf-8", "replace")).hexdigest()[:40]


def read(payload: dict[str, Any], phone_number_id: str) -> list[Event]:
    """Return everything in a webhook call that concerns our number, in its order.

    Raises ValueError when it is no webhook call of WhatsApp.
    """
    if payload.get("object") != "whatsapp_business_account" or not isinstance(payload.get("entry"), list):
        raise ValueError("not a webhook call of WhatsApp")
    events: list[Event] = []
    for entry in payload["entry"]:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else []:
            value = change.get("value") if isinstance(change, dict) else None
            if isinstance(value, dict):
                events += _change(str(change.get("field")), value, phone_number_id)
    return events


def _change(field: str, value: dict[str, Any], phone_number_id: str) -> Iterator[Event]:
    if field in {"message_template_status_update", "template_category_update"}:
        yield from _template_news(field, value)
        return
    metadata = value.get("metadata")
    ours = isinstance(metadata, dict) and metadata.get("phone_number_id") == phone_number_id
    if field != "messages" or not ours:
        return
    for raw in _list(value, "messages"):
        yield from _message(raw, _list(value, "contacts"))
    for raw in _list(value, "statuses"):
        yield from _report(raw)


def _list(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _message(raw: Any, contacts: list[Any]) -> Iterator[Event]:
    try:
        message = Message.model_validate(raw)
        inbound = _inbound(message, contacts)
    except (ValidationError, ValueError, TypeError) as error:
        written = json.dumps(raw, default=str)
        wamid = raw.get("id") if isinstance(raw, dict) else None
        known = wamid if isinstance(wamid, str) else written
        yield Unreadable(
            f"m:{fingerprint(known)}", written[:10_000], f"not a message: {type(error).__name__}"
        )
        return
    if inbound is not None:
        yield inbound


def _inbound(message: Message, contacts: list[Any]) -> Inbound | None:
    """Read a message. Raises ValueError when nobody sent it."""
    number = message.sender if NUMBER.fullmatch(message.sender) else ""
    user_id = message.from_user_id or _user_id(number, contacts)
    user_id = user_id if USER_ID.fullmatch(user_id) else ""
    if message.type == "system":
        return _changed(message, number, user_id)
    if not number and not user_id:
        raise ValueError("a message from nobody")
    text, edited, message_id = _text(message)
    choice, shared = _choice(message), _shared(message, number)
    quoted = (
        message.context.id if message.context and not choice else ""
    )  # a tap quotes the question it is in
    if choice == SHARE_PHONE:
        choice, shared = None, SharedContact(f"+{number}", own=True) if number else None
    return Inbound(
        NAME,
        number or user_id,
        f"m:{fingerprint(message.id)}",
        message_id=message_id,
        private=not message.group_id,
        text=text,
        choice=choice,
        contact=shared,
        photo=_photo(message),
        edited=edited,
        reply_to=fingerprint(quoted) if quoted else "",
        also=user_id if number and user_id else None,
        phone=f"+{number}" if number else None,
        free_until_ms=message.timestamp * 1000 + WINDOW_MS,
        no_ids=True,
        quiet=message.type == "reaction",
    )


def _user_id(number: str, contacts: list[Any]) -> str:
    """Return the sender's own id, which may stand only in the call's list of profiles."""
    for contact in contacts:
        if isinstance(contact, dict) and (contact.get("wa_id") == number or len(contacts) == 1):
            return str(contact.get("user_id") or "")
    return ""


def _text(message: Message) -> tuple[str | None, bool, str]:
    """Return the text, whether it corrects an earlier message, and which message it is."""
    if message.type == "edit" and message.edit and message.edit.message:
        body = message.edit.message.text
        return words(body.body) if body else None, True, message.edit.original_message_id
    if message.text is not None and message.type == "text":
        return with_code(words(message.text.body)), False, message.id
    return None, False, message.id


def _choice(message: Message) -> str | None:
    if message.type == "button" and message.button:
        return words(message.button.payload) or None
    tapped = message.interactive
    reply = (tapped.button_reply or tapped.list_reply) if tapped and message.type == "interactive" else None
    return words(reply.id) if reply else None


def _photo(message: Message) -> SharedPhoto | None:
    """Read a picture, sent as one or as a file; any other file is refused by the question that meets it."""
    if message.image is not None:
        return SharedPhoto(words(message.image.id))
    if message.document is None:
        return None
    is_image = message.document.mime_type.startswith("image/")
    return SharedPhoto(words(message.document.id), document=True, refused="" if is_image else "not_a_picture")


def _shared(message: Message, number: str) -> SharedContact | None:
    """Read a shared card: own only when WhatsApp says that its number is the sender's, and it is not forwarded."""
    phones = [phone for card in message.contacts or [] for phone in card.phones]
    if not phones:
        return None
    first, context = phones[0], message.context
    passed_on = context is not None and (context.forwarded or context.frequently_forwarded)
    own = bool(number) and first.wa_id == number and not passed_on
    return SharedContact(f"+{first.wa_id}" if first.wa_id else words(first.phone), own)


def _changed(message: Message, number: str, user_id: str) -> Inbound | None:
    """Read that a person has another number, or another id; other system messages say nothing to us."""
    system = message.system
    if system is None or system.type not in {"user_changed_number", "user_changed_user_id"}:
        return None
    old = number or system.previous_user_id
    new_number = system.wa_id if NUMBER.fullmatch(system.wa_id) else ""
    new_id = system.user_id if USER_ID.fullmatch(system.user_id) else ""
    new = new_number or number or new_id
    if not old or not new:
        raise ValueError("a change of nobody")
    previous = system.previous_user_id if USER_ID.fullmatch(system.previous_user_id) else user_id
    return Inbound(
        NAME,
        old,
        f"m:{fingerprint(message.id)}",
        also=previous if previous and previous != old else None,
        free_until_ms=0,
        moved_to=(new, new_id if new_id and new_id != new else None),
    )


def _report(raw: Any) -> Iterator[Event]:
    try:
        status = Status.model_validate(raw)
    except (ValidationError, TypeError):
        return  # the next report of the same message says more
    failure = None
    if status.status == "failed":
        code = status.errors[0].code if status.errors else 131000
        failure = (code, meaning(code, words(status.errors[0].title)[:60] if status.errors else ""))
    elif status.status not in RANKS:
        return
    pricing = status.pricing
    yield Report(
        fingerprint(status.id),
        Reference.parse(status.biz_opaque_callback_data),
        RANKS.get(status.status),
        failure,
        (words(pricing.category)[:40] or None) if pricing else None,
        pricing.billable if pricing else None,
    )


def _template_news(field: str, value: dict[str, Any]) -> Iterator[TemplateNews]:
    name = value.get("message_template_name")
    if not isinstance(name, str):
        return
    if field == "template_category_update":
        category = str(value.get("new_category", "")).upper()
        yield TemplateNews(name, category == "UTILITY", f"recategorised as {category[:30]}")
        return
    event = str(value.get("event", "")).upper()
    if event in NOT_NOW or event in {"APPROVED", "REINSTATED", "UNARCHIVED"}:
        reason = value.get("reason")
        yield TemplateNews(name, event not in NOT_NOW, f"{event} {reason or ''}".strip()[:200])
