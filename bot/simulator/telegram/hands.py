"""What people do with their phones, turned into the updates that the bot gets.

core.telegram.org/bots/api#update. Every function raises UnknownError for what does not exist and
ImpossibleError for what a real phone would not let one do.
"""

import re
from typing import Any

from bot.simulator.files import as_phone_photo
from bot.simulator.impossible import ImpossibleError
from bot.simulator.people import Person
from bot.simulator.telegram.account import Account
from bot.simulator.telegram.entities import found_entities, utf16_length
from bot.simulator.telegram.rules import CAPTION_LIMIT, TEXT_LIMIT
from bot.simulator.world import Chat, Json, Message, UnknownError

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Hands:
    """The people's side of Telegram."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.world = account.world

    def send_text(self, person: Person, chat: Chat, text: str, reply_to: int | None = None) -> Message:
        """Type and send a message, perhaps in reply to one in the chat."""
        text = text.strip()
        if not 1 <= utf16_length(text) <= TEXT_LIMIT:
            raise ImpossibleError("a message has 1-4096 characters")
        content: Json = {"text": text}
        if entities := found_entities(text):
            content["entities"] = entities
        if reply_to is not None:
            target = chat.live(reply_to)
            if target is None:
                raise UnknownError(f"no message {reply_to}")
            answered = {key: value for key, value in target.payload.items() if key != "reply_to_message"}
            content["reply_to_message"] = answered
        return self._send(person, chat, content)

    def start(self, person: Person, payload: str = "") -> Message:
        """Press START, perhaps after opening t.me/<bot>?start=<payload>; unblocks, as real clients do."""
        if payload and not _PAYLOAD.fullmatch(payload):
            raise ImpossibleError("a deep link's payload has 1-64 of A-Z a-z 0-9 _ -")
        self.block(person, blocked=False)
        return self.send_text(person, self.world.chat(person.id), f"/start {payload}".strip())

    def share_contact(self, person: Person, of: Person, *, forwarded: bool = False) -> Message:
        """Send a contact, one's own or another's; `forwarded` passes on a message in which `of` sent it."""
        contact: Json = {"phone_number": of.phone, "first_name": of.first_name, "user_id": of.id}
        if not of.phone:
            raise ImpossibleError(f"{of.name} has no phone number")
        if of.last_name:
            contact["last_name"] = of.last_name
        content: Json = {"contact": contact}
        if forwarded:
            content["forward_origin"] = {
                "type": "user",
                "sender_user": of.as_user(),
                "date": self.world.now(),
            }
        return self._send(person, self.world.chat(person.id), content)

    def send_photo(self, person: Person, chat: Chat, data: bytes, caption: str = "") -> Message:
        """Send a picture as a photo: shrunk, without metadata. Raise NotAPictureError."""
        jpeg, width, height = as_phone_photo(data)
        content = {"photo": self.world.files.add_photo(jpeg, width, height), **_caption(caption)}
        return self._send(person, chat, content)

    def send_document(
        self, person: Person, chat: Chat, data: bytes, name: str, mime_type: str, caption: str
    ) -> Message:
        """Send any file as it is, metadata included."""
        content = {"document": self.world.files.add_document(data, name, mime_type), **_caption(caption)}
        return self._send(person, chat, content)

    def edit(self, person: Person, chat: Chat, message_id: int, text: str) -> Message:
        """Change the text, or the caption, of an own message."""
        message = chat.live(message_id)
        if message is None or message.payload["from"]["id"] != person.id:
            raise UnknownError(f"no own message {message_id}")
        kind = "text" if "text" in message.payload else "caption"
        entities = "entities" if kind == "text" else "caption_entities"
        text = text.strip()
        if not text or message.payload.get(kind) == text:
            raise ImpossibleError("an edit must change the text to something")
        payload = {key: value for key, value in message.payload.items() if key != entities}
        payload[kind] = text
        if found := found_entities(text):
            payload[entities] = found
        payload["edit_date"] = self.world.now()
        message.payload = payload
        self.world.touch(chat, message)
        self.account.queue.add("edited_message", payload)
        return message

    def tap(self, person: Person, chat: Chat, message_id: int, data: str, *, anyway: bool = False) -> str:
        """Tap an inline button; return the callback query's id.

        `anyway` taps what is not there any more: the button was edited away while the finger came down.
        """
        message = chat.live(message_id)
        if message is None:
            raise UnknownError(f"no message {message_id}")
        rows = message.payload.get("reply_markup", {}).get("inline_keyboard", [])
        if not anyway and not any(button.get("callback_data") == data for row in rows for button in row):
            raise UnknownError(f"message {message_id} has no button with data {data!r}")
        self._may_write(person)
        query_id = self.account.new_query(chat, person.id)
        self.account.queue.add(
            "callback_query",
            {
                "id": query_id,
                "from": person.as_user(),
                "message": message.payload,
                "chat_instance": str(self.account.id * 1_000_003 + chat.id),
                "data": data,
            },
        )
        return query_id

    def block(self, person: Person, *, blocked: bool = True) -> None:
        """Block the bot ("stop bot") or unblock it: the bot gets my_chat_member."""
        if person.blocked == blocked:
            return
        person.blocked = blocked
        chat = self.world.chat(person.id)
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        self.world.touch(chat)
        self._my_member(chat, person, old, new)

    def join(self, chat: Chat, person: Person) -> None:
        """Have `person` add the bot to a group: a service message and my_chat_member."""
        self._my_member(chat, person, "left", "member")
        message = self.world.post(chat, person.as_user(), {"new_chat_members": [self.account.as_user()]})
        self.account.queue.add("message", message.payload)

    def migrated(self, old: Chat, new: Chat, person: Person) -> None:
        """Tell the bot that a group became a supergroup, by the two service messages."""
        for chat, content in ((old, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": old.id})):
            self.account.queue.add("message", self.world.post(chat, person.as_user(), content).payload)

    def _send(self, person: Person, chat: Chat, content: Json) -> Message:
        self._may_write(person)
        if chat.kind == "private":
            person.started = True
        markup = chat.reply_markup
        if markup is not None and (markup.get("one_time_keyboard") or "force_reply" in markup):
            chat.reply_markup = None
        message = self.world.post(chat, person.as_user(), content)
        if chat.kind == "private" or self._concerns_bot(chat, message.payload):
            self.account.queue.add("message", message.payload)
        return message

    def _concerns_bot(self, chat: Chat, payload: Json) -> bool:
        """Tell what privacy mode lets through (core.telegram.org/bots/features#privacy-mode)."""
        if self.world.groups[chat.id].bot_left:
            return False
        text = str(payload.get("text", payload.get("caption", "")))
        return text.startswith("/") or f"@{self.account.username}".lower() in text.lower()

    def _may_write(self, person: Person) -> None:
        if person.blocked:
            raise ImpossibleError(f"{person.name} has blocked the bot")
        if person.deactivated:
            raise ImpossibleError(f"{person.name} has no account any more")

    def _my_member(self, chat: Chat, person: Person, old: str, new: str) -> None:
        self.account.queue.add(
            "my_chat_member",
            {
                "chat": self.world.chat_object(chat),
                "from": person.as_user(),
                "date": self.world.now(),
                "old_chat_member": self._member(old),
                "new_chat_member": self._member(new),
            },
        )

    def _member(self, status: str) -> dict[str, Any]:
        member = {"user": self.account.as_user(), "status": status}
        return {**member, "until_date": 0} if status == "kicked" else member


def _caption(text: str) -> Json:
    if utf16_length(text) > CAPTION_LIMIT:
        raise ImpossibleError("a caption has at most 1024 characters")
    if not text.strip():
        return {}
    found = found_entities(text.strip())
    return {"caption": text.strip(), **({"caption_entities": found} if found else {})}
