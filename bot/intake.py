"""From a channel into the inbox: each update in a transaction of its own, in order per chat.

A polled batch is confirmed to the platform only after all of it is committed; a webhook call is answered then.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.channels.telegram import Telegram
from bot.entrance import Entrance
from handlers.inbox import Handled, park_update
from handlers.kit.chat import Context
from handlers.kit.messages import Inbound
from jobs.channel import ChannelError
from jobs.landing import Landing
from models.database import Database
from models.inbox import cursor_of, move_cursor

log = logging.getLogger("genting.intake")

POLL_SECONDS = 25
CURSOR_TRUSTED = timedelta(hours=24)
"""Telegram keeps updates a day; an older cursor could name numbers that have since been given anew."""


class Intake:
    """Takes updates of one channel. `wake` is called when something may have been queued to send."""

    def __init__(
        self, database: Database, context: Context, channel: Telegram, wake: Callable[[], None]
    ) -> None:
        self.database, self.context, self.channel, self.wake = database, context, channel, wake
        self._landing = Landing()
        self._entrance = Entrance(database, context, channel)
        self.counts: dict[Handled, int] = dict.fromkeys(Handled, 0)
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def take(self, raw: dict[str, Any]) -> Handled | None:
        """Handle one update; None when it is nothing we answer. Raises when the database fails."""
        update_id = raw.get("update_id")
        if not isinstance(update_id, int) or isinstance(update_id, bool):
            return None
        try:
            inbound = self.channel.parse(raw)
        except ValueError as error:
            return await self._set_aside(raw, str(update_id), str(error))
        if inbound is None:
            return None
        if inbound.choice is not None:
            self._acknowledge(raw)
        handled = await self._landing.of(await self._entrance.submit(inbound))
        self.counts[handled] += 1
        self.wake()
        return handled

    async def poll_forever(self) -> None:
        """Long polling: fetch, handle and commit all, then confirm by the next fetch."""
        offset = await self._stored_offset()
        pause = 1.0
        while True:
            try:
                updates = await self.channel.poll(offset, POLL_SECONDS)
            except ChannelError as error:
                if error.halt:
                    raise
                log.warning("poll_failed", extra={"reason": error.reason})
                await asyncio.sleep(error.retry_after or pause)
                pause = min(pause * 2, 30)
                continue
            pause = 1.0
            if await self._take_all(updates) and updates:
                offset = max(int(update["update_id"]) for update in updates) + 1
                await self._store_offset(offset)

    async def _take_all(self, updates: list[dict[str, Any]]) -> bool:
        """Handle a batch, each chat's updates in the order of their ids; False to fetch it again."""
        ordered = sorted(updates, key=lambda update: int(update["update_id"]))
        results = await asyncio.gather(*(self.take(raw) for raw in ordered), return_exceptions=True)
        errors = [result for result in results if isinstance(result, BaseException)]
        for error in errors:
            log.error("batch_failed", exc_info=error)
        if errors:
            await asyncio.sleep(1)
        return not errors

    async def _stored_offset(self) -> int | None:
        now = self.context.clock.now()
        return await self._landing.of(
            self.database.submit(
                lambda connection: cursor_of(connection, now, self.channel.name, trusted_for=CURSOR_TRUSTED)
            )
        )

    async def _store_offset(self, offset: int) -> None:
        """Remember where to go on, only behind a batch that is committed whole.

        Chats are handled side by side: behind a single update, a crash would skip one with a lower number that was
        still running. What comes twice instead is known to the inbox.
        """
        now, name = self.context.clock.now(), self.channel.name
        try:
            await self._landing.of(self.database.submit(lambda c: move_cursor(c, now, name, offset)))
        except Exception:  # polling goes on: the next batch is remembered instead
            log.exception("offset_not_stored")

    async def _set_aside(self, raw: dict[str, Any], update_id: str, error: str) -> Handled:
        """Park what cannot even be read: it must not come again and again."""
        inbound = Inbound(self.channel.name, "", update_id, text=json.dumps(raw)[:10_000])
        await self._landing.of(
            self.database.submit(lambda connection: park_update(connection, self.context, inbound, error))
        )
        self.counts[Handled.PARKED] += 1
        return Handled.PARKED

    def _acknowledge(self, raw: dict[str, Any]) -> None:
        task = asyncio.create_task(self.channel.acknowledge(raw))
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)
