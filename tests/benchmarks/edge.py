"""The network's edge: what answers in Telegram's place, and the phones that it shows on.

Competitors build a request with their own library and hand it over here instead of to a socket; the answer is
JSON as Telegram would send it, to be parsed by their own library.
"""

import json
import os
import signal
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.script import BOT_ID, SENT_ON, Button, said, update

BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
ME = {**BOT, "can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": False}

Markup = str | dict[str, Any] | None
"""A keyboard as handed over: JSON text or what it is the text of."""


class Reply(NamedTuple):
    """A message that reached a phone."""

    chat_id: int
    text: str
    markup: Markup


class Death(NamedTuple):
    """A kill in the middle of a request: the `request`-th, before it has arrived or after."""

    request: int
    arrived: bool


class Edge:
    """Answers every request at once. With a `journal`, what was sent outlives the process."""

    def __init__(self, journal: Path | None = None, death: Death | None = None) -> None:
        self.sent = 0
        self._requests = 0
        self._death = death
        self._keyboards: dict[int, Markup] = {}
        self._journal: int | None = None
        if journal is not None:
            for reply in read_journal(journal):
                self._keyboards[reply.chat_id] = reply.markup
            self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def send_message(self, chat_id: int, text: str, markup: Markup) -> bytes:
        """Take a `sendMessage`; return Telegram's answer."""
        self._requests += 1
        self._die(arrived=False)
        self.sent += 1
        if markup:
            self._keyboards[chat_id] = markup
        if self._journal is not None:
            os.write(self._journal, json.dumps([chat_id, text, markup]).encode() + b"\n")
        self._die(arrived=True)
        chat = {"id": chat_id, "type": "private", "first_name": "Siti"}
        message = {"message_id": self.sent, "from": BOT, "chat": chat, "date": SENT_ON, "text": text}
        return json.dumps({"ok": True, "result": message}).encode()

    def answer_anything_else(self, method: str) -> bytes:
        """Take a `getMe` or an `answerCallbackQuery`."""
        self._requests += 1
        self._die(arrived=True)
        return json.dumps({"ok": True, "result": ME if method == "getMe" else True}).encode()

    def _die(self, *, arrived: bool) -> None:
        if self._death == (self._requests, arrived):
            os.kill(os.getpid(), signal.SIGKILL)

    def update(self, chat_id: int, step: int) -> bytes:
        """Build the person's next update, tapping the button that stands on the phone."""
        act = said(chat_id, step)
        return update(chat_id, step, self._behind(chat_id, act) if isinstance(act, Button) else None)

    def _behind(self, chat_id: int, button: Button) -> str | None:
        markup = self._keyboards.get(chat_id)
        keyboard = json.loads(markup) if isinstance(markup, str) else markup or {}
        for row in keyboard.get("inline_keyboard", ()):
            for shown in row:
                if shown["text"] == button.label:
                    return str(shown["callback_data"])
        return None


def read_journal(journal: Path) -> list[Reply]:
    """Return all that was sent, oldest first; a line cut by a kill is no message."""
    if not journal.exists():
        return []
    whole = journal.read_bytes().rpartition(b"\n")[0]
    return [Reply(*json.loads(line)) for line in whole.splitlines()]
