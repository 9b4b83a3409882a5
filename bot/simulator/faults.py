"""Trouble on demand: what a test, or a visitor, can make go wrong."""

import random
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Kind = Literal[
    "too_many_requests",  # 429 with retry_after
    "blocked",  # 403 bot was blocked by the user
    "deactivated",  # 403 user is deactivated
    "chat_not_found",  # 400
    "migrated",  # 400 with migrate_to_chat_id
    "server_error",  # 502, as Telegram's front ends answer: not always JSON
    "dropped",  # the connection is cut before anything is done
    "answer_lost",  # the request is carried out, then the connection is cut
    "refused",  # WhatsApp: refused at once with `code`
    "failed_later",  # WhatsApp: taken, and reported as failed with `code`
    "latency",  # nothing but `seconds` of delay
]
KINDS: frozenset[str] = frozenset(get_args(Kind))


@dataclass(slots=True)
class Fault:
    """One rule.

    It fits requests of `method` ("" = the three sends, "*" = every method) to `chat_id` (None = any); it
    strikes the next `times` that fit (None = all until cleared), each with probability `percent`/100.
    `seconds` is added latency, whatever the kind.
    """

    kind: Kind
    method: str = ""
    chat_id: int | None = None
    times: int | None = 1
    percent: float = 100.0
    retry_after: int = 1
    migrate_to_chat_id: int = 0
    seconds: float = 0.0
    code: int = 0
    struck: int = 0

    def fits(self, method: str, chat_id: int | None) -> bool:
        """Tell whether the rule applies to a request and has strikes left."""
        if self.times is not None and self.struck >= self.times:
            return False
        wanted = method.startswith("send") and method != "sendChatAction" if not self.method else False
        if not (wanted or self.method in ("*", method)):
            return False
        return self.chat_id is None or self.chat_id == chat_id

    def as_json(self) -> dict[str, Any]:
        """Return the rule as the control API shows it."""
        return asdict(self)


@dataclass(slots=True)
class Faults:
    """The rules in force, in order; the first that fits and strikes decides."""

    rules: list[Fault] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(20260101))  # noqa: S311 - repeatable, not secret

    def add(self, fault: Fault) -> None:
        """Put a rule in force. Raise ValueError for a kind that does not exist."""
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault {fault.kind!r}; there are {', '.join(sorted(KINDS))}")
        self.rules.append(fault)

    def clear(self) -> None:
        """Lift every rule."""
        self.rules.clear()

    def strike(self, method: str, chat_id: int | None) -> Fault | None:
        """Return the fault that meets this request, if any, and count the strike."""
        for fault in self.rules:
            if fault.fits(method, chat_id) and self.dice.random() * 100 < fault.percent:
                fault.struck += 1
                return fault
        return None
