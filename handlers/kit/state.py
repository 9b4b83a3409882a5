"""Where a dialog stands between two updates: small, JSON, sealed by whoever stores it."""

import json
from dataclasses import dataclass, field
from typing import Any

from handlers.kit.question import View

UNASKED = "="
"""Begins the key under which what is meant is kept, when nobody had to be asked for it."""


@dataclass(slots=True)
class State:
    """A running conversation.

    `answers` are keyed and in the order of asking, what is meant without asking (`UNASKED`) in between; `pending` is
    the question now shown, under `nonce`; `last` is the tap that gave the newest answer (key, nonce, value),
    `last_message_id` the message that did; `paused` is a conversation that this one interrupted; `album` names the
    pictures sent together of which one was seen; `begun_ms` (epoch) is when the conversation began.
    """

    conversation: str
    argument: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    pending: str = ""
    nonce: str = ""
    view: View = field(default_factory=View)
    last: tuple[str, str, str] | None = None
    last_message_id: str = ""
    paused: "State | None" = None
    album: str = ""
    begun_ms: int = 0

    @property
    def given(self) -> list[str]:
        """The keys of what the person has answered, oldest first."""
        return [key for key in self.answers if not key.startswith(UNASKED)]

    def take_back(self) -> str:
        """Forget the newest answer, and what was taken to be meant since; return its key.

        Raises IndexError when nothing has been answered.
        """
        newest = self.given[-1]
        self.forget_from(newest)
        return newest

    def forget_from(self, key: str) -> None:
        """Forget the answer to `key` and all that came after it."""
        keys = list(self.answers)
        for later in keys[keys.index(key) :] if key in keys else []:
            del self.answers[later]

    def dump(self) -> bytes:
        """Return the JSON form."""
        return json.dumps(self.raw(), separators=(",", ":")).encode()

    def raw(self) -> list[Any]:
        """Return the state as JSON values."""
        return [
            self.conversation,
            self.argument,
            self.answers,
            self.pending,
            self.nonce,
            self.view.dump() if self.view != View() else None,
            self.last,
            self.last_message_id,
            self.paused.raw() if self.paused else None,
            *([self.album, self.begun_ms] if self.album or self.begun_ms else []),
        ]

    @classmethod
    def load(cls, raw: bytes) -> "State":
        """Read the JSON form."""
        return cls._from(json.loads(raw))

    @classmethod
    def _from(cls, raw: list[Any]) -> "State":
        name, argument, answers, pending, nonce, view, last, last_message_id, paused, *more = raw
        return cls(
            name,
            argument,
            answers,
            pending,
            nonce,
            View.load(view),
            (last[0], last[1], last[2]) if last else None,
            last_message_id,
            cls._from(paused) if paused else None,
            *more,
        )


@dataclass(frozen=True, slots=True)
class Tap:
    """A tapped key: the question's key, the nonce under which it was shown, and the value.

    Travels as `key:nonce:value`, at most 64 bytes (Bot API, InlineKeyboardButton.callback_data).
    """

    key: str
    nonce: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}:{self.nonce}:{self.value}"

    @classmethod
    def parse(cls, data: str) -> "Tap | None":
        """Read a tap; None when it is not one of ours."""
        parts = data.split(":", 2)
        return cls(*parts) if len(parts) == 3 else None
