"""Chats without a channel: what people do becomes `Inbound`, what they are told is read from the outbox."""

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import Future

from sqlalchemy import select

from handlers.catalogue import all_conversations
from handlers.inbox import Handled, handle
from handlers.kit.chat import Context
from handlers.kit.messages import Inbound, Outbound
from handlers.texts import plain
from models.contacts import Contact
from models.database import Database
from models.messages import outbox

CHANNEL = "telegram"


class Chats:
    """Everybody's chats with one bot, whose process this `database` stands for."""

    def __init__(self, database: Database, context: Context, numbers: Iterator[int] | None = None) -> None:
        all_conversations()
        self.database, self.context = database, context
        self.numbers = numbers or itertools.count(1)

    def inbound(self, address: str, says: str) -> Inbound:
        """Return the update of somebody who types this, or taps `[this]` under the newest message."""
        number = str(next(self.numbers))
        if not says.startswith("["):
            return Inbound(CHANNEL, address, number, message_id=number, text=says)
        wanted = says[1:-1]
        shown = self.told(address)[-1]
        buttons = {plain(button.label): button.data for row in [*shown.rows, shown.nav] for button in row}
        assert wanted in buttons, f"{wanted!r} is not among {list(buttons)} under {shown.text!r}"
        return Inbound(CHANNEL, address, number, message_id="1", choice=buttons[wanted])

    def deliver(self, inbound: Inbound) -> "Future[Handled]":
        """Hand an update to the bot."""
        return self.database.submit(lambda c: handle(c, self.context, inbound), inbound.lane)

    def act(self, address: str, says: str) -> Inbound:
        """Do something and wait until it is handled; return the update."""
        inbound = self.inbound(address, says)
        assert self.deliver(inbound).result(60) is Handled.DONE
        return inbound

    def told(self, address: str) -> list[Outbound]:
        """Return everything the bot has said in a chat."""
        contact = Contact.__table__  # type: ignore[attr-defined] # SQLModel adds it
        query = (
            select(outbox.c.body)
            .join(contact, contact.c.id == outbox.c.contact_id)
            .where(contact.c.address_index == self.context.keys.index(address))
            .order_by(outbox.c.id)
        )
        bodies = self.database.submit(lambda c: list(c.execute(query).scalars())).result(60)
        return [Outbound.load(json.loads(self.context.keys.open(bytes(body)))) for body in bodies]
