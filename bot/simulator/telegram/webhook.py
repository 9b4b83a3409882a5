"""Delivery of updates to the bot's own server (core.telegram.org/bots/api#setwebhook)."""

import asyncio
import re
from collections import deque
from typing import Any

import httpx

from bot.simulator.calling import LOCAL, Retry
from bot.simulator.telegram.refusal import bad_request
from bot.simulator.telegram.updates import Update, UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


class Webhook:
    """Takes updates from the queue and posts them, each chat's in order, different chats' at the same time.

    Whatever is not answered with a 2xx is posted again after a growing pause, as Telegram does.
    """

    def __init__(self, queue: UpdateQueue, retry: Retry) -> None:
        self.queue = queue
        self.retry = retry
        self.url = ""
        self.max_connections = 40
        self.last_error: tuple[int, str] | None = None
        self._secret = ""
        self._lanes: dict[int, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def set(self, params: dict[str, Any]) -> None:
        """Start delivering to `url`; an empty one stops. Raise RefusalError for anything but this machine."""
        url = params["url"]
        secret = params.get("secret_token", "")
        connections = params.get("max_connections", 40)
        if url and not LOCAL.fullmatch(url):
            raise bad_request(
                "bad webhook: the simulator delivers to this machine only, http://127.0.0.1:PORT/…"
            )
        if "secret_token" in params and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        if not 1 <= connections <= 100:
            raise bad_request("max_connections must be 1-100")
        await self.stop()
        if url:
            self.url, self._secret, self.max_connections = url, secret, connections
            self.last_error = None
            self.queue.stop_poll()
            self._spawn(self._run())

    async def stop(self) -> None:
        """End delivery; what was not accepted goes back to the queue."""
        self.url = ""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        left = [update for lane in self._lanes.values() for update in lane]
        self.queue.put_back(sorted(left, key=lambda update: int(update["update_id"])))
        self._lanes.clear()

    def waiting(self) -> int:
        """Return how many updates were taken from the queue and are not accepted yet."""
        return sum(len(lane) for lane in self._lanes.values())

    def info(self) -> dict[str, Any]:
        """Return a WebhookInfo object (core.telegram.org/bots/api#webhookinfo)."""
        info: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.queue) + self.waiting(),
        }
        if self.url:
            info["max_connections"] = self.max_connections
        if self.last_error is not None:
            info["last_error_date"], info["last_error_message"] = self.last_error
        if self.queue.allowed is not None:
            info["allowed_updates"] = sorted(self.queue.allowed)
        return info

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        limits = httpx.Limits(max_connections=self.max_connections)
        async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
            gate = asyncio.Semaphore(self.max_connections)
            while True:
                update = self.queue.take()
                if update is None:
                    await self.queue.bell.wait()
                    continue
                chat_id = _lane_of(update)
                if chat_id in self._lanes:
                    self._lanes[chat_id].append(update)
                else:
                    self._lanes[chat_id] = deque([update])
                    self._spawn(self._deliver(client, gate, chat_id))

    async def _deliver(self, client: httpx.AsyncClient, gate: asyncio.Semaphore, chat_id: int) -> None:
        lane = self._lanes[chat_id]
        pause = self.retry.first
        while lane:
            async with gate:
                accepted = await self._post(client, lane[0])
            if accepted:
                lane.popleft()
                pause = self.retry.first
            else:
                await asyncio.sleep(pause)
                pause = min(pause * self.retry.factor, self.retry.longest)
        del self._lanes[chat_id]

    async def _post(self, client: httpx.AsyncClient, update: Update) -> bool:
        headers = {SECRET_HEADER: self._secret} if self._secret else {}
        try:
            response = await client.post(self.url, json=update, headers=headers)
        except httpx.HTTPError as error:
            self.last_error = (self.queue.world.now(), f"Connection failed: {type(error).__name__}")
            return False
        if response.is_success:
            return True
        why = f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
        self.last_error = (self.queue.world.now(), why)
        return False


def _lane_of(update: Update) -> int:
    """Return the id of the chat an update is about: within it Telegram keeps the order."""
    for body in update.values():
        if isinstance(body, dict):
            chat = body.get("chat") or body.get("message", {}).get("chat") or body.get("from") or {}
            return int(chat.get("id", 0))
    return 0
