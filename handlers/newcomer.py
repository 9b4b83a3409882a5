"""Somebody who comes with a code and whom the programme may not know yet: a name is asked, then a person is written."""

from handlers.kit.chat import Chat
from handlers.kit.inputs import FreeText
from handlers.texts import Words
from models.contacts import belongs_to
from models.people import Person


def ask_name(chat: Chat, words: Words) -> str:
    """Ask for the name of whom this chat belongs to; nothing is asked of somebody known."""
    return chat.person.name if chat.person else chat.ask("name", FreeText(words, least=3, most=80))


def person_named(chat: Chat, name: str) -> Person:
    """Return the person of this chat, entering a newcomer by that name."""
    person = chat.person
    if person is None:
        person = Person(name=name, created_at=chat.now)
        chat.db.add(person)
        chat.db.flush()
        belongs_to(chat.db, chat.contact_id, person)
        chat.person_id = person.id
    return person
