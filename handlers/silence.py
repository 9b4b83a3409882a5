"""K6 /hening: a child has died or moved, or its family asks for silence. One careful step for the coordinator."""

from handlers.family import named_child
from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText
from handlers.texts import Plain, Words, t
from models.children import Child
from models.errors import AlreadyDecided
from models.silence import SilenceReason, Stops, silence, what_stops

REASONS = {
    SilenceReason.DIED: t.silence.died(),
    SilenceReason.MOVED: t.silence.moved(),
    SilenceReason.ASKED: t.silence.asked(),
}

SEND, NO_MESSAGE = "send", "none"


@conversation("hening", "silence", title=t.silence.title(), who=Audience.COORDINATOR, menu=70)
def hush(chat: Chat) -> None:
    """Code, what happened, what the foster parents are told, what will stop, confirm."""
    given = chat.argument or chat.ask("child", FreeText(t.silence.which_child(), most=20))
    child = named_child(chat, given)
    if child.silent_since is not None:
        raise Stopped(t.silence.already(code=child.code, since=child.silent_since))
    options = [Option(reason, label) for reason, label in REASONS.items()]
    why = SilenceReason(chat.ask("why", Choice(t.silence.what_happened(code=child.code), options)))
    stops = what_stops(chat.db, child)
    message = _message(chat, child, why, stops)
    chat.confirm(_summary(child, why, stops, message), yes=t.silence.yes(), no=t.silence.no())
    _hush(chat, child, why, message)


def _message(chat: Chat, child: Child, why: SilenceReason, stops: Stops) -> Words | None:
    """Ask what the foster parents are told: the proposed words, the coordinator's own, or nothing."""
    if not stops.supporters:
        return None
    proposed = _proposed(child, why)
    asked = t.silence.message(count=len(stops.supporters), proposed=proposed)
    options = [Option(SEND, t.silence.send_proposed()), Option(NO_MESSAGE, t.silence.send_nothing())]
    given = chat.ask("message", Choice(asked, options, other=FreeText(asked, least=10, most=600)))
    if given == NO_MESSAGE:
        return None
    return proposed if given == SEND else Plain(given)


def _proposed(child: Child, why: SilenceReason) -> Words:
    match why:
        case SilenceReason.DIED:
            return t.silence.told_died(code=child.code)
        case SilenceReason.MOVED:
            return t.silence.told_moved(code=child.code)
    return t.silence.told_asked(code=child.code)


def _summary(child: Child, why: SilenceReason, stops: Stops, message: Words | None) -> Words:
    return t.silence.summary(
        code=child.code,
        why=REASONS[why],
        pledges=stops.pledges,
        payouts=stops.payouts,
        message=message if message is not None else t.silence.no_message(),
    )


def _hush(chat: Chat, child: Child, why: SilenceReason, message: Words | None) -> None:
    try:
        stopped = silence(chat.db, chat.programme, chat.now, child.id or 0, why, by=chat.person_id or 0)
    except AlreadyDecided:
        raise Stopped(t.silence.already(code=child.code, since=chat.now)) from None
    if message is not None:
        for person_id in stopped.supporters:
            chat.tell(person_id, message, about=f"child:{child.id}", approved=True)
    chat.say(t.silence.done(code=child.code), buttons=[[(t.kit.menu(), "/menu")]])
