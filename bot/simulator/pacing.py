"""How fast a bot may send: Telegram's documented limits, in real seconds.

core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: one message per second in a chat
(short bursts are tolerated), 20 messages per minute in a group, about 30 messages per second overall.
"""

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits. The default is the real service's; `Pace.off()` never refuses.

    `overall` is messages per second over all chats (with a burst of one second's worth), `per_chat` messages
    per second in one chat after `chat_burst` at once, `group_per_minute` messages per minute in a group.
    """

    overall: float = 30.0
    per_chat: float = 1.0
    chat_burst: int = 5
    group_per_minute: float = 20.0
    enforced: bool = True

    @classmethod
    def off(cls) -> "Pace":
        """Return a pace that refuses nothing."""
        return cls(enforced=False)

    def scaled(self, factor: float) -> "Pace":
        """Return the same limits, `factor` times as generous: tests of pacing need not take minutes."""
        return replace(
            self,
            overall=self.overall * factor,
            per_chat=self.per_chat * factor,
            group_per_minute=self.group_per_minute * factor,
        )


class Pacer:
    """Counts sends against a `Pace`; one instance a bot."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._overall = _Bucket(pace.overall, max(1.0, pace.overall))
        self._chats: dict[int, _Bucket] = {}

    def admit(self, chat_id: int, now: float) -> int | None:
        """Take one send at `now` (monotonic seconds).

        Return None when it may go, else the whole seconds to wait (at least 1), as `parameters.retry_after`.
        """
        if not self.pace.enforced:
            return None
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = self._bucket(chat_id)
        wait = max(chat.wait(now), self._overall.wait(now))
        if wait > 0:
            return max(1, math.ceil(wait))
        chat.take()
        self._overall.take()
        return None

    def _bucket(self, chat_id: int) -> "_Bucket":
        if chat_id < 0:
            return _Bucket(self.pace.group_per_minute / 60, max(1.0, self.pace.group_per_minute))
        return _Bucket(self.pace.per_chat, max(1.0, float(self.pace.chat_burst)))


class _Bucket:
    """A token bucket: `rate` tokens a second, at most `size` saved up."""

    __slots__ = ("_at", "_rate", "_size", "_tokens")

    def __init__(self, rate: float, size: float) -> None:
        self._rate = rate
        self._size = size
        self._tokens = size
        self._at = -math.inf

    def wait(self, now: float) -> float:
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
        # A hair under one is one: refills are floating point sums.
        return 0.0 if self._tokens >= 1 - 1e-9 else (1 - self._tokens) / self._rate

    def take(self) -> None:
        self._tokens -= 1
