"""The hand that moves the clock which everybody on the page sees: forward only.

Backward would unsay what has been said: messages would lie in the future, and what was done once would be due again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from models.clock import Clock


class MovableClock(Clock, Protocol):
    """A clock that can be set."""

    def set(self, now: datetime) -> object:
        """Go on from another instant."""
        ...


class Dial:
    """Moves a clock and tells `followers`, whatever has to catch up, afterwards.

    `due` returns the next instant after another at which something worth seeing happens.
    """

    def __init__(self, clock: MovableClock, due: Callable[[datetime], datetime]) -> None:
        self._clock, self._due = clock, due
        self.followers: list[Callable[[], object]] = []
        self.moves = 0

    def turn(self, wish: dict[str, Any]) -> datetime:
        """Move the clock as wished; return what it shows.

        A wish is {"hours": 1}, {"days": 1}, {"to": "due"} or {"to": "2025-11-10T09:00+07:00"}. Raises ValueError for
        another, and for one that leads back.
        """
        now = self._clock.now()
        target = self._target(now, wish)
        if target <= now:
            raise ValueError("the clock only moves forward")
        self._clock.set(target)
        self.moves += 1
        for follow in self.followers:
            follow()
        return target

    def _target(self, now: datetime, wish: dict[str, Any]) -> datetime:
        match wish:
            case {"to": "due"}:
                return self._due(now)
            case {"to": str(text)}:
                target = datetime.fromisoformat(text)
                if target.tzinfo is None:
                    raise ValueError("an instant with its zone is expected, like 2025-11-10T09:00+07:00")
                return target
            case {"hours": int(number)} | {"days": int(number)} if len(wish) == 1 and abs(number) < 10_000:
                return now + timedelta(**wish)
        raise ValueError('{"hours": n}, {"days": n} or {"to": instant} is expected')
