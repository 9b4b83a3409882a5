"""The control API: acting as a person, watching a chat, and looking behind the scenes.

The page and `driver` speak it. JSON in, JSON out; 404 for what does not exist, 409 for what a real phone
would not let one do, 400 for a request that makes no sense, each with {"error": why}.

    GET    /control/state                            bot, clock, people, groups
    POST   /control/people                           a Person's fields; {} invents an ASN
    PATCH  /control/people/{id}                      {language_code, deactivated, label, …}
    POST   /control/people/{id}/{deed}               text, start, contact, photo, document, edit, tap, block;
                                                     on WhatsApp also react, number, window (a day passes)
    GET    /control/people/{id}/commands?chat_id=    the ☰ menu
    POST   /control/groups                           {title, members[, id, supergroup]}: the bot is added
    POST   /control/groups/{id}/migrate              becomes a supergroup
    GET    /control/chats/{id}?since=&timeout=       changes after revision `since`, waiting for one
    GET    /control/files/{file_id}                  a picture or document
    GET    /control/events?chats=1,2                 Server-Sent Events: "state", and "chat" as above
and `behind`: /control/clock, /control/queue, /control/updates, /control/faults, /control/ledger.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.simulator.files import NotAPictureError
from bot.simulator.impossible import ImpossibleError
from bot.simulator.people import Group, Person, invented_person
from bot.simulator.telegram.account import Account
from bot.simulator.telegram.hands import Hands
from bot.simulator.whatsapp.account import Account as WhatsAppAccount
from bot.simulator.whatsapp.hands import Hands as WhatsAppHands
from bot.simulator.world import Chat, Json, UnknownError, World

FIRST_ID = 7_200_000_000
"""Ids of people who are added without one."""

Deed = Callable[[Person, Request], Awaitable[Any]]
_STATUS: dict[type[Exception], int] = {LookupError: 404, ImpossibleError: 409, NotAPictureError: 400}
_EDITABLE = (
    "first_name",
    "last_name",
    "language_code",
    "phone",
    "emoji",
    "colour",
    "label",
    "hint",
    "deactivated",
    "hides_number",
)


def answering(work: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that answers with what `work` returns, or with why it could not be done."""

    async def endpoint(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            return JSONResponse({"error": "another site's page may not use the phones"}, 403)
        try:
            result = await work(request)
        except (LookupError, ImpossibleError, NotAPictureError) as error:
            status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
            return JSONResponse({"error": str(error)}, status)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return result if isinstance(result, Response) else JSONResponse(result)

    return endpoint


def chat_view(world: World, chat: Chat, since: int = 0, *, newest: int | None = None) -> Json:
    """Return what changed in a chat after a revision, of the `newest` messages only when told so.

    Messages carry the Bot API's Message object as `payload`; a deleted one has none.
    """
    action, until = chat.typing
    person = world.people.get(chat.id)
    return {
        "id": chat.id,
        "kind": chat.kind,
        "title": chat.title or (person.name if person else ""),
        "revision": chat.revision,
        "started": person.started if person else True,
        "blocked": person.blocked if person else False,
        "keyboard": chat.reply_markup,
        "typing": action if until > time.monotonic() else "",
        "messages": [
            {
                "id": message.id,
                "revision": message.revision,
                "from_bot": message.from_bot,
                "deleted": message.deleted,
                "payload": None if message.deleted else message.payload,
            }
            for message in list(chat.messages.values())[-(newest or 0) :]
            if message.revision > since
        ],
        "answers": [asdict(answer) for answer in chat.answers if answer.revision > since],
    }


async def body_of(request: Request) -> Json:
    """Return the JSON object of a request, {} for an empty body. Raise ValueError."""
    if not await request.body():
        return {}
    fields = await request.json()
    if not isinstance(fields, dict):
        raise TypeError("a JSON object is expected")
    return fields


class Phones:
    """Endpoints that act as people and show chats."""

    def __init__(self, account: Account, whatsapp: WhatsAppAccount) -> None:
        self.account = account
        self.whatsapp = whatsapp
        self.world = account.world
        self.hands = Hands(account)
        self.whatsapp_hands = WhatsAppHands(whatsapp)
        self._deeds: dict[str, Deed] = {
            "text": self._text,
            "start": self._start,
            "contact": self._contact,
            "photo": self._photo,
            "document": self._document,
            "edit": self._edit,
            "tap": self._tap,
            "block": self._block,
            "react": self._react,
            "number": self._change_number,
            "window": self._window,
        }

    def routes(self) -> list[Route]:
        """Return the routes of this part of the control API."""
        return [
            Route("/control/state", answering(self._state)),
            Route("/control/people", answering(self._new_person), methods=["POST"]),
            Route("/control/people/{person:int}", answering(self._change_person), methods=["PATCH"]),
            Route("/control/people/{person:int}/commands", answering(self._commands)),
            Route("/control/people/{person:int}/{deed}", answering(self._act), methods=["POST"]),
            Route("/control/groups", answering(self._new_group), methods=["POST"]),
            Route("/control/groups/{chat}/migrate", answering(self._migrate), methods=["POST"]),
            Route("/control/chats/{chat}", answering(self._chat)),
            Route("/control/files/{file_id}", answering(self._file)),
        ]

    def state(self) -> Json:
        """Return who exists, which bot, what time it is."""
        people = [asdict(person) for person in list(self.world.people.values())[:200]]
        bot = self.account.as_user()
        return {
            "bot": {**bot, "description": self.account.text_for("description", "id")},
            "whatsapp": {"number": self.whatsapp.business.number, "name": self.whatsapp.business.name},
            "now": self.world.clock.now().isoformat(),
            "clock_moves": None if self.world.dial is None else self.world.dial.moves,
            "people": people,
            "groups": [asdict(group) for group in self.world.groups.values()],
            "commands": sum(len(commands) for commands in self.account.commands.values()),
        }

    async def _state(self, _: Request) -> Json:
        return self.state()

    async def _new_person(self, request: Request) -> Json:
        fields = await body_of(request)
        if fields:
            fields.setdefault(
                "id", next(number for number in count(FIRST_ID) if number not in self.world.people)
            )
            return asdict(self.world.add_person(Person(**fields)))
        serial = 0
        while (person := invented_person(serial)).id in self.world.people:
            serial += 1
        return asdict(self.world.add_person(person))

    async def _change_person(self, request: Request) -> Json:
        person = self.world.person(request.path_params["person"])
        for name, value in (await body_of(request)).items():
            if name not in _EDITABLE:
                raise ValueError(f"{name!r} cannot be changed")
            setattr(person, name, value)
        self.world.touch(self.world.chat(person.id))
        return asdict(person)

    async def _new_group(self, request: Request) -> Json:
        fields = await body_of(request)
        fields.setdefault("id", -1001 - len(self.world.groups))
        group = self.world.add_group(Group(**fields))
        self.hands.join(self.world.chat(group.id), self.world.person(group.members[0]))
        return asdict(group)

    async def _migrate(self, request: Request) -> Json:
        old = self.world.groups.get(int(request.path_params["chat"]))
        if old is None or old.supergroup or old.migrated_to is not None:
            raise UnknownError("no basic group with this id")
        new = self.world.add_group(
            Group(-1_000_000_000_000 + old.id, old.title, list(old.members), supergroup=True)
        )
        old.migrated_to = new.id
        starter = self.world.person(old.members[0])
        self.hands.migrated(self.world.chat(old.id), self.world.chat(new.id), starter)
        return asdict(new)

    async def _chat(self, request: Request) -> Json:
        chat = self.world.chat(int(request.path_params["chat"]))
        since = int(request.query_params.get("since", 0))
        deadline = time.monotonic() + float(request.query_params.get("timeout", 0))
        while chat.revision <= since and (left := deadline - time.monotonic()) > 0:
            await chat.bell.wait(left)
        return chat_view(self.world, chat, since)

    async def _commands(self, request: Request) -> Any:
        person = self.world.person(request.path_params["person"])
        chat = self.world.chat(int(request.query_params.get("chat_id", person.id)))
        return self.account.commands_for(chat, person.language_code)

    async def _file(self, request: Request) -> Response:
        file = self.world.files.get(request.path_params["file_id"])
        if file is None:
            raise UnknownError("no such file")
        data = await asyncio.to_thread(self.world.files.content, file)
        # Whatever was uploaded must not run as a page of this origin.
        safe = file.mime_type if file.mime_type.startswith("image/") and "svg" not in file.mime_type else ""
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=86400"}
        return Response(data, media_type=safe or "application/octet-stream", headers=headers)

    async def _act(self, request: Request) -> Any:
        deed = self._deeds.get(request.path_params["deed"])
        if deed is None:
            raise UnknownError("no such deed")
        return await deed(self.world.person(request.path_params["person"]), request)

    def _hands(self, person: Person) -> Hands | WhatsAppHands:
        """Return the hands for the platform of somebody's phone."""
        return self.whatsapp_hands if person.channel == "whatsapp" else self.hands

    def _where(self, person: Person, fields: Any) -> Chat:
        chat = self.world.chat(int(fields.get("chat_id") or person.id))
        if chat.id != person.id and person.id not in self.world.groups.get(chat.id, Group(0, "")).members:
            raise ImpossibleError(f"{person.name} is not in chat {chat.id}")
        return chat

    async def _text(self, person: Person, request: Request) -> Json:
        fields = await body_of(request)
        reply_to = int(fields["reply_to"]) if fields.get("reply_to") else None
        return (
            self._hands(person)
            .send_text(person, self._where(person, fields), str(fields["text"]), reply_to)
            .payload
        )

    async def _start(self, person: Person, request: Request) -> Json:
        return self._hands(person).start(person, str((await body_of(request)).get("payload", ""))).payload

    async def _contact(self, person: Person, request: Request) -> Json:
        fields = await body_of(request)
        of = self.world.person(int(fields.get("of") or person.id))
        return self._hands(person).share_contact(person, of, forwarded=bool(fields.get("forwarded"))).payload

    async def _photo(self, person: Person, request: Request) -> Json:
        query = request.query_params
        chat = self._where(person, query)
        return (
            self._hands(person)
            .send_photo(person, chat, await request.body(), query.get("caption", ""))
            .payload
        )

    async def _document(self, person: Person, request: Request) -> Json:
        query = request.query_params
        return (
            self._hands(person)
            .send_document(
                person,
                self._where(person, query),
                await request.body(),
                query.get("name", "file"),
                query.get("type", "application/octet-stream"),
                query.get("caption", ""),
            )
            .payload
        )

    async def _edit(self, person: Person, request: Request) -> Json:
        fields = await body_of(request)
        chat = self._where(person, fields)
        return self._hands(person).edit(person, chat, int(fields["message_id"]), str(fields["text"])).payload

    async def _tap(self, person: Person, request: Request) -> Json:
        fields = await body_of(request)
        chat = self._where(person, fields)
        data, message_id = str(fields["data"]), int(fields["message_id"])
        return {
            "id": self._hands(person).tap(person, chat, message_id, data, anyway=bool(fields.get("anyway")))
        }

    async def _block(self, person: Person, request: Request) -> Json:
        self._hands(person).block(person, blocked=bool((await body_of(request)).get("blocked", True)))
        return asdict(person)

    async def _react(self, person: Person, request: Request) -> Json:
        fields = await body_of(request)
        chat = self.world.chat(person.id)
        self.whatsapp_hands.react(person, chat, int(fields["message_id"]), str(fields.get("emoji", "👍")))
        return asdict(person)

    async def _change_number(self, person: Person, request: Request) -> Json:
        self.whatsapp_hands.change_number(person, str((await body_of(request))["phone"]))
        return asdict(person)

    async def _window(self, person: Person, _: Request) -> Json:
        """Let the person's last message be a day old."""
        self.whatsapp.close_window(person)
        return asdict(person)
