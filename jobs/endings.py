"""How a send that went wrong ends: again later, on another chat of the same person, held back, or for good.

One place for it, because a platform may refuse a message at once or report its failure hours later.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from handlers.kit.messages import Outbound
from jobs.channel import ChannelError, Reports
from models.bounces import give_up_chat
from models.clock import Clock
from models.contacts import close_window
from models.dispatches import halt_template
from models.held import reroute
from models.keys import KeyRing
from models.moving import change_address
from models.outbox import Failed, Held, OutboxMessage, Postponed

log = logging.getLogger("genting.delivery")

ATTEMPTS = 12
"""Failures after which a message is given up; being told to wait is none."""

LONGEST_PAUSE = timedelta(minutes=30)

Also = Callable[[Connection], object]
"""What else is to be written with the mark."""


@dataclass(frozen=True, slots=True)
class Endings:
    """What is needed to decide it. `halt` stops all sending, saying why: the account itself is refused."""

    clock: Clock
    keys: KeyRing
    channel: str
    reports: Reports | None
    halt: Callable[[str], None]

    def of(
        self, message: OutboxMessage, outbound: Outbound, error: ChannelError
    ) -> tuple[Failed | Postponed | Held, Also | None]:
        """Return how a message ends that met this error, and what else is to be written."""
        now, contact_id = self.clock.now(), message.contact_id
        if error.halt:
            log.error("sending_halted", extra={"channel": self.channel, "reason": error.reason})
            self.halt(error.reason)
            return Postponed(message.id, now, error.reason), None
        if error.moved_to is not None:
            address = error.moved_to
            moved = Postponed(message.id, now, "moved")
            return moved, lambda c: change_address(c, self.keys, now, contact_id, address)
        if error.template_refused and outbound.template:
            name = outbound.template[0]
            log.error("template_halted", extra={"template": name, "reason": error.reason})
            return Held(message.id, held_template(name)), lambda c: halt_template(c, now, name, error.reason)
        if error.closed and outbound.template and message.attempts < ATTEMPTS:
            return Postponed(message.id, now, error.reason), lambda c: close_window(c, contact_id)
        if error.gone:
            return Failed(message.id, error.reason), lambda c: self._unreachable(c, message, error)
        tired = error.retry_after is None and message.attempts >= ATTEMPTS
        if error.closed or error.permanent or tired:
            log.error("message_given_up", extra={"outbox_id": message.id, "reason": error.reason})
            return Failed(message.id, error.reason), lambda c: self._elsewhere(c, message)
        pause = _pause(message.attempts, error.retry_after)
        if error.unsure and self.reports:
            pause = max(pause, timedelta(seconds=self.reports.settle_seconds))
        asked = error.retry_after is not None  # to keep a pace that a platform asks for is no trouble
        level = logging.INFO if asked else logging.WARNING
        log.log(level, "message_postponed", extra={"outbox_id": message.id, "reason": error.reason})
        return Postponed(message.id, now + pause, error.reason), None

    def _unreachable(self, connection: Connection, message: OutboxMessage, error: ChannelError) -> None:
        """Nothing arrives in this chat: it, and everything that waits for it, is given up or sent elsewhere."""
        if message.reminder_id is None:  # a reminder is planned again, for whichever chat is left
            self._elsewhere(connection, message)
        give_up_chat(connection, self.clock.now(), message.contact_id, error.reason)

    def _elsewhere(self, connection: Connection, message: OutboxMessage) -> None:
        if reroute(connection, self.clock.now(), message.id):
            log.info("message_rerouted", extra={"outbox_id": message.id, "from": self.channel})


def held_template(name: str) -> str:
    """Return why a message is held whose template may not be used."""
    return f"template {name} is halted"


def _pause(attempts: int, retry_after: float | None) -> timedelta:
    """Return how long to wait: what the platform asked, or twice as long each time, with jitter upwards."""
    if retry_after is not None:
        return timedelta(seconds=retry_after * (1 + random.random() / 10) + 0.05)  # noqa: S311
    seconds = min(LONGEST_PAUSE.total_seconds(), 2.0 ** min(attempts, 12))
    return timedelta(seconds=seconds * (0.5 + random.random()))  # noqa: S311 - jitter, not a secret
