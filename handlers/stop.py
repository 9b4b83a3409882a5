"""K5 /stop and /mulai: be told nothing unasked, and again."""

from handlers.kit.chat import Chat
from handlers.kit.conversation import conversation
from handlers.menu import start
from handlers.texts import t
from models.quiet import start_messages, stop_messages


@conversation("stop", title=t.stop.title(), menu=85)
def stop(chat: Chat) -> None:
    """Start nothing with this person any more; what waits is taken back."""
    person = chat.person
    if person is None or person.id is None:
        chat.say(t.stop.nothing(), buttons=[[(t.kit.menu(), "/menu")]])
        return
    stop_messages(chat.db, chat.now, person.id)
    chat.say(t.stop.stopped(), buttons=[[(t.stop.again(), "/mulai")]])


@conversation("mulai", title=t.stop.again())
def begin(chat: Chat) -> None:
    """Opt in again, and say so; for everybody else it is where one begins."""
    person = chat.person
    if person is None or person.id is None or person.messages_off_at is None:
        start(chat)
        return
    start_messages(chat.db, chat.now, person.id)
    chat.say(t.stop.started(), buttons=[[(t.kit.menu(), "/menu")]])
