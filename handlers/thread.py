"""K4: a family's question to the coordinators of its area, answered in the same chat.

`/tanya` asks (and asks on), `/jawab 7` answers, `/tutup 7` closes; replying to the message in the chat does the first
two as well (`handlers.router`).
"""

from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText
from handlers.texts import Plain, Words, join, t
from handlers.wording import contact_words, tell_area
from models.alerts import Alert, AlertKind, alert_in_scope, area_of, close_alert, open_alerts, take_alert
from models.children import Child
from models.errors import AlreadyDecided
from models.families import family_children
from models.people import Person
from models.threads import ask_coordinator, last_asked_at, say_in_thread, thread_messages
from models.visible import visible

LONGEST = 1000
"""Characters of a question or an answer."""

SHOWN = 6
"""So many of a thread's newest messages are shown to whoever answers."""


@conversation("tanya", "ask", title=t.thread.title(), who=Audience.FAMILY, menu=42)
def ask(chat: Chat) -> None:
    """A question, or one more message in the one that is open."""
    words = visible(chat.argument).strip() or chat.ask(
        "words", FreeText(t.thread.ask(), least=3, most=LONGEST)
    )
    child = next(iter(family_children(chat.db, chat.person_id or 0)), None)
    thread, opened = ask_coordinator(chat.db, chat.now, chat.person_id or 0, child, words[:LONGEST])
    news = t.thread.news if opened else t.thread.news_more
    told = tell_area(
        chat,
        area_of(chat.db, thread),
        news(code=_code(chat, thread), words=words[:LONGEST]),
        buttons=[[(t.thread.answer(), f"/jawab {thread.id}"), (t.thread.close(), f"/tutup {thread.id}")]],
        about=f"alert:{thread.id}",
    )
    sent = t.thread.sent() if told else t.thread.nobody(contact=contact_words(chat.programme.contact))
    chat.say(sent, buttons=[[(t.kit.menu(), "/menu")]])


@conversation("jawab", "answer", title=t.thread.answer_title(), who=Audience.COORDINATOR, menu=55)
def answer(chat: Chat) -> None:
    """Answer a family's question: `/jawab`, `/jawab 7`, or `/jawab 7 words`."""
    number, _, words = visible(chat.argument).strip().partition(" ")
    thread = _thread(chat, number or chat.ask("thread", Choice(t.thread.which(), lambda: _open(chat))))
    if not words:
        words = chat.ask("words", FreeText(_so_far(chat, thread), least=2, most=LONGEST))
    _take(chat, thread)
    say_in_thread(chat.db, chat.now, thread, chat.person_id or 0, words[:LONGEST])
    reached = _wants_answers(chat, thread)
    if reached and thread.person_id is not None:
        chat.tell(
            thread.person_id,
            t.thread.answered(words=words[:LONGEST]),
            buttons=[[(t.thread.ask_on(), "/tanya")]],
            about=f"alert:{thread.id}",
            answers=True,
        )
    done = t.thread.answer_sent() if reached else t.thread.has_stopped()
    chat.say(done, buttons=[[(t.thread.close(), f"/tutup {thread.id}")], [(t.kit.menu(), "/menu")]])


@conversation("tutup", "close", title=t.thread.close_title(), who=Audience.COORDINATOR)
def close(chat: Chat) -> None:
    """Close a question: `/tutup 7`. The family may always ask anew."""
    thread = _thread(chat, chat.argument or chat.ask("thread", Choice(t.thread.which(), lambda: _open(chat))))
    try:
        close_alert(chat.db, chat.now, thread, by=chat.person_id)
    except AlreadyDecided:
        raise Stopped(t.thread.gone()) from None
    chat.say(t.thread.closed(code=_code(chat, thread)), buttons=[[(t.kit.menu(), "/menu")]])


def _take(chat: Chat, thread: Alert) -> None:
    """Take it in hand; from a colleague who answers in this moment too, since both answers are welcome."""
    try:
        take_alert(chat.db, chat.now, thread, by=chat.person_id or 0)
    except AlreadyDecided:
        if thread.closed_at is not None:
            raise Stopped(t.thread.gone()) from None
        take_alert(chat.db, chat.now, thread, by=chat.person_id or 0)


def _thread(chat: Chat, number: str) -> Alert:
    found = (
        alert_in_scope(chat.db, chat.scope, int(number)) if number.isdecimal() and len(number) < 10 else None
    )
    if found is None or found.kind is not AlertKind.QUESTION or found.closed_at is not None:
        raise Stopped(t.thread.gone())
    return found


def _open(chat: Chat) -> list[Option]:
    threads = open_alerts(chat.db, chat.scope, AlertKind.QUESTION)
    if not threads:
        raise Stopped(t.thread.none_open())
    return [Option(str(one.id), t.thread.option(code=_code(chat, one), at=one.opened_at)) for one in threads]


def _so_far(chat: Chat, thread: Alert) -> Words:
    """The newest messages of a thread, and the question for an answer."""
    lines = []
    for message in list(thread_messages(chat.db, thread.id or 0))[-SHOWN:]:
        who = chat.db.get(Person, message.by_id)
        by = t.thread.family() if message.by_id == thread.person_id else Plain(who.name if who else "-")
        lines.append(t.thread.line(who=by, words=message.words[:300], at=message.at))
    return t.thread.your_answer(code=_code(chat, thread), lines=join(lines))


def _code(chat: Chat, thread: Alert) -> str:
    child = chat.db.get(Child, thread.child_id) if thread.child_id else None
    return child.code if child else "-"


def _wants_answers(chat: Chat, thread: Alert) -> bool:
    """Whether the family may be written to: who said `/stop` after asking wants quiet, not the answer."""
    person = chat.db.get(Person, thread.person_id) if thread.person_id else None
    if person is None or person.messages_off_at is None:
        return person is not None
    asked_at = last_asked_at(chat.db, thread)
    return asked_at is not None and asked_at >= person.messages_off_at
