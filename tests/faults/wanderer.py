"""Somebody who wanders through every conversation and answers whatever asks for words with payloads.

No field is named: a question is one for words when it was made by `FreeText(…)` in a file of `handlers`, and each such
place is remembered with what it took. So a new question for words is visited too, or missed by name.
"""

import ast
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.channels.words import words
from handlers.kit.choices import Choice
from handlers.kit.inputs import FreeText
from handlers.kit.messages import Button, SharedContact, SharedPhoto
from handlers.kit.question import Answer, Prompt, View
from handlers.kit.state import Tap
from tests.handlers.talk import Talk
from tests.pictures import a_photo

HANDLERS = Path(__file__).parents[2] / "handlers"

HONEST = (
    "Rekaan Sejahtera",
    "9,2",
    "82",
    "450000",
    "081234567{}",
    "19900101202003{}",
    "990101010424{}",
    "12/08/2025",
    "2",
    "BLT-001",
    "Sijuk",
)
"""What other questions may want; `{}` is filled with digits."""

PHOTO = a_photo((64, 48))
ENOUGH = 15
"""Payloads after which a question is not more interesting than others."""

LONGEST_DIALOG = 30
"""Steps after which somebody gives up."""


@cache
def questions_for_words() -> frozenset[str]:
    """Return where `FreeText(…)` stands in the conversations: `signup.py:50`."""
    found = set()
    for path in HANDLERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "FreeText":
                found.add(f"{path.name}:{node.lineno}")
    return frozenset(found)


class Fields:
    """Which questions for words there were, and what each took."""

    def __init__(self) -> None:
        self.taken: defaultdict[str, list[str]] = defaultdict(list)
        self.offered: Counter[str] = Counter()
        self.shown = ""
        """The place of the question for words that was shown last; empty when another kind of question was."""
        self._places: dict[int, str] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note them while this lasts; the questions do what they always do."""
        make, read, show, show_choice = FreeText.__init__, FreeText.read, FreeText.show, Choice.show

        def made(question: FreeText, *args: Any, **more: Any) -> None:
            caller = sys._getframe(1)
            self._places[id(question)] = f"{Path(caller.f_code.co_filename).name}:{caller.f_lineno}"
            make(question, *args, **more)

        def taken(question: FreeText, answer: Answer, view: View) -> str:
            self.offered[self._places[id(question)]] += 1
            stored = read(question, answer, view)
            self.taken[self._places[id(question)]].append(stored)
            return stored

        def shown(question: FreeText, view: View) -> Prompt:
            self.shown = self._places[id(question)]
            return show(question, view)

        def shown_choice(question: Choice, view: View) -> Prompt:
            self.shown = self._places[id(question.other)] if isinstance(question.other, FreeText) else ""
            return show_choice(question, view)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FreeText, "__init__", made)
            patch.setattr(FreeText, "read", taken)
            patch.setattr(FreeText, "show", shown)
            patch.setattr(Choice, "show", shown_choice)
            yield


class Wanderer:
    """One person, who goes where people like them have `been` least."""

    def __init__(
        self,
        talk: Talk,
        commands: Iterable[str],
        fields: Fields,
        chance: random.Random,
        been: Counter[str],
    ) -> None:
        self.talk, self.fields, self.chance = talk, fields, chance
        self.commands = list(commands)
        self.been = been
        self.sent: Counter[str] = Counter()
        self.refused = self.steps = self.honest = 0
        self._asked = ""

    def step(self, payloads: list[str]) -> None:
        """Do one thing: take a command, tap something, or say the next payload where words are asked for."""
        keys, dialog = self._keys()
        place, self.fields.shown = self._asked, ""
        self.steps = self.steps + 1 if dialog else 0
        if not dialog:
            self._begin(keys)
        elif self.steps > LONGEST_DIALOG:
            self.talk.say("batal")
        elif place and self._wants_words(place):
            self._say_payload(place, payloads)
        elif keys and self.chance.random() < 0.85:
            self._tap(self._least(keys))
        else:
            self._answer_otherwise()
        self._asked = self.fields.shown

    def _wants_words(self, place: str) -> bool:
        """Tell whether payloads are worth a try: some questions want a number, and say no to all others."""
        offered, taken = self.fields.offered[place], len(self.fields.taken[place])
        if self.refused == 3 or (offered > 3 and not taken):
            return False
        return self.chance.random() < (0.8 if taken < ENOUGH else 0.15)

    def _begin(self, keys: list[Button]) -> None:
        offered = [key for key in keys if not self.been[key.data]]
        if offered and self.chance.random() < 0.4:
            self._tap(self._least(offered))
        else:
            command = min(self.commands, key=lambda c: (self.been[c], self.chance.random()))
            self.been[command] += 1
            self.talk.say(command)
        self.refused = 0

    def _say_payload(self, place: str, payloads: list[str]) -> None:
        taken = len(self.fields.taken[place])
        number, self.sent[place] = self.sent[place], self.sent[place] + 1
        self.talk.say(words(payloads[(number * 7 + len(self.fields.taken[place]) * 31) % len(payloads)]))
        self.refused = 0 if len(self.fields.taken[place]) > taken else self.refused + 1
        if not self.refused and self.chance.random() < 0.4:
            self.talk.say("kembali")

    def _answer_otherwise(self) -> None:
        """Send what some question or other wants, one after the other."""
        self.honest += 1
        turn = self.honest % (len(HONEST) + 2)
        if turn == 0:
            self.talk.take(photo=SharedPhoto("rekaan", content=PHOTO))
        elif turn == 1:
            self.talk.take(contact=SharedContact(f"+62812{self.chance.randrange(10**7):07}", own=True))
        else:
            self.talk.say(HONEST[turn - 2].format(f"{self.chance.randrange(10**4):04}"))

    def _tap(self, key: Button) -> None:
        self.been[_kind(key)] += 1
        self.been[key.data] += 1
        self.refused = 0
        self.talk.take(choice=key.data)

    def _least(self, keys: list[Button]) -> Button:
        return min(keys, key=lambda key: (self.been[_kind(key)], self.chance.random()))

    def _keys(self) -> tuple[list[Button], bool]:
        """Return what may be tapped, and whether a question is open."""
        for message in reversed(self.talk.out[-3:]):
            keys = [key for row in message.rows for key in row]
            if message.nav or message.share_phone:
                return [key for key in keys if not key.data.endswith("!back")], True
            if keys:
                return keys, False
        return [], False


def _kind(key: Button) -> str:
    tap = Tap.parse(key.data)
    return f"{tap.key}:{tap.value}" if tap else key.data
