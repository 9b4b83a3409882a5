"""C7 /siaran: a text to a chosen audience: whom, the words, a preview with its cost, a yes; then progress and a stop.

`/siaran 12` says how one went, `/siaran berhenti 12` stops it. Its progress is shown by `jobs.broadcasting`.
"""

from handlers.broadcast_preview import as_read, channels_of, cost_words, preview
from handlers.inbox import sealed
from handlers.kit.chat import Again, Buttons, Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText
from handlers.kit.messages import NEWS, NEWS_CATEGORY, Outbound
from handlers.texts import Plain, Words, join, render, t
from models.audience import SITUATIONS, Aim, Group, Headcount, Situation, headcount
from models.broadcasts import (
    Broadcast,
    Progress,
    broadcast_of,
    not_reached,
    progress_of,
    send_broadcast,
    stop_broadcast,
)
from models.contacts import Contact
from models.errors import NotEntitled
from models.organisations import OrganisationKind, organisations_of

STOP = "berhenti"
EVERYWHERE, EVERY_OFFICE, EVERY_CHANNEL = "*", "*", "*"
KNOCK, PASS_OVER = "knock", "pass"
LONGEST = 1_500
SHOWN = 10
LANGUAGES = ("id", "en")

GROUPS = {
    Group.GIVERS: t.siaran.givers(),
    Group.FAMILIES: t.siaran.families(),
    Group.COORDINATORS: t.siaran.coordinators(),
}
SITUATION_LABELS = {
    Situation.ALL: t.siaran.all(),
    Situation.LATE: t.siaran.late(),
    Situation.UNVISITED: t.siaran.unvisited(),
    Situation.IDLE: t.siaran.idle(),
}


@conversation("siaran", "broadcast", title=t.siaran.title(), who=Audience.COORDINATOR, menu=85)
def broadcast(chat: Chat) -> None:
    """Whom, what, how it will look and for how many, and a yes."""
    word, _, number = chat.argument.rpartition(" ")
    if number.isascii() and number.isdigit():
        _look_at(chat, int(number), stop=word == STOP)
        return
    found = _by_channel(chat, headcount(chat.db, chat.programme, chat.now, _aim(chat)))
    words = chat.ask("words", FreeText(t.siaran.words(people=found.told), least=5, most=LONGEST, lines=True))
    chat.confirm(preview(chat, found, words), yes=t.siaran.send(people=found.told))
    _send(chat, found.aim, words)


def progress_words(broadcast: Broadcast, progress: Progress) -> tuple[Words, Buttons]:
    """Say how far a broadcast has come, with the button that stops it; at its end how it went."""
    if progress.waiting and broadcast.stopped_at is None:
        words = t.siaran.progress(
            done=broadcast.people - progress.waiting, people=broadcast.people, failed=progress.failed
        )
        return words, [[stop_button(broadcast)]]
    held = t.siaran.held(held=progress.held) if progress.held else ""
    result = t.siaran.stopped if broadcast.stopped_at is not None else t.siaran.result
    words = result(
        sent=progress.sent,
        people=broadcast.people,
        failed=progress.failed,
        back=progress.taken_back,
        held=held,
    )
    who = [[(t.siaran.who_not(), f"/siaran {broadcast.id}")]] if progress.failed else []
    return words, [*who, [(t.kit.menu(), "/menu")]]


def stop_button(broadcast: Broadcast) -> tuple[Words, str]:
    """Return the button that stops a broadcast."""
    return t.siaran.stop(), f"/siaran {STOP} {broadcast.id}"


# -- asking ---------------------------------------------------------------------------------------------------------


