"""Where a channel's messages enter: a picture is fetched first, then the update is queued, in order per chat."""

import asyncio
from concurrent.futures import Future
from weakref import WeakValueDictionary

from sqlalchemy import Connection

from bot.photos import Fetcher, Photos
from handlers.inbox import Handled, handle
from handlers.kit.chat import Context
from handlers.kit.messages import Inbound
from models.database import Database


class Entrance:
    """Queues the updates of one channel for handling."""

    def __init__(self, database: Database, context: Context, channel: Fetcher) -> None:
        self.database, self.context = database, context
        self._photos = Photos(channel)
        self._fetching: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def submit(self, inbound: Inbound) -> Future[Handled]:
        """Queue an update's handling; while a picture is being fetched, what its chat sends next waits behind it."""
        fetching = self._fetching.get(inbound.lane)
        if fetching is None:
            if inbound.photo is None:
                return self._queued(inbound)
            fetching = self._fetching[inbound.lane] = asyncio.Lock()
        async with fetching:  # first come, first served; it is forgotten when the last one has gone through
            return self._queued(await self._photos.complete(inbound))

    def _queued(self, inbound: Inbound) -> Future[Handled]:
        def work(connection: Connection) -> Handled:
            handled = handle(connection, self.context, inbound)
            self.database.announce(connection)
            return handled

        return self.database.submit(work, inbound.lane)
