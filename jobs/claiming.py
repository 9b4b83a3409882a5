"""Taking what may leave from the outbox. Reminders are written in this moment, so that they are true when they go."""

import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from handlers.inbox import sealed
from handlers.kit.chat import Context
from handlers.kit.messages import Outbound
from handlers.reminders import compose
from handlers.texts import render, t
from models.joined import speak_for, waiting_beside
from models.messages import outbox
from models.outbox import Failed, OutboxMessage, claim, keep_leases, mark, write_body
from models.overtaken import overtaken
from models.quiet import take_back
from models.reminders import withdraw
from models.statements import milliseconds

log = logging.getLogger("genting.delivery")


def claim_written(
    connection: Connection,
    context: Context,
    channel: str,
    most: int,
    *,
    self_started: int | None = None,
    in_flight: Collection[OutboxMessage] = (),
) -> tuple[int, list[OutboxMessage]]:
    """Take up to `most` messages under a lease; return how many there were, and those that leave, in order.

    At most `self_started` of them are no replies (`models.outbox.claim`). Those `in_flight` keep their lease.
    What its person wants no more, or what has lost its reason, is withdrawn, and several reminders to one person become
    one message: so fewer may leave than there were.
    """
    now = context.clock.now()
    if ended := [message.id for message in in_flight if message.leased_until_ms <= milliseconds(now)]:
        keep_leases(connection, now, ended)
    claimed = claim(connection, context.keys, now, channel, most, self_started=self_started)
    left = {message.id: message for message in _wanted(connection, now, claimed)}
    leaving = []
    while left:
        message = left.pop(next(iter(left)))
        written = _written(connection, context, message, left) if message.reminder_id is not None else message
        if written is not None:
            leaving.append(written)
    return len(claimed), leaving


def _wanted(connection: Connection, now: datetime, claimed: Sequence[OutboxMessage]) -> list[OutboxMessage]:
    """Withdraw the claimed messages that must not leave any more; return the others."""
    gone = overtaken(connection, now, claimed)
    for message in claimed:
        if (why := gone.get(message.id)) is None:
            continue
        take_back(connection, now, outbox.c.id == message.id, why)
        if message.reminder_id is not None:
            withdraw(connection, now, message.reminder_id, why)
    return [message for message in claimed if message.id not in gone]


def _written(
    connection: Connection, context: Context, message: OutboxMessage, left: dict[int, OutboxMessage]
) -> OutboxMessage | None:
    """Write a reminder, anew each time that it is claimed, with those that leave in the same message.

    Returns None when its reason has gone, or it cannot be written (the others must go on). `left` are the messages
    claimed with it: those for which it speaks are taken out.
    """
    now, reminder_id = context.clock.now(), message.reminder_id or 0
    beside = waiting_beside(connection, now, message, left)
    try:
        composed = compose(connection, context, [reminder_id, *beside], message.language)
    except Exception as error:
        log.exception("reminder_unwritable", extra={"outbox_id": message.id})
        mark(connection, now, [Failed(message.id, type(error).__name__)])
        return None
    if composed is None and not message.priority.asked_for:
        return None
    if composed is None:
        # The person has opened what only said that there is something: do not leave them without a word.
        composed = Outbound(render(t.kit.over(), message.language)), frozenset()
    outbound, told = composed
    with_it = [outbox_id for id_, outbox_id in beside.items() if id_ in told]
    speak_for(connection, message.id, with_it)
    for outbox_id in with_it:
        left.pop(outbox_id, None)
    write_body(connection, message.id, sealed(context, outbound))
    return replace(message, body=json.dumps(outbound.dump()).encode())
