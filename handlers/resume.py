"""Offers what a command interrupted."""

from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import CONVERSATIONS, conversation
from handlers.router import RESUME, Resume
from handlers.texts import t


@conversation(RESUME, "resume", title=t.resume.title())
def resume(chat: Chat) -> None:
    """Go on with the paused conversation, or drop it."""
    paused = chat.state.paused
    entry = CONVERSATIONS.get(paused.conversation) if paused else None
    if entry is None:
        raise Stopped(t.kit.nothing_to_cancel())
    choices = [Option("yes", t.resume.go_on()), Option("no", t.resume.drop())]
    if chat.ask("resume", Choice(t.resume.offer(what=entry.title), choices, columns=2)) == "yes":
        raise Resume
    raise Stopped(t.resume.dropped())
