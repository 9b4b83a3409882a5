"""Start, menu and help: where everybody begins and comes back to."""

from handlers.kit.chat import Buttons, Chat
from handlers.kit.conversation import COMMANDS, Audience, audiences, conversation, offered
from handlers.texts import Words, join, t
from handlers.unasked import is_greeting, unasked
from handlers.wording import contact_words
from models.grants import WHOLE_DISTRICT
from models.statistics import coverage


@conversation("start", title=t.menu.start_title())
def start(chat: Chat) -> None:
    """Welcome; also where words end up that nobody asked for (argument `?`, then the words)."""
    asked, _, words = chat.argument.partition(" ")
    nobody_asked = asked == "?"
    if nobody_asked and unasked(chat, words):
        return
    chat.refresh_commands()
    if nobody_asked and not is_greeting(words):
        chat.say(t.menu.not_understood(), buttons=_buttons(chat))
        return
    person = chat.person
    if person is not None and person.messages_off_at is not None:
        chat.say(t.stop.is_off(), buttons=[[(t.stop.again(), "/mulai")]])
    chat.say(_welcome(chat), buttons=_buttons(chat))


def _welcome(chat: Chat) -> Words:
    """Greet with how far the programme has come, once there is a list of children."""
    district = chat.programme.district.name
    total = coverage(chat.db, chat.programme, chat.today, WHOLE_DISTRICT).total
    if not total.children:
        return t.menu.welcome_before_the_list(district=district)
    return t.menu.welcome(
        district=district,
        supported=total.fully_supported,
        children=total.children,
        monthly=chat.programme.monthly_idr(chat.month),
    )


@conversation("menu", title=t.menu.title())
def menu(chat: Chat) -> None:
    """What this person can do, as buttons."""
    if chat.argument == "!cancelled":
        chat.say(t.kit.cancelled(), buttons=[[(t.kit.menu(), "/menu")]])
        return
    chat.say(t.menu.menu(), buttons=_buttons(chat))


@conversation("bantuan", "help", title=t.menu.help_title(), menu=99)
def help_(chat: Chat) -> None:
    """Every command of this person, and whom to call."""
    lines = [t.menu.help_line(command=entry.command, title=entry.title) for entry in offered(audiences(chat))]
    chat.say(
        t.menu.help(
            commands=join(lines), contact=t.menu.contact(contact=contact_words(chat.programme.contact))
        ),
        buttons=[[(t.kit.menu(), "/menu")]],
    )


def _buttons(chat: Chat) -> Buttons:
    """Return the menu; whoever is nobody yet may have come with a code."""
    mine = audiences(chat)
    entries = offered(mine)
    if mine == {Audience.EVERYONE}:
        entries.insert(1, COMMANDS["kode"])
    return [[(entry.title, entry.command)] for entry in entries]
