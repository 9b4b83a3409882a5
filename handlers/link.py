"""Several chats of one person: a one-time code made in one of them and typed in the other."""

from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import conversation
from handlers.texts import Plain, Words, join, t
from handlers.wording import contact_words
from models.codes import LINK_LASTS, CodePurpose, OneTimeCode, link_code, open_code, use
from models.contacts import linked, prefer
from models.people import Person

HERE, BEFORE = "here", "before"


@conversation("hubungkan", "link", title=t.link.title(), menu=85)
def link(chat: Chat) -> None:
    """Make a code that the person sends from their other chat."""
    if chat.person_id is None:
        raise Stopped(t.link.not_known())
    code = link_code(chat.db, chat.keys, chat.now, chat.person_id)
    chat.say(
        t.link.code(code=code, until=chat.now + LINK_LASTS, doors=_doors(chat, code)),
        buttons=[[(t.kit.menu(), "/menu")]],
    )


def _doors(chat: Chat, code: str) -> Words | str:
    """Write the links that send the code, one a platform."""
    links = [Plain(link) for link in chat.context.links(code)]
    return t.link.doors(links=join(links)) if links else ""


def link_found(chat: Chat, given: str) -> OneTimeCode | None:
    """Return the code that links chats, if what was given is one."""
    return open_code(chat.db, chat.keys, chat.now, given, CodePurpose.LINK)


def link_here(chat: Chat, code: OneTimeCode) -> None:
    """Tie this chat to the code's person, and ask where they want to be told things."""
    person = chat.db.get_one(Person, code.person_id or 0)
    if chat.person_id == person.id:
        raise Stopped(t.link.linked_already())
    if chat.person_id is not None:
        raise Stopped(t.link.somebody_else(contact=contact_words(chat.programme.contact)))
    options = [Option(HERE, t.link.here_yes()), Option(BEFORE, t.link.here_no())]
    where = chat.ask("where", Choice(t.link.here(), options, columns=2))
    use(chat.db, chat.now, code)
    chat.tell(code.person_id or 0, t.link.told(office=chat.programme.contact.office), answers=True)
    linked(chat.db, chat.now, chat.contact_id, person)
    chat.person_id = person.id
    if where == HERE:
        prefer(chat.db, chat.now, chat.contact_id)
    chat.refresh_commands()
    chat.say(t.link.linked(name=person.name))
    chat.say(t.link.moved() if where == HERE else t.link.kept(), buttons=[[(t.kit.menu(), "/menu")]])
