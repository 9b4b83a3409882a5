"""What delivery needs of a channel, and the one error that all channels raise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from handlers.kit.messages import Outbound


class ChannelError(Exception):
    """A platform refused a message, or did not answer.

    - `permanent`: this message will never be taken (too long, malformed): give it up.
    - `gone`: nothing arrives in this chat any more (blocked, deactivated): stop writing to it.
    - `retry_after`: seconds that the platform asked to wait.
    - `moved_to`: the chat has this address now.
    - `halt`: the account itself is refused (token revoked): stop all sending, keep the outbox.
    - `closed`: free text is not allowed in this chat now; a template may be.
    - `template_refused`: the platform does not take this template (paused, rejected, its values wrong).
    - `unsure`: nobody knows whether it arrived (a time-out): wait for the platform's report before repeating.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        gone: bool = False,
        retry_after: float | None = None,
        moved_to: str | None = None,
        halt: bool = False,
        closed: bool = False,
        template_refused: bool = False,
        unsure: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.gone = gone
        self.retry_after = retry_after
        self.moved_to = moved_to
        self.halt = halt
        self.closed = closed
        self.template_refused = template_refused
        self.unsure = unsure


@dataclass(frozen=True, slots=True)
class Pace:
    """What an account may send: messages a second in all and to one chat, with a burst for a lively dialog."""

    per_second: float
    per_chat_second: float
    chat_burst: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message goes to, and in which language whatever the channel adds to it is written.

    `outbox_id` travels with the message where the platform echoes it in its reports; `arrived` are the parts of it
    that the platform is known to have taken already, before a crash.
    """

    address: str
    language: str = "id"
    outbox_id: int = 0
    arrived: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reports:
    """What delivery must know of a platform that limits free text and reports what became of its messages.

    `settle_seconds`: after a crash or a time-out, so long reports are awaited before a message is repeated.
    `new_chats_a_day`: with so many chats a template may begin in 24 hours. `meaning`: what a reported failure's code
    says.
    """

    settle_seconds: float
    new_chats_a_day: int
    meaning: Callable[[int], ChannelError]


class Channel(Protocol):
    """A way to reach people. `reports` None: free text is always allowed, and nothing is reported."""

    name: str
    pace: Pace
    reports: Reports | None

    async def send(self, to: Recipient, message: Outbound, attached: bytes | None) -> str:
        """Send one message (its template, when that is all it has); return the platform's id of it.

        `attached` is its picture, or its file when it has a `document`. Where the platform takes it in several parts,
        their ids stand one after the other, between spaces. Raises ChannelError.
        """
        ...
