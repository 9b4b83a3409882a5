"""A conversation's name, who may have it, and the one index of all of them.

@conversation("adopsi", "adopt", title=t.adopt.title(), who=Audience.FOSTER_PARENT)
def adopt(chat: Chat) -> None: ...
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from handlers.kit.chat import Chat
from handlers.texts import Words, render
from models.families import has_joined
from models.joint import visits_for_others
from models.people import Standing


class Audience(StrEnum):
    """For whom a conversation is. Roles come from the database, never from what is typed.

    A visitor is who gives, or who was named to visit in their place.
    """

    EVERYONE = "everyone"
    FOSTER_PARENT = "foster_parent"
    VISITOR = "visitor"
    FAMILY = "family"
    COORDINATOR = "coordinator"
    SUPPORTER = "supporter"
    """Foster parents and coordinators: whoever can speak for the programme."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A plain function under its command (`name`, Indonesian) and English aliases.

    `title` names it in menus and command lists; `menu` is its place in the menu (0: not there),
    where `not_for` have no use for it.
    """

    name: str
    aliases: tuple[str, ...]
    title: Words
    who: Audience
    play: Callable[[Chat], None]
    menu: int = 0
    not_for: Audience | None = None

    @property
    def command(self) -> str:
        """As it is typed."""
        return f"/{self.name}"


CONVERSATIONS: dict[str, Conversation] = {}
"""Every conversation by its Indonesian name; a file in `handlers/` adds its own by being there."""

COMMANDS: dict[str, Conversation] = {}
"""Every command word, aliases included."""


def conversation(
    name: str,
    *aliases: str,
    title: Words,
    who: Audience = Audience.EVERYONE,
    menu: int = 0,
    not_for: Audience | None = None,
) -> Callable[[Callable[[Chat], None]], Callable[[Chat], None]]:
    """Enter a function into the index. Raises ValueError when a word is taken."""

    def enter(play: Callable[[Chat], None]) -> Callable[[Chat], None]:
        entry = Conversation(name, aliases, title, who, play, menu, not_for)
        for word in (name, *aliases):
            if word in COMMANDS:
                raise ValueError(f"/{word} is taken by {COMMANDS[word].name}")
            COMMANDS[word] = entry
        CONVERSATIONS[name] = entry
        return play

    return enter


def audiences(chat: Chat) -> frozenset[Audience]:
    """Return what the person behind a chat is."""
    found = {Audience.EVERYONE}
    if chat.person_id is None:
        return frozenset(found)
    foster_parent = chat.foster_parent
    if foster_parent and foster_parent.standing is not Standing.REJECTED:
        found |= {Audience.FOSTER_PARENT, Audience.VISITOR}
    elif visits_for_others(chat.db, chat.person_id):
        found.add(Audience.VISITOR)
    if has_joined(chat.db, chat.person_id):
        found.add(Audience.FAMILY)
    if chat.scope.anything:
        found.add(Audience.COORDINATOR)
    if found & {Audience.FOSTER_PARENT, Audience.COORDINATOR}:
        found.add(Audience.SUPPORTER)
    return frozenset(found)


def offered(to: Iterable[Audience]) -> list[Conversation]:
    """Return the conversations in the menu of somebody, in its order."""
    audience = frozenset(to)
    entries = [
        c for c in CONVERSATIONS.values() if c.menu and c.who in audience and c.not_for not in audience
    ]
    return sorted(entries, key=lambda c: c.menu)


def command_list(to: Iterable[Audience], language: str) -> list[tuple[str, str]]:
    """Return the platform's command menu: (name, what it does)."""
    return [(entry.name, render(entry.title, language)) for entry in offered(to)]
