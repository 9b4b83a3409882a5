"""The business number: its token and secret, people's windows, templates, media, and what each message became."""

import base64
import itertools
import random
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from bot.simulator.calling import Retry
from bot.simulator.pacing import Pace, Pacer
from bot.simulator.people import Person
from bot.simulator.whatsapp.refusal import GraphError
from bot.simulator.whatsapp.webhook import Webhook
from bot.simulator.world import Json, Message, World

WINDOW = timedelta(hours=24)
ADDRESS_LIVES = timedelta(minutes=5)
"""A media file's address; its id lives for days."""
PACE = Pace(overall=80, per_chat=1 / 6, chat_burst=45)


@dataclass(frozen=True, slots=True)
class Business:
    """The number's names and secrets; they open nothing but this simulator."""

    token: str = "EAASimulatorTokenThatOpensNothing"  # noqa: S105 - as said
    phone_number_id: str = "100000000000001"
    account_id: str = "200000000000002"
    number: str = "628000000900"
    app_secret: str = "simulator-app-secret"  # noqa: S105 - as said
    verify_token: str = "simulator-verify-token"  # noqa: S105 - as said
    name: str = "Genting Belitung"


@dataclass(slots=True)
class Media:
    """A file on its way; `addresses` are keys that open it, and until when."""

    data: bytes
    mime_type: str
    addresses: dict[str, Any] = field(default_factory=dict)


class Account:
    """What WhatsApp's servers know about the business."""

    def __init__(
        self, world: World, business: Business, *, pace: Pace, retry: Retry, dice: random.Random
    ) -> None:
        self.world, self.business, self.dice = world, business, dice
        self.webhook = Webhook(business, retry, dice)
        self.pacer = Pacer(pace)
        self.windows: dict[int, Any] = {}
        """Until when free text may be sent, by person."""
        self.templates: dict[tuple[str, str], Json] = {}
        self.media: dict[str, Media] = {}
        self.messages: dict[str, tuple[int, int]] = {}
        """Person and message id, by WhatsApp's id."""
        self.begun_with: dict[int, Any] = {}
        """When each person was last sent a template."""
        self.reads = True
        """Whether people read what arrives at once."""
        self._numbers = itertools.count(1)

    def person(self, body: Json) -> Person | None:
        """Return whom a request is for, by number or by business-scoped id."""
        wanted = str(body.get("to") or body.get("recipient"))
        for person in self.world.people.values():
            if person.channel == "whatsapp" and wanted in {person.phone, user_id(person)}:
                return person
        return None

    def new_id(self, person: Person) -> str:
        """Return a message id; like the real ones it holds the person's number, written differently."""
        raw = f"{person.phone}:{next(self._numbers)}:{person.id}".encode()
        return f"wamid.{base64.b64encode(raw).decode()}"

    def window_open(self, person: Person) -> bool:
        """Tell whether free text may be sent to a person now."""
        until = self.windows.get(person.id)
        return until is not None and until > self.world.clock.now()

    def opened_by(self, person: Person) -> None:
        """A person has written."""
        self.windows[person.id] = self.world.clock.now() + WINDOW

    def close_window(self, person: Person) -> None:
        """Let a person's last message be a day old."""
        self.windows.pop(person.id, None)

    def template(self, name: str, language: str) -> Json:
        """Return an approved template. Raises GraphError."""
        found = self.templates.get((name, language))
        if found is None:
            raise GraphError(404, 132001, "Template name does not exist in the translation", name)
        if found["status"] == "PAUSED":
            raise GraphError(400, 132015, "Template is paused", name)
        if found["status"] != "APPROVED":
            raise GraphError(400, 132016, "Template is disabled", name)
        return found

    def add_media(self, data: bytes, mime_type: str) -> str:
        """Keep a file; return its media id."""
        media_id = str(300_000_000_000_000 + next(self._numbers))
        self.media[media_id] = Media(data, mime_type)
        return media_id

    def media_address(self, media_id: str, base: str) -> Json:
        """Return where a file may be fetched for five minutes. Raises GraphError."""
        media = self.media.get(media_id)
        if media is None:
            raise GraphError(404, 100, "Unsupported get request", "no such media")
        key = secrets.token_urlsafe(16)
        media.addresses[key] = self.world.clock.now() + ADDRESS_LIVES
        return {
            "messaging_product": "whatsapp",
            "url": f"{base}/whatsapp/media/{media_id}/{key}",
            "mime_type": media.mime_type,
            "sha256": sha256(media.data).hexdigest(),
            "file_size": len(media.data),
            "id": media_id,
        }

    def accepted(self, person: Person, message: Message, body: Json, category: str) -> str:
        """A message was taken: remember it and tell the bot what becomes of it, in any order; return its id."""
        wamid = self.new_id(person)
        message.payload["whatsapp_id"] = wamid
        self.messages[wamid] = (person.id, message.id)
        ranks = ["sent", "delivered", *(["read"] if self.reads else [])]
        for rank in self.disordered(ranks):
            self.report(person, wamid, body, {"status": rank, **_pricing(category)})
        return wamid

    def failed(self, person: Person, body: Json, code: int, title: str) -> str:
        """A message was taken and cannot be delivered: tell the bot later; return its id."""
        wamid = self.new_id(person)
        for _ in range(self.dice.randint(1, 2)):
            self.report(person, wamid, body, {"status": "failed", "errors": [{"code": code, "title": title}]})
        return wamid

    def report(self, person: Person, wamid: str, body: Json, what: Json) -> None:
        """Send the bot one report."""
        status: Json = {
            "id": wamid,
            "timestamp": str(self.world.now()),
            **({} if person.hides_number else {"recipient_id": person.phone}),
            "recipient_user_id": user_id(person),
            **what,
        }
        if reference := body.get("biz_opaque_callback_data"):
            status["biz_opaque_callback_data"] = reference
        self.webhook.add({"statuses": [status]}, f"report:{wamid}:{self.dice.random()}")

    def disordered(self, ranks: list[str]) -> list[str]:
        """Return reports as WhatsApp may bring them: in any order, some of them twice."""
        often = [*ranks, *(rank for rank in ranks if self.dice.random() < 0.3)]
        self.dice.shuffle(often)
        return often


def user_id(person: Person) -> str:
    """Return a person's business-scoped id."""
    return f"ID.{person.id * 1_000_003}"


def _pricing(category: str) -> Json:
    return {
        "pricing": {
            "billable": category != "service",
            "pricing_model": "PMP",
            "category": category,
            "type": "regular",
        }
    }
