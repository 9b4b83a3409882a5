"""A file with names leaves only with a second factor: `ask_for` begins it, /berkas ends it.

Who has a chat on another channel gets a one-time code there and types it where they asked. Who has none needs another
coordinator, who approves in /antrean; `/berkas 7` then fetches the file. What the files are stands in `FILES`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from handlers.kit.chat import Chat, Stopped
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText
from handlers.texts import Words, t
from handlers.wording import contact_words, tell_deciders
from models.contacts import second_contact
from models.file_requests import (
    APPROVAL_LASTS,
    CODE_LASTS,
    FileRequest,
    ask_for_approval,
    ask_with_code,
    fetch,
    may_ask,
    newest_open,
    prove,
    waits_for_colleague,
)
from models.grants import others_over


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A kind of file with names: what one of them is called, and how it is sent. Both take what tells it apart."""

    title: Callable[[str], Words]
    send: Callable[[Chat, str], None]


FILES: dict[str, NamedFile] = {}
"""Every kind by its word; `list:children` is the `children` of the kind `list`."""


def title_of(request: FileRequest) -> Words:
    """Return what a requested file is called."""
    kind, _, which = request.what.partition(":")
    return FILES[kind].title(which)


def ask_for(chat: Chat, what: str) -> None:
    """Ask for the second factor; the file follows when it has come."""
    person_id = chat.person_id or 0
    if not may_ask(chat.db, chat.now, person_id):
        raise Stopped(t.files.too_many())
    second = second_contact(chat.db, chat.now, person_id, chat.channel)
    if second is None:
        _ask_colleagues(chat, what)
        return
    request, code = ask_with_code(chat.db, chat.keys, chat.now, person_id, chat.contact_id, what)
    until = chat.now + CODE_LASTS
    chat.tell_chat(second, t.files.code(code=code, what=title_of(request), until=until), at_once=True)
    chat.say(t.files.code_sent(channel=second.channel.title(), until=until))
    chat.go_on("berkas", str(request.id))


def _ask_colleagues(chat: Chat, what: str) -> None:
    colleagues = others_over(chat.db, chat.scope, chat.person_id or 0, chat.now)
    if not colleagues:
        raise Stopped(t.files.nobody(contact=contact_words(chat.programme.contact)))
    request = ask_for_approval(chat.db, chat.now, chat.person_id or 0, chat.contact_id, what)
    name = chat.person.name if chat.person else "?"
    tell_deciders(chat, colleagues, t.files.asked(name=name, what=title_of(request)), f"b{request.id}")
    chat.say(
        t.files.colleague_asked(until=chat.now + APPROVAL_LASTS),
        buttons=[[(t.link.title(), "/hubungkan")], [(t.kit.menu(), "/menu")]],
    )


@conversation("berkas", "file", title=t.files.title(), who=Audience.COORDINATOR)
def named_file(chat: Chat) -> None:
    """Take the code, or fetch what a colleague has approved. Whatever is wrong is answered alike."""
    person_id = chat.person_id or 0
    request_id = _request_id(chat, person_id)
    if waits_for_colleague(chat.db, chat.now, request_id, person_id):
        raise Stopped(t.files.waiting())
    if (
        request := fetch(chat.db, chat.now, request_id, person_id=person_id, contact_id=chat.contact_id)
    ) is None:
        code = chat.ask("code", FreeText(t.files.enter(), most=20))
        request = prove(
            chat.db, chat.keys, chat.now, request_id, code, person_id=person_id, contact_id=chat.contact_id
        )
    if request is None:
        chat.say(t.files.refused())
        chat.go_on("berkas", str(request_id))
        return
    kind, _, which = request.what.partition(":")
    FILES[kind].send(chat, which)


def _request_id(chat: Chat, person_id: int) -> int:
    """Return which request is meant: the one named, else the newest of this chat."""
    if chat.argument.isascii() and chat.argument.isdigit() and len(chat.argument) <= 9:
        return int(chat.argument)
    newest = newest_open(chat.db, chat.now, person_id, chat.contact_id)
    if newest is None or newest.id is None:
        raise Stopped(t.files.none())
    return newest.id
