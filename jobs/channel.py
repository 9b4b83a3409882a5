"""What delivery needs of a channel, and the one error that all channels raise."""

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
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.gone = gone
        self.retry_after = retry_after
        self.moved_to = moved_to
        self.halt = halt


@dataclass(frozen=True, slots=True)
class Pace:
    """What an account may send: messages a second in all and to one chat, with a burst for a lively dialog."""

    per_second: float
    per_chat_second: float
    chat_burst: int


class Channel(Protocol):
    """A way to reach people."""

    name: str
    pace: Pace

    async def send(self, address: str, message: Outbound, attached: bytes | None) -> str:
        """Send one message; return the platform's id of it. Raises ChannelError.

        `attached` is its picture, or its file when it has a `document`.
        """
        ...
