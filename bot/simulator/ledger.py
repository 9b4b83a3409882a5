"""Every Bot API request that arrived and what became of it: the tests' evidence."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.simulator.world import Bell
from models.clock import Clock

Outcome = Literal["pending", "ok", "refused", "lost"]
"""`lost`: done (or cut before it was done) but the answer never reached the bot."""

SENDS = frozenset({"sendMessage", "sendPhoto", "sendDocument", "sendWhatsApp"})


@dataclass(slots=True)
class Entry:
    """One request. `received`/`finished` are `time.monotonic()` seconds, `at` the world's clock in UTC."""

    number: int
    method: str
    chat_id: int | None
    received: float
    at: datetime
    params: dict[str, Any] | None = None
    outcome: Outcome = "pending"
    code: int = 0
    description: str = ""
    message_id: int | None = None
    delivered: bool = False
    finished: float | None = None
    fault: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the control API shows it."""
        return {
            "number": self.number,
            "method": self.method,
            "chat_id": self.chat_id,
            "received": self.received,
            "finished": self.finished,
            "at": self.at.isoformat(),
            "outcome": self.outcome,
            "code": self.code,
            "description": self.description,
            "message_id": self.message_id,
            "delivered": self.delivered,
            "fault": self.fault,
            "params": self.params,
        }


@dataclass(slots=True)
class Ledger:
    """All requests, oldest first. `keep_params=False` is the cheap mode for tens of thousands of sends."""

    clock: Clock
    keep_params: bool = True
    entries: list[Entry] = field(default_factory=list)
    in_flight: int = 0
    """Requests that wait for an answer now; a long poll is not one of them."""
    most_in_flight: int = 0
    delivered: int = 0
    """Messages that reached a chat since the start; `clear` does not lower it."""
    bell: Bell = field(default_factory=Bell)
    """Rings when a request ends."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def open(self, method: str) -> Entry:
        """Note the arrival of a request."""
        entry = Entry(next(self._numbers), method, None, time.monotonic(), self.clock.now())
        self.entries.append(entry)
        self.in_flight += method != "getUpdates"
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        return entry

    def close(self, entry: Entry, outcome: Outcome, code: int = 200, description: str = "") -> None:
        """Note the end of a request."""
        entry.outcome = outcome
        entry.code = code
        entry.description = description
        entry.finished = time.monotonic()
        self.in_flight -= entry.method != "getUpdates"
        self.bell.ring()

    def deliver(self, entry: Entry, message_id: int) -> None:
        """Note that a send reached its chat, whatever becomes of the answer."""
        entry.delivered, entry.message_id = True, message_id
        self.delivered += 1

    def clear(self) -> None:
        """Forget what is finished."""
        self.entries = [entry for entry in self.entries if entry.outcome == "pending"]
        self.most_in_flight = self.in_flight

    def sends(self, chat_id: int | None = None) -> list[Entry]:
        """Return the messages that reached a chat (or any chat), in order, even if the answer was lost."""
        return [
            entry
            for entry in self.entries
            if entry.delivered and entry.method in SENDS and (chat_id is None or entry.chat_id == chat_id)
        ]

    def find(
        self,
        *,
        method: str | None = None,
        chat_id: int | None = None,
        outcome: str | None = None,
        since: int = 0,
    ) -> list[Entry]:
        """Return the entries after number `since` that match everything given."""
        return [
            entry
            for entry in self.entries
            if entry.number > since
            and (method is None or entry.method == method)
            and (chat_id is None or entry.chat_id == chat_id)
            and (outcome is None or entry.outcome == outcome)
        ]

    def summary(self) -> dict[str, Any]:
        """Return counts: requests, by method and outcome, 429s, in flight now and at most, sends per chat."""
        kinds = Counter(f"{entry.method} {entry.outcome}" for entry in self.entries)
        sends = Counter(entry.chat_id for entry in self.sends())
        return {
            "requests": len(self.entries),
            "by_kind": dict(kinds),
            "too_many_requests": sum(entry.code == 429 for entry in self.entries),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "delivered": self.delivered,
            "delivered_by_chat": {str(chat): count for chat, count in sends.items()},
        }
