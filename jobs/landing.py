"""From the database's threads back into the event loop, one wake-up for all that a commit has brought.

`asyncio.wrap_future` wakes the loop for each result; at a thousand updates a second those wake-ups, each a fight
for the interpreter's lock, cost more than the database (docs/decisions.md).
"""

import asyncio
import threading
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Landing:
    """Lands results in the loop in which it is made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._landed: list[tuple[Future[Any], asyncio.Future[Any]]] = []
        self._lock = threading.Lock()

    def of(self, future: Future[T]) -> asyncio.Future[T]:
        """Return an awaitable for a database's future."""
        waiter: asyncio.Future[T] = self._loop.create_future()

        def landed(done: Future[T]) -> None:
            with self._lock:
                woken = bool(self._landed)
                self._landed.append((done, waiter))
                if not woken and not self._loop.is_closed():
                    self._loop.call_soon_threadsafe(self._settle)

        future.add_done_callback(landed)
        return waiter

    def _settle(self) -> None:
        """Hand over everything that has landed so far."""
        with self._lock:
            landed = list(self._landed)
            self._landed.clear()
        for done, waiter in landed:
            if waiter.done():
                continue
            if error := done.exception():
                waiter.set_exception(error)
            else:
                waiter.set_result(done.result())
