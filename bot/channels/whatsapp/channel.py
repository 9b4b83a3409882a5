"""The WhatsApp channel: sending, and the little that is asked of the account."""

import hashlib
import hmac
import logging
from typing import Any

from bot.channels.whatsapp.errors import meaning
from bot.channels.whatsapp.graph import Graph
from bot.channels.whatsapp.reading import NAME, NUMBER, Event, fingerprint, read
from bot.channels.whatsapp.rendering import Content, contents, document, picture
from bot.channels.whatsapp.templates import filled, templates
from handlers.kit.messages import Outbound
from handlers.texts import LANGUAGES
from jobs.channel import ChannelError, Pace, Recipient, Reports
from models.dispatches import Reference
from models.pictures import LARGEST_BYTES

log = logging.getLogger("genting.whatsapp")

PACE = Pace(per_second=75, per_chat_second=1 / 6, chat_burst=40)
"""80 messages a second; one in six seconds to one person, with bursts that are paid back (Cloud API, throughput)."""

FILE_TYPES = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What a file is, by the end of its name (Cloud API, supported media types)."""

REPORTS = Reports(settle_seconds=20, new_chats_a_day=250, meaning=meaning)


class WhatsApp:
    """The channel of one business number.

    `account` is the WhatsApp Business Account's id, under which templates stand; `api` like
    `https://graph.facebook.com/v26.0`.
    """

    name = NAME
    reports: Reports | None

    def __init__(
        self,
        token: str,
        phone_number_id: str,
        account: str,
        api: str,
        pace: Pace = PACE,
        reports: Reports = REPORTS,
    ) -> None:
        self.pace, self.reports = pace, reports
        self.phone_number_id, self.account = phone_number_id, account
        self.graph = Graph(token, api)
        self.number = ""
        """The number as people dial it, digits only; known after `start`."""

    async def start(self) -> str:
        """Get ready; return the number. Raises ChannelError (halt) when token or number are refused."""
        found = await self.graph.get(self.phone_number_id, fields="display_phone_number,verified_name")
        self.number = "".join(c for c in str(found.get("display_phone_number", "")) if c.isdigit())
        return self.number

    async def stop(self) -> None:
        """Let go of the connections."""
        await self.graph.close()

    def read(self, payload: dict[str, Any]) -> list[Event]:
        """Return what a webhook call brings. Raises ValueError when it is none."""
        return read(payload, self.phone_number_id)

    async def acknowledge(self, message_id: str) -> None:
        """Show that a message is read and that an answer is coming. Best effort: it is only politeness."""
        body = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message_id,
            "typing_indicator": {"type": "text"},
        }
        try:
            await self.graph.post(f"{self.phone_number_id}/messages", body)
        except ChannelError as error:
            log.info("not_acknowledged", extra={"reason": error.reason})

    async def send(self, to: Recipient, message: Outbound, attached: bytes | None) -> str:
        """Send one message, or its template when it has one; return digests of WhatsApp's ids.

        Parts that arrived before are left out. Raises ChannelError, LookupError and ValueError.
        """
        if not message.text and message.template is None and message.document is None:
            return ""  # only neatness: nothing can be edited here
        templated = message.template is not None
        parts = await self._contents(to, message, attached)
        ids = []
        for number, content in enumerate(parts):
            if number not in to.arrived:
                reference = Reference(to.outbox_id, number, len(parts), templated)
                ids.append(await self._post(to, content, reference))
        return " ".join(ids)

    async def _contents(self, to: Recipient, message: Outbound, attached: bytes | None) -> list[Content]:
        if message.template is not None:
            name, values = message.template
            return [filled(name, values, to.language)]
        media = await self._uploaded(message, attached) if attached is not None else None
        known = NUMBER.fullmatch(to.address) is not None
        return contents(message, to.language, media=media, knows_phone=known)

    async def _uploaded(self, message: Outbound, attached: bytes) -> Content:
        """Hand over a message's picture or file."""
        path = f"{self.phone_number_id}/media"
        if message.document is not None:
            name = message.document.name
            kind = FILE_TYPES.get(name.rpartition(".")[2].lower(), "text/plain")
            return document(await self.graph.upload(path, attached, name, kind), name)
        kind = "png" if attached.startswith(b"\x89PNG") else "jpeg"
        return picture(await self.graph.upload(path, attached, f"picture.{kind}", f"image/{kind}"))

    async def _post(self, to: Recipient, content: Content, reference: Reference) -> str:
        """Send one message as WhatsApp counts them; a person without a visible number is addressed by their id."""
        address = {"to": to.address} if NUMBER.fullmatch(to.address) else {"recipient": to.address}
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **address,
            **content,
            "biz_opaque_callback_data": str(reference),
        }
        answer = await self.graph.post(f"{self.phone_number_id}/messages", body)
        return fingerprint(str(answer["messages"][0]["id"]))

    async def fetch(self, file_id: str) -> bytes:
        """Return the bytes of what somebody sent: its id leads to an address that lives five minutes.

        Raises ChannelError.
        """
        found = await self.graph.get(file_id)
        if int(found.get("file_size") or 0) > LARGEST_BYTES:
            raise ChannelError("too big", permanent=True)
        return await self.graph.download(str(found["url"]))

    # -- templates ----------------------------------------------------------------------------------------------

    async def registered_templates(self) -> list[dict[str, Any]]:
        """Return what is registered under our names. Raises ChannelError."""
        wanted = {"fields": "name,language,status,category,components", "limit": "200"}
        found = await self.graph.get(f"{self.account}/message_templates", **wanted)
        return [one for one in found.get("data", []) if one.get("name") in templates()]

    async def register(self, name: str, language: str) -> None:
        """Register a template in a language; WhatsApp decides on it within a day. Raises ChannelError."""
        body = templates()[name].registration(name, language)
        await self.graph.post(f"{self.account}/message_templates", body)


def signed(body: bytes, shown: str, app_secret: str) -> bool:
    """Tell whether a webhook call's raw body was signed by WhatsApp (`X-Hub-Signature-256: sha256=…`)."""
    wanted = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(shown.encode("utf-8", "replace"), f"sha256={wanted}".encode())


assert set(LANGUAGES) == {"id", "en"}, "templates.toml holds each text in these languages"  # noqa: S101
