"""The Graph API over HTTP: the number, messages, media, templates.

GET    /whatsapp/{version}/{number id}                    the number
POST   /whatsapp/{version}/{number id}/messages           a message, or a read mark
POST   /whatsapp/{version}/{number id}/media              a file, as multipart
GET    /whatsapp/{version}/{media id}                     where a file is, for five minutes
GET    /whatsapp/media/{media id}/{key}                   the file, with the token
GET    /whatsapp/{version}/{account id}/message_templates
POST   /whatsapp/{version}/{account id}/message_templates
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from bot.simulator.faults import Fault, Faults
from bot.simulator.files import NotAPictureError, picture_size
from bot.simulator.ledger import Entry, Ledger
from bot.simulator.people import Person
from bot.simulator.whatsapp import rules, schema, shown
from bot.simulator.whatsapp.account import Account
from bot.simulator.whatsapp.refusal import GraphError, invalid
from bot.simulator.world import Json, Message

LARGEST_PICTURE = 5 * 1024 * 1024
MEDIA_TYPES = frozenset(
    {
        "image/png",
        "image/jpeg",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
"""Of the types that WhatsApp takes, those that the bot sends."""
SEND = "sendWhatsApp"
Work = Callable[[Request, Entry], Awaitable[Any]]


class GraphApi:
    """The endpoints of one business."""

    def __init__(
        self, account: Account, ledger: Ledger, faults: Faults, cut: Callable[[Scope], Awaitable[None]]
    ) -> None:
        self.account, self.ledger, self.faults, self._cut = account, ledger, faults, cut
        self.world, self.business = account.world, account.business
        self.invalid: list[str] = []
        """Why requests were refused as not being what Meta describes: always a bug of the bot's."""

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/whatsapp/media/{media}/{key}", self._answering("whatsapp.download", self._file)),
            Route(
                "/whatsapp/{version}/{id}/messages",
                self._answering(SEND, self._messages),
                methods=["POST"],
            ),
            Route(
                "/whatsapp/{version}/{id}/media",
                self._answering("whatsapp.media", self._upload),
                methods=["POST"],
            ),
            Route(
                "/whatsapp/{version}/{id}/message_templates",
                self._answering("whatsapp.templates", self._templates),
                methods=["GET", "POST"],
            ),
            Route("/whatsapp/{version}/{id}", self._answering("whatsapp.get", self._get)),
        ]

    def _answering(self, method: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            entry = self.ledger.open(method)
            try:
                self._authorised(request)
                answer = await work(request, entry)
            except GraphError as error:
                if error.code == 100:
                    self.invalid.append(f"{method}: {error.details}")
                self.ledger.close(entry, "refused", error.code, error.details or error.message)
                return JSONResponse(error.as_json(), error.status)
            if answer is None:  # the connection is cut
                self.ledger.close(entry, "lost")
                await self._cut(request.scope)
                return Response(status_code=502)
            self.ledger.close(entry, "ok")
            return answer if isinstance(answer, Response) else JSONResponse(answer)

        return endpoint

    # -- messages -----------------------------------------------------------------------------------------------

    async def _messages(self, request: Request, entry: Entry) -> Json | None:
        self._own(request)
        body = await _json(request)
        if self.ledger.keep_params:
            entry.params = body
        if "status" in body:
            entry.method = "whatsapp.read"
            return self._mark_read(body)
        schema.check_message(body)
        rules.check(body)
        person = self.account.person(body)
        entry.chat_id = person.id if person else None
        fault = self.faults.strike(SEND, entry.chat_id) if self.faults.rules else None
        if fault is not None:
            entry.fault = fault.kind
            await asyncio.sleep(fault.seconds)
            if fault.kind == "dropped":
                return None
            _raise(fault)
        self._pace(person)
        wamid, message = self._deliver(person, body, fault)
        if message is not None:
            self.ledger.deliver(entry, message.id)
        if fault is not None and fault.kind == "answer_lost":
            return None
        return {
            "messaging_product": "whatsapp",
            "contacts": [
                {
                    "input": str(body.get("to") or body.get("recipient")),
                    "wa_id": person.phone if person else "",
                }
            ],
            "messages": [{"id": wamid, "message_status": "accepted"}],
        }

    def _deliver(self, person: Person | None, body: Json, fault: Fault | None) -> tuple[str, Message | None]:
        """Bring a message to its chat, or report later why that was not possible."""
        if person is None:
            raise GraphError(400, 131030, "Recipient phone number not in allowed list")
        if fault is not None and fault.kind == "failed_later":
            return self.account.failed(person, body, fault.code, "on demand"), None
        if person.blocked or person.deactivated:
            return self.account.failed(person, body, 131026, "Message undeliverable"), None
        templated = body["type"] == "template"
        content, markup = self._content(body)
        if not templated and not self.account.window_open(person):
            return self.account.failed(person, body, 131047, "Re-engagement message"), None
        chat, sender = self.world.chat(person.id), self._sender()
        message = self.world.post(chat, sender, content, markup=markup)
        if templated:
            self.account.begun_with[person.id] = self.world.clock.now()
        category = "utility" if templated else "service"
        return self.account.accepted(person, message, body, category), message

    def _content(self, body: Json) -> tuple[Json, Json | None]:
        match body["type"]:
            case "text":
                return shown.formatted(body["text"]["body"]), None
            case "image":
                captioned = shown.formatted(body["image"].get("caption", ""), "caption")
                return {**self._photo(body["image"]), **(captioned if captioned["caption"] else {})}, None
            case "document":
                return self._document(body["document"]), None
            case "template":
                return self._template(body["template"])
        content, markup = shown.interactive(body["interactive"])
        return {**self._header(body["interactive"].get("header", {})), **content}, markup

    def _header(self, given: Json) -> Json:
        if "image" in given:
            return self._photo(given["image"])
        return self._document(given["document"]) if "document" in given else {}

    def _template(self, given: Json) -> tuple[Json, Json | None]:
        found = self.account.template(given["name"], given["language"]["code"])
        components = given.get("components", [])
        content = {**shown.formatted(rules.template_text(found, components)), "template": given["name"]}
        payloads = {c["index"]: c["parameters"][0]["payload"] for c in components if c["type"] == "button"}
        buttons: list[Json] = next((c["buttons"] for c in found["components"] if c["type"] == "BUTTONS"), [])
        rows = [
            [{"text": button["text"], "callback_data": payloads.get(str(index), button["text"])}]
            for index, button in enumerate(buttons)
        ]
        return content, {"inline_keyboard": rows} if rows else None

    def _photo(self, given: Json) -> Json:
        media = self.account.media.get(str(given.get("id")))
        if media is None:
            raise GraphError(400, 131053, "Media upload error", "no such media id")
        try:
            width, height = picture_size(media.data)
        except NotAPictureError as error:
            raise GraphError(400, 131053, "Media upload error", str(error)) from None
        return {"photo": self.world.files.add_photo(media.data, width, height)}

    def _document(self, given: Json) -> Json:
        media = self.account.media.get(str(given.get("id")))
        if media is None:
            raise GraphError(400, 131053, "Media upload error", "no such media id")
        name = given.get("filename", "file")
        kept = {"document": self.world.files.add_document(media.data, name, media.mime_type)}
        return {**kept, **(shown.formatted(given["caption"], "caption") if "caption" in given else {})}

    def _mark_read(self, body: Json) -> Json:
        schema.check_mark(body)
        for chat in self.world.chats.values():
            for message in chat.messages.values():
                if message.payload.get("whatsapp_id") == body["message_id"] and not message.from_bot:
                    message.payload["read"] = True
                    self.world.touch(chat, message)
                    if "typing_indicator" in body:
                        self.world.show_typing(chat, "typing")
                    return {"success": True}
        raise invalid("no such message of a person")

    def _pace(self, person: Person | None) -> None:
        if person is not None and (wait := self.account.pacer.admit(person.id, time.monotonic())):
            raise GraphError(400, 131056 if wait > 1 else 130429, "Rate limit hit", f"wait {wait} s")

    def _sender(self) -> Json:
        return {"id": 1, "is_bot": True, "first_name": self.business.name, "username": self.business.number}

    # -- the rest -----------------------------------------------------------------------------------------------

    async def _upload(self, request: Request, _: Entry) -> Json:
        self._own(request)
        async with request.form() as form:
            file = form.get("file")
            if form.get("messaging_product") != "whatsapp" or file is None or isinstance(file, str):
                raise invalid("media wants messaging_product and file")
            data, kind = await file.read(), str(file.content_type)
        if kind not in MEDIA_TYPES or len(data) > LARGEST_PICTURE:
            raise GraphError(400, 131053, "Media upload error", f"{kind}, {len(data)} bytes")
        return {"id": self.account.add_media(data, kind)}

    async def _get(self, request: Request, _: Entry) -> Json:
        if request.path_params["id"] == self.business.phone_number_id:
            return {
                "id": self.business.phone_number_id,
                "display_phone_number": f"+{self.business.number}",
                "verified_name": self.business.name,
                "quality_rating": "GREEN",
            }
        return self.account.media_address(request.path_params["id"], str(request.base_url).rstrip("/"))

    async def _file(self, request: Request, _: Entry) -> Response:
        media = self.account.media.get(request.path_params["media"])
        until = media.addresses.get(request.path_params["key"]) if media else None
        if media is None or until is None or until <= self.world.clock.now():
            raise GraphError(404, 100, "Media not found", "the address has lapsed")
        return Response(media.data, media_type=media.mime_type)

    async def _templates(self, request: Request, entry: Entry) -> Json:
        if request.path_params["id"] != self.business.account_id:
            raise GraphError(404, 100, "Unsupported request", "no such account")
        if request.method == "GET":
            return {"data": list(self.account.templates.values())}
        body = await _json(request)
        entry.params = body
        rules.check_registration(body)
        key = (body["name"], body["language"])
        if key in self.account.templates:
            raise GraphError(400, 100, "Invalid parameter", "there is content in this language already")
        self.account.templates[key] = {
            **body,
            "id": str(len(self.account.templates) + 1),
            "status": "APPROVED",
        }
        return {"id": self.account.templates[key]["id"], "status": "PENDING", "category": body["category"]}

    def _authorised(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.business.token}":
            raise GraphError(401, 190, "Invalid OAuth access token")

    def _own(self, request: Request) -> None:
        if request.path_params["id"] != self.business.phone_number_id:
            raise GraphError(404, 100, "Unsupported request", "no such number")


async def _json(request: Request) -> Json:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise invalid("the body is no JSON") from None
    if not isinstance(body, dict):
        raise invalid("the body is no object")
    return body


def _raise(fault: Fault) -> None:
    """Raise what a fault answers with, if it does."""
    if fault.kind == "server_error":
        raise GraphError(503, 2, "Service temporarily unavailable")
    if fault.kind == "too_many_requests":
        raise GraphError(400, 130429, "Rate limit hit")
    if fault.kind == "refused":
        raise GraphError(400, fault.code, "on demand")
