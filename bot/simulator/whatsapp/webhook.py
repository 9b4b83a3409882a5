"""Calls to the bot (Cloud API, webhooks): signed over the raw body, several events in one, repeated until accepted.

Events of one lane (one person's messages) keep their order; lanes overtake each other.
"""

import asyncio
import hashlib
import hmac
import json
import random
from collections import deque
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import httpx

from bot.simulator.calling import LOCAL, Retry
from bot.simulator.world import Json

if TYPE_CHECKING:
    from bot.simulator.whatsapp.account import Business

SIGNATURE_HEADER = "X-Hub-Signature-256"
TOGETHER = 3
"""At most so many events of a lane in one call."""
AT_ONCE = 20
"""Calls at the same time."""


class Webhook:
    """Posts events to the bot's address, once it has proved to be the bot's."""

    def __init__(self, business: "Business", retry: Retry, dice: random.Random) -> None:
        self.business, self.retry, self.dice = business, retry, dice
        self.url = ""
        self.past: list[Json] = []
        """Every event so far, as it stood in a call."""
        self.refused: list[int] = []
        self._lanes: dict[str, deque[Json]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._client: httpx.AsyncClient | None = None

    async def subscribe(self, url: str) -> None:
        """Use an address after it has answered the challenge. Raises ValueError when it does not."""
        if not LOCAL.fullmatch(url):
            raise ValueError("the simulator calls this machine only, http://127.0.0.1:PORT/…")
        challenge = str(self.dice.randint(10**8, 10**9))
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": self.business.verify_token,
            "hub.challenge": challenge,
        }
        transport = httpx.AsyncHTTPTransport(retries=8)  # the bot may only just be starting
        try:
            async with httpx.AsyncClient(trust_env=False, transport=transport, timeout=30) as client:
                answer = await client.get(url, params=query)
        except httpx.HTTPError as error:
            raise ValueError(f"the address did not answer: {type(error).__name__}") from None
        if answer.status_code != httpx.codes.OK or answer.text != challenge:
            raise ValueError(f"the address did not answer the challenge: {answer.status_code}")
        self.url = url
        for lane in self._lanes:
            self._spawn(self._deliver(lane))

    def add(self, value: Json, lane: str) -> None:
        """Queue one event: a `value` with messages or reports."""
        metadata = {
            "display_phone_number": self.business.number,
            "phone_number_id": self.business.phone_number_id,
        }
        self.add_change(
            {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}},
            lane,
        )

    def add_change(self, change: Json, lane: str) -> None:
        """Queue any change."""
        self.past.append(change)
        if lane in self._lanes:
            self._lanes[lane].append(change)
            return
        self._lanes[lane] = deque([change])
        if self.url:
            self._spawn(self._deliver(lane))

    def waiting(self) -> int:
        """Return how many events are not accepted yet."""
        return sum(len(lane) for lane in self._lanes.values())

    async def stop(self) -> None:
        """End delivery."""
        self.url = ""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, name: str) -> None:
        pause = self.retry.first
        while (lane := self._lanes.get(name)) is not None:
            if not lane:
                del self._lanes[name]
                break
            together = list(lane)[: self.dice.randint(1, TOGETHER)]
            async with self._gate:
                accepted = await self._post(together)
            if accepted:
                for _ in together:
                    lane.popleft()
                pause = self.retry.first
            else:
                await asyncio.sleep(pause)
                pause = min(pause * self.retry.factor, self.retry.longest)

    async def _post(self, changes: list[Json]) -> bool:
        """Make one call; its events stand in one entry or in several."""
        if self.dice.random() < 0.5:
            entries = [{"id": self.business.account_id, "changes": changes}]
        else:
            entries = [{"id": self.business.account_id, "changes": [change]} for change in changes]
        body = json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
        headers = {
            SIGNATURE_HEADER: sign(body, self.business.app_secret),
            "Content-Type": "application/json",
        }
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=60, trust_env=False)
        try:
            response = await self._client.post(self.url, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        if not response.is_success:
            self.refused.append(response.status_code)
        return response.is_success


def sign(body: bytes, app_secret: str) -> str:
    """Return the signature that stands in the header."""
    return f"sha256={hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()}"
