"""A chat with the core alone: updates in, messages out, no network."""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlmodel import Session

from handlers.inbox import handle
from handlers.kit.chat import Context
from handlers.kit.messages import Button, Inbound, Outbound
from handlers.late import read_late, write_late
from models.database import Database, session_on
from models.outbox import Sent, claim, mark

T = TypeVar("T")

Ask = Callable[[Callable[[Session], T]], T]
"""Does something in a session on the test's database; returns what that returns."""

Post = defaultdict[str, list[tuple[str, Outbound]]]
"""What has been delivered, by address: the platform's id of each message, and the message."""


class Talk:
    """What one person says, and what the bot answers there.

    Talks that share a `post` deliver each other's messages; `hear` returns what has come meanwhile.
    """

    channel = "telegram"

    def __init__(
        self, database: Database, context: Context, address: str = "100", post: Post | None = None
    ) -> None:
        self.database, self.context, self.address = database, context, address
        self.post: Post = Post(list) if post is None else post
        self.updates = 0
        self.taps = 0
        self.out: list[Outbound] = []
        self.ids: list[str] = []

    def say(self, text: str, **more: Any) -> str:
        return self.take(text=text, **more)

    def reply(self, words: str, text: str) -> str:
        """Answer the newest message that has these words."""
        self.hear()
        found = next(i for i in reversed(range(len(self.out))) if words in self.out[i].text)
        return self.take(text=text, reply_to=self.ids[found])

    def tap(self, label: str, *then: str, message: int = -1) -> str:
        """Tap a button, then those that come after it; return what the last brought."""
        self.taps += 1
        with_buttons = [m for m in self.out if m.rows or m.nav]
        button = next(b for b in buttons(with_buttons[message]) if b.label == label)
        said = self.take(choice=button.data)
        return self.tap(*then) if then else said

    def take(self, **what: Any) -> str:
        self.updates += 1
        fields = {"message_id": str(self.updates), "update_id": f"{self.address}-{self.updates}", **what}
        inbound = Inbound(self.channel, self.address, **fields)
        self.handled = self.database.submit(lambda c: handle(c, self.context, inbound)).result()
        return self.hear()

    def hear(self) -> str:
        """Deliver what may leave now; return what has come here since."""
        self.database.submit(self._deliver).result()
        new, self.post[self.address] = self.post[self.address], []
        self.ids += [message_id for message_id, _ in new]
        self.out += [message for _, message in new]
        return " / ".join(message.text for _, message in new)

    def _deliver(self, connection: Connection) -> None:
        now = self.context.clock.now()
        while claimed := claim(connection, self.context.keys, now, self.channel, 50):
            mark(connection, now, [Sent(message.id, f"m{message.id}") for message in claimed])
            for message in claimed:
                outbound = self._completed(connection, Outbound.load(json.loads(message.body)))
                self.post[message.address].append((f"m{message.id}", outbound))

    def _completed(self, connection: Connection, message: Outbound) -> Outbound:
        with session_on(connection) as session:
            return write_late(message, read_late(session, message))


def buttons(message: Outbound) -> list[Button]:
    return [button for row in [*message.rows, message.nav] for button in row]


def code_in(words: str) -> str:
    """Read a one-time code where it has come."""
    found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", words)
    assert found, words
    return found[0]
