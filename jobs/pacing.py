"""Keeps the platform's pace: token buckets for the account and for each chat.

Time is a monotonic number of seconds given by the caller, so the buckets are tested without waiting.
"""

from collections import OrderedDict

from jobs.channel import Pace

CHATS_REMEMBERED = 20_000


class Bucket:
    """Holds at most `size` permits, refilled at `rate` a second; starts full."""

    __slots__ = ("_at", "_level", "rate", "size")

    def __init__(self, rate: float, size: float, now: float) -> None:
        self.rate, self.size = rate, size
        self._level, self._at = size, now

    def wait(self, now: float) -> float:
        """Take a permit; return how many seconds to wait before using it (0 when there was one)."""
        self._level = min(self.size, self._level + (now - self._at) * self.rate)
        self._at = now
        self._level -= 1
        return max(0.0, -self._level / self.rate)


class Pacer:
    """The buckets of one account."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._account: Bucket | None = None
        self._chats: OrderedDict[int, Bucket] = OrderedDict()

    def wait_for_chat(self, contact_id: int, now: float) -> float:
        """Take a chat's permit; return the seconds to wait."""
        bucket = self._chats.pop(contact_id, None)
        if bucket is None:
            bucket = Bucket(self.pace.per_chat_second, self.pace.chat_burst, now)
        self._chats[contact_id] = bucket
        if len(self._chats) > CHATS_REMEMBERED:
            self._chats.popitem(last=False)
        return bucket.wait(now)

    def wait_for_account(self, now: float) -> float:
        """Take the account's permit; return the seconds to wait."""
        if self._account is None:
            # A small bucket: a full second's burst on top of the steady rate would exceed the platform's second.
            self._account = Bucket(self.pace.per_second, max(1.0, self.pace.per_second / 10), now)
        return self._account.wait(now)
