"""Bahasa Indonesia or English, per chat."""

from handlers.kit.chat import Chat
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import conversation
from handlers.texts import t
from models.contacts import speak


@conversation("bahasa", "language", title=t.language.title(), menu=90)
def language(chat: Chat) -> None:
    """Choose the language of this chat."""
    languages = [Option("id", t.language.indonesian()), Option("en", t.language.english())]
    chosen = chat.ask("language", Choice(t.language.which(), languages, columns=2))
    speak(chat.db, chat.contact_id, chosen)
    chat.language = chosen
    chat.refresh_commands()
    chat.say(
        t.language.changed_en() if chosen == "en" else t.language.changed_id(),
        buttons=[[(t.kit.menu(), "/menu")]],
    )