def _aim(chat: Chat) -> Aim:
    """Ask for the audience; a kecamatan's coordinator never reaches beyond it."""
    scope = chat.scope
    groups = [Group.GIVERS, Group.FAMILIES, *([Group.COORDINATORS] if scope.whole_district else [])]
    group = Group(chat.ask("group", Choice(t.siaran.group(), [Option(g, GROUPS[g]) for g in groups])))
    areas = scope.areas
    inside = [area.name for area in chat.programme.areas if scope.covers(area.name)]
    if len(inside) > 1:
        options = [Option(EVERYWHERE, t.siaran.everywhere()), *(Option(name, Plain(name)) for name in inside)]
        chosen = chat.ask("area", Choice(t.siaran.area(), options))
        areas = areas if chosen == EVERYWHERE else frozenset({chosen})
    office = _office(chat) if group is Group.GIVERS and scope.whole_district else None
    situations = SITUATIONS[group]
    if len(situations) == 1:
        return Aim(group, areas, office)
    labels = [Option(s, _label(group, s)) for s in situations]
    return Aim(group, areas, office, Situation(chat.ask("situation", Choice(t.siaran.situation(), labels))))


def _label(group: Group, situation: Situation) -> Words:
    if group is Group.FAMILIES and situation is Situation.LATE:
        return t.siaran.late_check_in()
    return SITUATION_LABELS[situation]


def _office(chat: Chat) -> int | None:
    def offices() -> list[Option]:
        found = organisations_of(chat.db, OrganisationKind.OPD)
        every = Option(EVERY_OFFICE, t.siaran.every_office())
        return [every, *(Option(str(office.id), Plain(office.name)) for office in found)]

    chosen = chat.ask("office", Choice(t.siaran.office(), offices))
    return None if chosen == EVERY_OFFICE else int(chosen)


def _send(chat: Chat, aim: Aim, words: str) -> None:
    said = as_read(chat, words)
    template = (NEWS, [chat.programme.district.name])
    bodies = {
        language: sealed(chat.context, Outbound(render(said, language), template=template))
        for language in LANGUAGES
    }
    broadcast = send_broadcast(
        chat.db,
        chat.programme,
        chat.now,
        aim,
        words=words,
        bodies=bodies,
        by=chat.person_id or 0,
        contact_id=chat.contact_id,
    )
    here = chat.db.get_one(Contact, chat.contact_id)
    if here.free_until_ms is None:
        chat.say(t.siaran.begun())
        return
    # Where each message costs and none can be edited, only the end is told: the stop stands here.
    chat.say(t.siaran.begun_quietly(), buttons=[[stop_button(broadcast)]])


def _by_channel(chat: Chat, found: Headcount) -> Headcount:
    """Ask for the channel where there are several, and what becomes of those to whom no free text may go now."""
    if not found.told:
        raise Again("group", t.siaran.nobody(people=found.people))
    if len(found.everywhere) > 1:
        every = Option(EVERY_CHANNEL, t.siaran.every_channel(people=found.told))
        options = [
            Option(name, t.siaran.channel(name=n, people=p)) for name, n, p in channels_of(chat, found)
        ]
        chosen = chat.ask("channel", Choice(t.siaran.by_channel(), [every, *options]))
        found = found.aimed(channel=None if chosen == EVERY_CHANNEL else chosen)
    if found.closed:
        options = [Option(KNOCK, t.siaran.knock()), Option(PASS_OVER, t.siaran.pass_over())]
        ask = t.siaran.closed(people=found.closed, cost=cost_words(chat, {NEWS_CATEGORY: found.closed}))
        found = found.aimed(knock=chat.ask("closed", Choice(ask, options)) == KNOCK)
        if not found.told:
            raise Again("closed", t.siaran.nobody_open())
    return found


# -- looking at one, stopping it ------------------------------------------------------------------------------------


def _look_at(chat: Chat, broadcast_id: int, *, stop: bool) -> None:
    try:
        one = broadcast_of(chat.db, broadcast_id, by=chat.person_id or 0, scope=chat.scope)
    except NotEntitled:
        raise Stopped(t.siaran.unknown()) from None
    if stop and one.ended_at is None:
        back = stop_broadcast(chat.db, chat.now, one, by=chat.person_id or 0)
        chat.say(t.siaran.stopping(back=back))
        return
    words, buttons = progress_words(one, progress_of(chat.db, one))
    missed = not_reached(chat.db, one, SHOWN)
    lines: list[Words] = [
        t.siaran.missed(name=person.name, phone=person.phone or "-") for person, _ in missed
    ]
    if lines:
        words, buttons = join([words, t.siaran.missed_title(), *lines]), [[(t.kit.menu(), "/menu")]]
    chat.say(words, buttons=buttons)
