"""What a coordinator sees before a broadcast leaves: how it will be read on each channel, by how many, at what cost."""

from collections.abc import Iterator, Mapping

from handlers.kit.chat import Chat
from handlers.kit.messages import FREE_CATEGORY, NEWS, NEWS_CATEGORY, Face
from handlers.texts import Plain, Words, join, t
from models.audience import Headcount


def as_read(chat: Chat, words: str) -> Words:
    """Return a broadcast as it is read."""
    return t.siaran.message(district=chat.programme.district.name, words=Plain(words))


def channels_of(chat: Chat, found: Headcount) -> Iterator[tuple[str, Words, int]]:
    """Yield the channels of an audience: code, name, how many people."""
    for name, on_channel in found.channels.items():
        yield name, Plain(_face(chat, name).title), on_channel.people


def preview(chat: Chat, found: Headcount, words: str) -> Words:
    """Show a broadcast as it will look, and say how many it reaches, what it costs, whom it leaves out."""
    asleep = chat.programme.next_waking_hour(chat.now)
    return t.siaran.preview(
        message=as_read(chat, words),
        knocks=join([_knock(chat, name, n.closed) for name, n in found.channels.items() if n.closed]),
        people=found.told,
        channels=join([t.siaran.channel(name=n, people=p) for _, n, p in channels_of(chat, found)], ", "),
        cost=t.siaran.cost(
            cost=cost_words(chat, {NEWS_CATEGORY: found.knocked, FREE_CATEGORY: found.charged})
        ),
        passed=t.siaran.passed(people=found.passed_over) if found.passed_over else "",
        elsewhere=t.siaran.elsewhere(people=found.elsewhere) if found.elsewhere else "",
        left=t.siaran.left(people=found.left_out) if found.left_out else "",
        when=t.siaran.later(at=asleep) if asleep != chat.now else "",
    )


def cost_words(chat: Chat, messages: Mapping[str, int]) -> Words:
    """Say what so many messages of each category cost."""
    if not any(messages.values()):
        return t.siaran.cost_nothing()
    cost = chat.programme.messages_cost_idr(messages)
    return t.siaran.cost_unknown() if cost is None else t.siaran.cost_at_most(amount=cost)


def _knock(chat: Chat, channel: str, people: int) -> Words:
    """Show what is read first where free text may not be sent now."""
    face, district = _face(chat, channel), chat.programme.district.name
    if face.template is None:
        return t.siaran.knocked(name=Plain(face.title), people=people)
    words, button = face.template(NEWS, [district], chat.language)
    return t.siaran.knocked_by(
        name=Plain(face.title), people=people, words=Plain(words), button=Plain(button)
    )


def _face(chat: Chat, channel: str) -> Face:
    return chat.context.faces.get(channel, Face(channel.title()))
