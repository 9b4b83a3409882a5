"""Behind the scenes of the control API: updates, faults, the ledger, and the page's live events.

POST   /control/clock                            `Dial.turn`'s wish: moves the clock for everybody
GET    /control/queue?empty=1&timeout=           pending updates, webhook; waits until none is pending
GET    /control/updates?since=                   updates made so far, oldest first
POST   /control/updates                          {"updates": […]}: injected as they are, in this order
POST   /control/updates/redeliver                {"update_ids": […]}: delivered once more
POST   /control/updates/restart                  {"next_id": n}: as after a week without updates
GET, POST, DELETE /control/faults                rules in force; a Fault's fields; lift all
GET    /control/whatsapp                         what was refused as invalid, events, templates
GET    /control/whatsapp/past                    every event so far, as the bot was told of it
POST   /control/whatsapp/webhook                 {"url"}: call this address, after it has proved to be the bot's
POST   /control/whatsapp/events                  {"changes": […]}: injected as they are
POST   /control/whatsapp/templates               {"name", "status" or "category"}: changed, and the bot told
GET, DELETE /control/ledger?method=&chat_id=&outcome=&since=
GET    /control/ledger/summary?delivered=&timeout=   counts; waits for that many delivered messages
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from bot.simulator.faults import Fault, Faults
from bot.simulator.ledger import Ledger
from bot.simulator.phones import Phones, answering, body_of, chat_view
from bot.simulator.telegram.account import Account
from bot.simulator.whatsapp.endpoint import GraphApi
from bot.simulator.world import Bell, Json, UnknownError

HEARTBEAT = 15.0
"""Seconds between signs of life on the event stream."""
SHOWN = 300
"""The newest messages of a chat that the page gets."""
COALESCE = 0.03
"""Seconds in which changes are gathered into one event."""


class Behind:
    """Endpoints that no phone has."""

    def __init__(
        self, account: Account, whatsapp: GraphApi, ledger: Ledger, faults: Faults, phones: Phones
    ) -> None:
        self.account = account
        self.graph = whatsapp
        self.whatsapp = whatsapp.account
        self.world = account.world
        self.ledger = ledger
        self.faults = faults
        self.phones = phones
        self.closing = False
        """Set at shutdown, so that streams end."""

    def routes(self) -> list[Route]:
        """Return the routes of this part of the control API."""
        return [
            Route("/control/clock", answering(self._clock), methods=["POST"]),
            Route("/control/queue", answering(self._queue)),
            Route("/control/updates", answering(self._updates), methods=["GET"]),
            Route("/control/updates", answering(self._inject), methods=["POST"]),
            Route("/control/updates/redeliver", answering(self._redeliver), methods=["POST"]),
            Route("/control/updates/restart", answering(self._restart), methods=["POST"]),
            Route("/control/faults", answering(self._faults), methods=["GET", "POST", "DELETE"]),
            Route("/control/ledger", answering(self._ledger), methods=["GET", "DELETE"]),
            Route("/control/ledger/summary", answering(self._summary)),
            Route("/control/events", self._events),
            Route("/control/whatsapp", answering(self._whatsapp)),
            Route("/control/whatsapp/past", answering(self._past)),
            Route("/control/whatsapp/webhook", answering(self._subscribe), methods=["POST"]),
            Route("/control/whatsapp/events", answering(self._inject_whatsapp), methods=["POST"]),
            Route("/control/whatsapp/templates", answering(self._change_template), methods=["POST"]),
        ]

    async def _clock(self, request: Request) -> Json:
        if self.world.dial is None:
            raise UnknownError("this clock cannot be moved")
        now = self.world.dial.turn(await body_of(request))
        self.world.bell.ring()
        return {"now": now.isoformat()}

    async def _whatsapp(self, _: Request) -> Json:
        return {
            "invalid": self.graph.invalid,
            "events": len(self.whatsapp.webhook.past),
            "refused": self.whatsapp.webhook.refused,
            "templates": list(self.whatsapp.templates.values()),
            "begun_with": len(self.whatsapp.begun_with),
            "pending": self.whatsapp.webhook.waiting(),
        }

    async def _past(self, _: Request) -> list[Json]:
        return self.whatsapp.webhook.past

    async def _subscribe(self, request: Request) -> Json:
        await self.whatsapp.webhook.subscribe(str((await body_of(request))["url"]))
        return {"url": self.whatsapp.webhook.url}

    async def _inject_whatsapp(self, request: Request) -> Json:
        for change in (changes := (await body_of(request))["changes"]):
            self.whatsapp.webhook.add_change(change, f"injected:{self.whatsapp.dice.random()}")
        return {"changes": len(changes)}

    async def _change_template(self, request: Request) -> Json:
        """Give a template another status or category, and tell the bot, as Meta's reviewers do."""
        fields = await body_of(request)
        for (name, language), template in self.whatsapp.templates.items():
            if name == fields["name"]:
                template |= {key: fields[key] for key in ("status", "category") if key in fields}
                event = {"message_template_name": name, "message_template_language": language}
                if "category" in fields:
                    change = {**event, "previous_category": "UTILITY", "new_category": fields["category"]}
                    field = "template_category_update"
                else:
                    change, field = (
                        {**event, "event": fields["status"], "reason": None},
                        "message_template_status_update",
                    )
                self.whatsapp.webhook.add_change({"field": field, "value": change}, f"template:{name}")
        return {"templates": list(self.whatsapp.templates.values())}

    async def _queue(self, request: Request) -> Json:
        deadline = time.monotonic() + float(request.query_params.get("timeout", 0))

        def waiting() -> int:
            whatsapp = self.whatsapp.webhook
            return (
                len(self.account.queue)
                + self.account.webhook.waiting()
                + (whatsapp.waiting() if whatsapp.url else 0)
            )

        if request.query_params.get("empty"):
            while waiting() and (left := deadline - time.monotonic()) > 0:
                # A webhook's progress rings no bell of the queue: look again now and then.
                await self.account.queue.moved.wait(min(left, 0.05))
        return {
            "pending": waiting(),
            "next_id": self.account.queue.next_id,
            "webhook": self.account.webhook.info(),
        }

    async def _updates(self, request: Request) -> list[Json]:
        return self.account.queue.past(int(request.query_params.get("since", 0)))

    async def _inject(self, request: Request) -> Json:
        updates = (await body_of(request))["updates"]
        return {"update_ids": [self.account.queue.inject(update) for update in updates]}

    async def _redeliver(self, request: Request) -> Json:
        for update_id in (update_ids := (await body_of(request))["update_ids"]):
            self.account.queue.redeliver(int(update_id))
        return {"update_ids": update_ids}

    async def _restart(self, request: Request) -> Json:
        self.account.queue.restart_ids(int((await body_of(request))["next_id"]))
        return {"next_id": self.account.queue.next_id}

    async def _faults(self, request: Request) -> list[Json]:
        if request.method == "POST":
            self.faults.add(Fault(**await body_of(request)))
        elif request.method == "DELETE":
            self.faults.clear()
        return [fault.as_json() for fault in self.faults.rules]

    async def _ledger(self, request: Request) -> list[Json]:
        if request.method == "DELETE":
            self.ledger.clear()
        query = request.query_params
        chat_id = query.get("chat_id")
        entries = self.ledger.find(
            method=query.get("method"),
            chat_id=int(chat_id) if chat_id else None,
            outcome=query.get("outcome"),
            since=int(query.get("since", 0)),
        )
        return [entry.as_json() for entry in entries]

    async def _summary(self, request: Request) -> Any:
        deadline = time.monotonic() + float(request.query_params.get("timeout", 0))
        wanted = int(request.query_params.get("delivered", 0))
        while self.ledger.delivered < wanted and (left := deadline - time.monotonic()) > 0:
            await self.ledger.bell.wait(left)
        return self.ledger.summary()

    async def _events(self, request: Request) -> StreamingResponse:
        chats = [int(word) for word in request.query_params.get("chats", "").split(",") if word]
        return StreamingResponse(
            self._stream([chat for chat in chats if chat in self.world.chats]),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def _stream(self, chats: list[int]) -> AsyncIterator[str]:
        """Yield the state and each chat's changes as they happen, several at once when they come fast."""
        seen = dict.fromkeys(chats, -1)
        shown: Json = {}
        bell: Bell = self.world.bell
        while not self.closing:
            state = self.phones.state()
            if {**state, "now": ""} != {**shown, "now": ""} or not shown:
                shown = state
                yield f"event: state\ndata: {json.dumps(state)}\n\n"
            for chat_id, revision in seen.items():
                chat = self.world.chat(chat_id)
                if chat.revision > revision:
                    seen[chat_id] = chat.revision
                    view = chat_view(self.world, chat, max(0, revision), newest=SHOWN)
                    yield f"event: chat\ndata: {json.dumps(view)}\n\n"
            if not await bell.wait(HEARTBEAT):
                yield f"event: time\ndata: {json.dumps({'now': self.world.clock.now().isoformat()})}\n\n"
            await asyncio.sleep(COALESCE)
