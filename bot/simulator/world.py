"""What exists: people, chats, the messages in them, and who is waiting to see a change.

Only the server's event loop touches a World; tests reach it over HTTP.
"""

import asyncio
import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.simulator.dial import Dial
from bot.simulator.files import FileStore
from bot.simulator.people import Group, Person
from models.clock import Clock

Json = dict[str, Any]


class UnknownError(LookupError):
    """No such person, chat, message or button."""


class Bell:
    """Wakes everyone who waits for the next change; free when nobody does."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wake all who wait now."""
        if self._waiting:
            for future in self._waiting:
                if not future.done():
                    future.set_result(None)
            self._waiting.clear()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait for the next ring; return False after `seconds` without one."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True


@dataclass(slots=True)
class Message:
    """One message: `payload` is the Bot API's Message object as the bot sees it now.

    `markup` is what the bot attached, of any kind (a payload shows inline keyboards only). `revision` is the
    chat's revision at the last change.
    """

    payload: Json
    from_bot: bool
    markup: Json | None = None
    revision: int = 0
    deleted: bool = False

    @property
    def id(self) -> int:
        """Return the message id, unique within its chat."""
        return int(self.payload["message_id"])


@dataclass(slots=True)
class Answer:
    """What answerCallbackQuery showed: a toast, or an alert that must be closed."""

    text: str
    alert: bool
    revision: int
    person_id: int


@dataclass(slots=True)
class Chat:
    """A private chat (id of the person) or a group, with its history.

    `reply_markup` is the reply keyboard or forced reply in force, `typing` the last sendChatAction and the
    monotonic second at which it fades (5 seconds after, or at the next message).
    """

    id: int
    kind: str = "private"
    title: str = ""
    messages: dict[int, Message] = field(default_factory=dict)
    revision: int = 0
    reply_markup: Json | None = None
    typing: tuple[str, float] = ("", 0.0)
    answers: list[Answer] = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def live(self, message_id: int) -> Message | None:
        """Return a message that exists and was not deleted."""
        message = self.messages.get(message_id)
        return None if message is None or message.deleted else message


class World:
    """Everybody and everything said. Message dates come from `clock`."""

    def __init__(self, clock: Clock, people: Iterable[Person] = ()) -> None:
        self.clock = clock
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.chats: dict[int, Chat] = {}
        self.files = FileStore()
        self.dial: Dial | None = None
        """Moves the clock, where it can be moved."""
        self.bell = Bell()
        """Rings at any change anywhere."""
        for person in people:
            self.add_person(person)

    def now(self) -> int:
        """Return the clock's Unix time in whole seconds, as Telegram dates are."""
        return int(self.clock.now().timestamp())

    def add_person(self, person: Person) -> Person:
        """Bring someone into the world. Raise ValueError when the id is taken or not positive."""
        if person.id <= 0 or person.id in self.people:
            raise ValueError(f"person id {person.id} is taken or not positive")
        self.people[person.id] = person
        self.chats[person.id] = Chat(person.id)
        self.bell.ring()
        return person

    def add_group(self, group: Group) -> Group:
        """Create a group chat. Raise ValueError for an id taken or not negative, UnknownError for members."""
        if group.id >= 0 or group.id in self.groups:
            raise ValueError(f"group id {group.id} is taken or not negative")
        for member in group.members:
            self.person(member)
        self.groups[group.id] = group
        self.chats[group.id] = Chat(group.id, "supergroup" if group.supergroup else "group", group.title)
        self.bell.ring()
        return group

    def person(self, person_id: int) -> Person:
        """Return someone. Raise UnknownError."""
        if person_id not in self.people:
            raise UnknownError(f"no person {person_id}")
        return self.people[person_id]

    def chat(self, chat_id: int) -> Chat:
        """Return a chat. Raise UnknownError."""
        if chat_id not in self.chats:
            raise UnknownError(f"no chat {chat_id}")
        return self.chats[chat_id]

    def chat_object(self, chat: Chat) -> Json:
        """Return the Bot API's Chat object (core.telegram.org/bots/api#chat)."""
        if chat.kind != "private":
            return {"id": chat.id, "title": chat.title, "type": chat.kind}
        person = self.people[chat.id]
        shown: Json = {"id": chat.id, "first_name": person.first_name, "type": "private"}
        if person.last_name:
            shown["last_name"] = person.last_name
        return shown

    def post(self, chat: Chat, sender: Json, content: Json, *, markup: Json | None = None) -> Message:
        """Append a message with `content` (text, photo, contact, …) from a User object; return it."""
        message_id = next(chat.ids)
        payload: Json = {
            "message_id": message_id,
            "from": sender,
            "chat": self.chat_object(chat),
            "date": self.now(),
            **content,
        }
        if markup is not None and "inline_keyboard" in markup:
            payload["reply_markup"] = markup
        message = Message(payload, from_bot=bool(sender["is_bot"]), markup=markup)
        chat.messages[message_id] = message
        if message.from_bot:
            chat.typing = ("", 0.0)
        self.touch(chat, message)
        return message

    def touch(self, chat: Chat, message: Message | None = None) -> None:
        """Note that a chat (and a message in it) changed, and wake whoever watches."""
        chat.revision += 1
        if message is not None:
            message.revision = chat.revision
        chat.bell.ring()
        self.bell.ring()

    def show_typing(self, chat: Chat, action: str) -> None:
        """Show the bot's action for 5 seconds (core.telegram.org/bots/api#sendchataction)."""
        chat.typing = (action, time.monotonic() + 5)
        self.touch(chat)

    def show_answer(self, chat: Chat, person_id: int, text: str, *, alert: bool) -> None:
        """Show the answer to a callback query on the phone of who tapped."""
        chat.revision += 1
        chat.answers.append(Answer(text, alert, chat.revision, person_id))
        chat.bell.ring()
        self.bell.ring()
