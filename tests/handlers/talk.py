"""A chat with the core alone: updates in, messages out, no network."""

import json
from typing import Any

from sqlalchemy import Connection

from handlers.inbox import handle
from handlers.kit.chat import Context
from handlers.kit.messages import Button, Inbound, Outbound
from handlers.late import read_late, write_late
from models.database import Database, session_on
from models.outbox import Sent, claim, mark


class Talk:
    """What one person says, and what the bot answers there."""

    def __init__(self, database: Database, context: Context, address: str = "100") -> None:
        self.database, self.context, self.address = database, context, address
        self.updates = 0
        self.out: list[Outbound] = []

    def say(self, text: str, **more: Any) -> str:
        return self.take(text=text, **more)

    def tap(self, label: str, *, message: int = -1) -> str:
        with_buttons = [m for m in self.out if m.rows or m.nav]
        button = next(b for b in buttons(with_buttons[message]) if b.label == label)
        return self.take(choice=button.data)

    def take(self, **what: Any) -> str:
        self.updates += 1
        fields = {"message_id": str(self.updates), "update_id": f"{self.address}-{self.updates}", **what}
        inbound = Inbound("telegram", self.address, **fields)
        self.handled = self.database.submit(lambda c: handle(c, self.context, inbound)).result()
        new = self.database.submit(self._collect).result()
        self.out += new
        return " / ".join(message.text for message in new)

    def _collect(self, connection: Connection) -> list[Outbound]:
        now = self.context.clock.now()
        claimed = claim(connection, self.context.keys, now, "telegram", 50)
        mark(connection, now, [Sent(message.id, "1") for message in claimed])
        own = [message for message in claimed if message.address == self.address]
        return [self._completed(connection, Outbound.load(json.loads(message.body))) for message in own]

    def _completed(self, connection: Connection, message: Outbound) -> Outbound:
        with session_on(connection) as session:
            return write_late(message, read_late(session, message))


def buttons(message: Outbound) -> list[Button]:
    return [button for row in [*message.rows, message.nav] for button in row]
