"""The queue of updates, and long polling (core.telegram.org/bots/api#getting-updates)."""

import asyncio
from collections import deque
from typing import Any

from bot.simulator.telegram.refusal import RefusalError
from bot.simulator.telegram.spec import NOT_BY_DEFAULT
from bot.simulator.world import Bell, World

Update = dict[str, Any]

DAY = 24 * 60 * 60
"""Telegram keeps an update for at most 24 hours."""
REMEMBERED = 100_000
"""Updates that can be delivered again on demand."""
FIRST_ID = 481_516_200
"""Ids start high, as real ones do."""


class UpdateQueue:
    """Pending updates in order of id. `allowed` is the kinds wanted, None for the default."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.allowed: frozenset[str] | None = None
        self.bell = Bell()
        self.moved = Bell()
        """Rings when updates were confirmed or taken."""
        self.next_id = FIRST_ID
        self.again: deque[Update] = deque()
        """Updates to be delivered once more whatever the offset says, as a retry or a lost offset causes."""
        self._pending: deque[tuple[int, Update]] = deque()
        self._past: dict[int, Update] = {}
        self._poll: asyncio.Task[Any] | None = None
        self._terminated: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._pending) + len(self.again)

    def add(self, kind: str, body: dict[str, Any]) -> int | None:
        """Queue a new update of a kind; return its id, None when the bot did not ask for the kind.

        The filter acts here, not at delivery: Telegram applies a changed allowed_updates to new updates only.
        """
        if kind in NOT_BY_DEFAULT if self.allowed is None else kind not in self.allowed:
            return None
        return self.inject({kind: body})

    def inject(self, update: Update) -> int:
        """Queue an update as it is; return its id, which is given one when it has none.

        An id that was delivered before, or is below a pending one, is delivered once, out of order.
        """
        if "update_id" not in update:
            update = {"update_id": self.next_id, **update}
        update_id = int(update["update_id"])
        if update_id >= self.next_id:
            self.next_id = update_id + 1
            self._pending.append((self.world.now(), update))
        else:
            self.again.append(update)
        self._past[update_id] = update
        if len(self._past) > REMEMBERED:
            del self._past[next(iter(self._past))]
        self.bell.ring()
        return update_id

    def redeliver(self, update_id: int) -> None:
        """Deliver a past update once more, before anything else. Raise LookupError when it is forgotten."""
        if update_id not in self._past:
            raise LookupError(f"update {update_id} is not remembered")
        self.again.append(self._past[update_id])
        self.bell.ring()

    def restart_ids(self, next_id: int) -> None:
        """Give the next update this id: Telegram restarts at random after a week without updates."""
        self.next_id = next_id

    def past(self, since: int = 0) -> list[Update]:
        """Return the remembered updates with an id above `since`, oldest first."""
        return [update for update_id, update in self._past.items() if update_id > since]

    def drop(self) -> None:
        """Forget everything pending."""
        self._pending.clear()
        self.again.clear()

    def take(self) -> Update | None:
        """Return and remove the oldest pending update, for a webhook."""
        self._expire()
        self.moved.ring()
        if self.again:
            return self.again.popleft()
        return self._pending.popleft()[1] if self._pending else None

    def put_back(self, updates: list[Update]) -> None:
        """Return updates that a webhook never took to the head of the queue, oldest first."""
        self._pending.extendleft((self.world.now(), update) for update in reversed(updates))

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Update]:  # noqa: ASYNC109 - the API's word
        """Answer getUpdates; wait up to `timeout` real seconds for something.

        Updates below `offset` are confirmed and forgotten; a negative offset keeps that many of the newest;
        one far in the future counts as none, as with Telegram's own server. Raise RefusalError 409 when
        another poll takes over meanwhile.
        """
        me = asyncio.current_task()
        if me is None:
            raise RuntimeError("polls run in tasks")
        if self._poll is not None:
            self._terminated.add(self._poll)
            self.bell.ring()
        self._poll = me
        try:
            self._confirm(offset)
            deadline = asyncio.get_running_loop().time() + timeout
            while not (ready := self._ready(limit)):
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0 or not await self.bell.wait(left):
                    return self._ready(limit)
                if me in self._terminated:
                    raise RefusalError(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )
            return ready
        finally:
            self._terminated.discard(me)
            if self._poll is me:
                self._poll = None

    def stop_poll(self) -> None:
        """End a waiting poll with 409, as setWebhook does."""
        if self._poll is not None:
            self._terminated.add(self._poll)
            self.bell.ring()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        elif self._pending and self._pending[0][1]["update_id"] < offset <= self.next_id + 10:
            # Not a prefix: after restart_ids a lower id may stand behind a higher one.
            self._pending = deque(kept for kept in self._pending if kept[1]["update_id"] >= offset)
        self.moved.ring()

    def _ready(self, limit: int) -> list[Update]:
        self._expire()
        ready: list[Update] = []
        while self.again and len(ready) < limit:
            ready.append(self.again.popleft())
        for _, update in self._pending:
            if len(ready) >= limit:
                break
            ready.append(update)
        return ready

    def _expire(self) -> None:
        oldest = self.world.now() - DAY
        while self._pending and self._pending[0][0] < oldest:
            self._pending.popleft()
