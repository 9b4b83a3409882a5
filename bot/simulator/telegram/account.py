"""The bot's own account: token, user, queue, commands and names; one a simulator."""

import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.simulator.calling import Retry
from bot.simulator.pacing import Pace, Pacer
from bot.simulator.telegram.updates import UpdateQueue
from bot.simulator.telegram.webhook import Webhook
from bot.simulator.world import Chat, World

QUERY_LIFE = 60.0
"""Real seconds in which a callback query may be answered."""


@dataclass(slots=True)
class CallbackQuery:
    """A tap that waits for its answer; `at` is in monotonic seconds."""

    chat: Chat
    person_id: int
    at: float


class Account:
    """What Telegram's servers know about the bot."""

    def __init__(
        self, world: World, token: str, *, pace: Pace, retry: Retry, username: str, name: str
    ) -> None:
        if not re.fullmatch(r"\d{3,20}:[A-Za-z0-9_-]{3,64}", token):
            raise ValueError("a bot token is <digits>:<letters, digits, _ or ->")
        self.world = world
        self.token = token
        self.username = username
        self.name = name
        self.queue = UpdateQueue(world)
        self.webhook = Webhook(self.queue, retry)
        self.pacer = Pacer(pace)
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        """(scope, language code) → commands; the scope is its type, with ids behind it."""
        self.texts: dict[tuple[str, str], str] = {}
        """("name" | "description" | "short_description", language code) → text."""
        self.menu_buttons: dict[int, dict[str, Any]] = {}
        self._queries: dict[str, CallbackQuery] = {}
        self._query_ids: Iterator[int] = itertools.count(4_611_686_018_427_000_001)

    @property
    def id(self) -> int:
        """Return the bot's user id, the token's first half."""
        return int(self.token.partition(":")[0])

    def as_user(self) -> dict[str, Any]:
        """Return the bot's User object as it stands in messages."""
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.texts.get(("name", "")) or self.name,
            "username": self.username,
        }

    def new_query(self, chat: Chat, person_id: int) -> str:
        """Register a tap; return the id of its callback query."""
        query_id = str(next(self._query_ids))
        self._queries[query_id] = CallbackQuery(chat, person_id, time.monotonic())
        return query_id

    def close_query(self, query_id: str) -> CallbackQuery | None:
        """Return a query that may still be answered, and close it: it is answered once."""
        query = self._queries.pop(query_id, None)
        if query is None or time.monotonic() - query.at > QUERY_LIFE:
            return None
        return query

    def commands_for(self, chat: Chat, language: str) -> list[dict[str, str]]:
        """Return the command list shown in a chat: narrowest scope first, then the language, then none.

        core.telegram.org/bots/api#determining-list-of-commands
        """
        if chat.kind == "private":
            scopes = (f"chat:{chat.id}", "all_private_chats", "default")
        else:
            scopes = (f"chat:{chat.id}", "all_group_chats", "default")
        for scope in scopes:
            for code in dict.fromkeys((language, "")):
                if found := self.commands.get((scope, code)):
                    return found
        return []

    def text_for(self, kind: str, language: str) -> str:
        """Return a name or description in a language, else the general one."""
        return self.texts.get((kind, language)) or self.texts.get((kind, ""), "")
