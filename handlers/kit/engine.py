"""Runs a conversation for one update: from the top, to the next question or the end."""

from dataclasses import dataclass

from handlers.kit.chat import Again, Chat, Stopped, Suspended
from handlers.kit.conversation import Conversation, audiences, command_list
from handlers.kit.messages import Outbound

RETURNS = 5
"""A conversation may send the person back so often in one run; more is a loop."""


class EndlessReturn(Exception):
    """A programming error: the conversation keeps going back to the same question."""


@dataclass(frozen=True, slots=True)
class Played:
    """How a run ended. `asks`: the conversation waits for an answer, its state is to be kept."""

    asks: bool
    messages: list[Outbound]


def play(chat: Chat, entry: Conversation) -> Played:
    """Run a conversation once. What it wrote is kept when it ends, undone when it asks or stops."""
    for _ in range(RETURNS):
        try:
            entry.play(chat)
        except Suspended:
            chat.undo()
            return Played(asks=True, messages=chat.messages())
        except Stopped as stopped:
            chat.undo()
            chat.out.clear()
            chat.say(stopped.words)
            return _ended(chat)
        except Again as again:
            chat.undo()
            chat.state.forget_from(again.key)
            chat.out.clear()
            chat.preface = again.words
        else:
            chat.keep()
            return _ended(chat)
    raise EndlessReturn(entry.name)


def _ended(chat: Chat) -> Played:
    if chat.commands_changed:
        menu = command_list(audiences(chat), chat.language)
        if not chat.out:
            chat.out.append(Outbound(""))
        chat.out[-1].commands = menu
        chat.keep()  # closes the session that reading the roles opened
    return Played(asks=False, messages=chat.messages())
