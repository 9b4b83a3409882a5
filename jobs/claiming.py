"""Taking what may leave from the outbox. Reminders are written in this moment, so that they are true when they go."""

import json
import logging
from dataclasses import replace

from sqlalchemy import Connection

from handlers.inbox import sealed
from handlers.kit.chat import Context
from handlers.kit.messages import Outbound
from handlers.reminders import compose
from handlers.texts import render, t
from models.outbox import Failed, OutboxMessage, claim, mark, write_body

log = logging.getLogger("genting.delivery")


def claim_written(
    connection: Connection, context: Context, channel: str, most: int, *, self_started: int | None = None
) -> tuple[int, list[OutboxMessage]]:
    """Take up to `most` messages under a lease; return how many there were, and those that leave, in order.

    At most `self_started` of them are no replies (`models.outbox.claim`).
    A reminder whose reason has gone is withdrawn, so fewer may leave than there were.
    """
    claimed = claim(connection, context.keys, context.clock.now(), channel, most, self_started=self_started)
    leaving = [_written(connection, context, message) for message in claimed]
    return len(claimed), [message for message in leaving if message is not None]


def _written(connection: Connection, context: Context, message: OutboxMessage) -> OutboxMessage | None:
    """Write a reminder; None when its reason has gone, or it cannot be written (the others must go on)."""
    if message.reminder_id is None or message.body:
        return message
    try:
        outbound = compose(connection, context, message.reminder_id, message.language)
    except Exception as error:
        log.exception("reminder_unwritable", extra={"outbox_id": message.id})
        mark(connection, context.clock.now(), [Failed(message.id, type(error).__name__)])
        return None
    if outbound is None and message.attempts < 2:
        return None
    if outbound is None:
        # The person has opened what only said that there is something: do not leave them without a word.
        outbound = Outbound(render(t.kit.over(), message.language))
    write_body(connection, message.id, sealed(context, outbound))
    return replace(message, body=json.dumps(outbound.dump()).encode())
