"""What people do with WhatsApp, turned into the webhook calls that the bot gets (Cloud API, webhooks: messages)."""

import re
from typing import Any

from bot.simulator.files import as_phone_photo
from bot.simulator.impossible import ImpossibleError
from bot.simulator.people import Person
from bot.simulator.whatsapp import shown
from bot.simulator.whatsapp.account import Account, user_id
from bot.simulator.world import Chat, Json, Message, UnknownError

LONGEST = 65_536
"""Characters that a phone sends; the bot must bear them."""
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Hands:
    """The people's side of WhatsApp."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.world = account.world

    def send_text(self, person: Person, chat: Chat, text: str, reply_to: int | None = None) -> Message:
        """Type and send a message, perhaps in answer to one of the bot's."""
        text = text.strip()
        if not 1 <= len(text) <= LONGEST:
            raise ImpossibleError("a message is not empty")
        content, event = shown.formatted(text), {"type": "text", "text": {"body": text}}
        if reply_to is not None:
            answered = self._message(chat, reply_to).payload
            content["reply_to_message"] = {key: v for key, v in answered.items() if key != "reply_to_message"}
            event["context"] = {"from": self.account.business.number, "id": answered.get("whatsapp_id", "")}
        return self._send(person, chat, content, event)

    def start(self, person: Person, payload: str = "") -> Message:
        """Open wa.me with a prepared text and send it."""
        if payload and not _PAYLOAD.fullmatch(payload):
            raise ImpossibleError("a link's code has 1-64 of A-Z a-z 0-9 _ -")
        text = payload.replace("kode-", "kode ", 1) if payload else "Halo"
        return self.send_text(person, self.world.chat(person.id), text)

    def share_contact(self, person: Person, of: Person, *, forwarded: bool = False) -> Message:
        """Send a contact's card, one's own or another's."""
        name = {"formatted_name": of.name, "first_name": of.first_name}
        phone = {"phone": f"+{of.phone}", "wa_id": of.phone, "type": "CELL"}
        card = {"phone_number": of.phone, "first_name": of.first_name}
        event: Json = {"type": "contacts", "contacts": [{"name": name, "phones": [phone]}]}
        if forwarded:
            event["context"] = {"forwarded": True}
        return self._send(person, self.world.chat(person.id), {"contact": card}, event)

    def send_photo(self, person: Person, chat: Chat, data: bytes, caption: str = "") -> Message:
        """Send a picture: shrunk, without metadata. Raise NotAPictureError."""
        jpeg, width, height = as_phone_photo(data)
        content = {"photo": self.world.files.add_photo(jpeg, width, height), **_captioned(caption)}
        media = {"id": self.account.add_media(jpeg, "image/jpeg"), "mime_type": "image/jpeg"}
        return self._send(person, chat, content, _media("image", media, caption))

    def send_document(
        self, person: Person, chat: Chat, data: bytes, name: str, mime_type: str, caption: str
    ) -> Message:
        """Send any file as it is, metadata included."""
        content = {"document": self.world.files.add_document(data, name, mime_type), **_captioned(caption)}
        media = {"id": self.account.add_media(data, mime_type), "mime_type": mime_type, "filename": name}
        return self._send(person, chat, content, _media("document", media, caption))

    def react(self, person: Person, chat: Chat, message_id: int, emoji: str) -> None:
        """React to a message of the bot."""
        message = self._message(chat, message_id)
        reaction = {"message_id": message.payload.get("whatsapp_id", ""), "emoji": emoji}
        self._event(person, {"type": "reaction", "reaction": reaction})

    def edit(self, person: Person, chat: Chat, message_id: int, text: str) -> Message:
        """Change an own message: the bot is told only that something unsupported came (as the platform does)."""
        message = self._message(chat, message_id)
        message.payload = {**message.payload, **shown.formatted(text.strip()), "edit_date": self.world.now()}
        self.world.touch(chat, message)
        unsupported = {"code": 131051, "title": "Message type unknown"}
        self._event(person, {"type": "unsupported", "errors": [unsupported]})
        return message

    def tap(self, person: Person, chat: Chat, message_id: int, data: str, *, anyway: bool = False) -> str:
        """Tap a button or choose a row; they never go away, so old ones can always be tapped."""
        message = self._message(chat, message_id)
        rows = message.payload.get("reply_markup", {}).get("inline_keyboard", [])
        button = next((b for row in rows for b in row if b.get("callback_data") == data), None)
        if button is None and not anyway:
            raise UnknownError(f"message {message_id} has no button with data {data!r}")
        title = button["text"] if button else data
        event: Json = {
            "context": {"from": self.account.business.number, "id": message.payload["whatsapp_id"]}
        }
        if message.payload.get("template"):
            event |= {"type": "button", "button": {"payload": data, "text": title}}
        else:
            kind = "list_reply" if "list_button" in message.payload else "button_reply"
            reply = {"id": data, "title": title}
            event |= {"type": "interactive", "interactive": {"type": kind, kind: reply}}
        posted = self._send(person, chat, {"text": title}, event)
        return str(posted.payload["whatsapp_id"])

    def block(self, person: Person, *, blocked: bool = True) -> None:
        """Block the business: it is told nothing, its messages just do not arrive."""
        person.blocked = blocked
        self.world.touch(self.world.chat(person.id))

    def change_number(self, person: Person, phone: str) -> None:
        """Move to another number; the business-scoped id changes with it on the platform, here it stays."""
        old, person.phone = person.phone, phone
        system = {
            "type": "user_changed_number",
            "wa_id": phone,
            "user_id": user_id(person),
            "body": "changed",
        }
        message = {"type": "system", "system": {**system, "previous_user_id": user_id(person)}}
        self._event(person, message, sender=old, with_contacts=False)

    def _send(self, person: Person, chat: Chat, content: Json, event: Json) -> Message:
        if person.blocked:
            raise ImpossibleError(f"{person.name} has blocked the business")
        person.started = True
        message = self.world.post(chat, person.as_user(), content)
        message.payload["whatsapp_id"] = self._event(person, event)
        return message

    def _event(
        self, person: Person, event: Json, *, sender: str | None = None, with_contacts: bool = True
    ) -> str:
        self.account.opened_by(person)
        wamid = self.account.new_id(person)
        profile = {"profile": {"name": person.name}, "user_id": user_id(person)}
        if not person.hides_number:
            profile["wa_id"] = person.phone
        message: dict[str, Any] = {
            "id": wamid,
            "timestamp": str(self.world.now()),
            "from_user_id": user_id(person),
            **({} if person.hides_number else {"from": sender or person.phone}),
            **event,
        }
        value = {"contacts": [profile], "messages": [message]} if with_contacts else {"messages": [message]}
        self.account.webhook.add(value, f"person:{person.id}")
        return wamid

    def _message(self, chat: Chat, message_id: int) -> Message:
        message = chat.live(message_id)
        if message is None:
            raise UnknownError(f"no message {message_id}")
        return message


def _captioned(caption: str) -> Json:
    return shown.formatted(caption, "caption") if caption else {}


def _media(kind: str, media: Json, caption: str) -> Json:
    return {"type": kind, kind: {**media, **({"caption": caption} if caption else {})}}
