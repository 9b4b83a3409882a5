"""What every question is: how it looks, how an answer is read, what is remembered of it.

A question is made anew on each run of its conversation; what lasts is the stored answer (plain JSON: codes, never
labels) and the view (page, ticks), both in the chat's state.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from handlers.kit.messages import Inbound
from handlers.texts import Words
from models.files import FileKind

T = TypeVar("T")


class Wrong(Exception):
    """The answer cannot be taken; `words` say why, kindly, with an example."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


class Redraw(Exception):
    """Not an answer yet: the question is shown again as `view` says (another page, one more tick)."""

    def __init__(self, view: "View") -> None:
        super().__init__(view)
        self.view = view


@dataclass(frozen=True, slots=True)
class View:
    """How a question is shown at this moment."""

    page: int = 0
    ticks: tuple[str, ...] = ()
    search: str = ""

    def dump(self) -> list[Any]:
        """Return the JSON form."""
        return [self.page, list(self.ticks), self.search]

    @classmethod
    def load(cls, raw: list[Any] | None) -> "View":
        """Read the JSON form."""
        return cls(raw[0], tuple(raw[1]), raw[2]) if raw else cls()

    def turned(self, page: int) -> "View":
        """Return the view of another page."""
        return replace(self, page=page)


@dataclass(frozen=True, slots=True)
class Key:
    """A thing to tap under a question. `value` comes back as `Answer.tap`."""

    label: Words
    value: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question as it is shown: words, rows of keys, and perhaps a button that shares the own number.

    `listed` writes a tick list's options out, numbered, where ticking one by one is costly.
    """

    words: Words
    rows: list[list[Key]] = field(default_factory=list)
    share_phone: Words | None = None
    listed: Words | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person did: tapped a key of this question, or sent something. `language` is the reader's.

    `keep` stores a file's content and returns its id; unlike all else it outlives the run's suspension.
    """

    inbound: Inbound
    tap: str | None
    language: str
    keep: Callable[[FileKind, bytes], int]

    @property
    def typed(self) -> str | None:
        """The text, if it is one."""
        return self.inbound.text.strip() if self.tap is None and self.inbound.text else None


class Question(ABC, Generic[T]):
    """A question whose answer is a T."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def show(self, view: View) -> Prompt:  # noqa: ARG002 - for questions that have views
        """Return how the question looks."""
        return Prompt(self.words)

    @abstractmethod
    def read(self, answer: Answer, view: View) -> Any:
        """Return what to remember (JSON). Raises Wrong or Redraw."""

    @abstractmethod
    def load(self, stored: Any) -> T:
        """Return the answer's value from what was remembered."""

    def echo(self, stored: Any) -> Words | None:  # noqa: ARG002 - for questions answered by tapping
        """Return the words that stay in the place of the keys when one was tapped."""
        return None
