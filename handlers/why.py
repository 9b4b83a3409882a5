"""Why: one of the usual reasons, or what somebody types; passed on and kept as it was said."""

from collections.abc import Mapping

from handlers.kit.chat import Chat
from handlers.kit.choices import Choice, Option
from handlers.kit.inputs import FreeText
from handlers.texts import Plain, Text, Words, plain, render


def ask_why(chat: Chat, key: str, question: Words, usual: Mapping[str, Text]) -> Words:
    """Ask for a reason; `usual` are those to tap."""
    options = [Option(name, words) for name, words in usual.items()]
    answer = chat.ask(key, Choice(question, options, other=FreeText(question, least=3, most=200)))
    return usual.get(answer, Plain(answer))


def kept(reason: Words | None) -> str:
    """Return a reason as it is kept: as it was typed, without marks for how it is shown."""
    return plain(render(reason, "id")) if reason else ""
