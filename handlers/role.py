"""Redeems a one-time code: a coordinator's role (`genting grant`), whatever else somebody was invited to, or the code
that links two chats of one person (`/hubungkan`).

The code of somebody's invitation to give (`/ajak`) comes the same way, and gives nothing: its guest is greeted.
"""

from handlers.family import join
from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.conversation import conversation
from handlers.kit.inputs import FreeText
from handlers.leader import lead
from handlers.link import link_found, link_here
from handlers.newcomer import ask_name, person_named
from handlers.recommend import welcome_guest
from handlers.second_opinion import place_of
from handlers.texts import t
from handlers.visitor import visit_for
from handlers.wording import tell_deciders
from models.errors import CodeRefused
from models.grants import (
    GrantState,
    approvers_of,
    may_guess,
    note_wrong_code,
    open_invitation,
    redeem,
)
from models.recommendations import recommended_by


@conversation("kode", "code", title=t.role.title())
def code(chat: Chat) -> None:
    """Take a code, from the deep link or typed, and the name of somebody who is new."""
    if not may_guess(chat.db, chat.now, chat.contact_id):
        raise Stopped(t.role.too_many())
    given = chat.argument or chat.ask("code", FreeText(t.role.enter(), most=20, parse=_bare))
    if linking := link_found(chat, given):
        link_here(chat, linking)
        return
    invitation = open_invitation(chat.db, chat.keys, chat.now, given)
    if invitation is None and (by := recommended_by(chat.db, given)) is not None:
        welcome_guest(chat, by)
    elif invitation is None:
        note_wrong_code(chat.db, chat.now, chat.contact_id)
        chat.say(t.role.refused())
        chat.go_on("kode", "")  # what is typed next is the code once more, as long as guesses are left
    elif invitation.guardian_id is not None:
        join(chat, given, invitation.guardian_id)
    elif invitation.joint_id is not None:
        lead(chat, given, invitation.joint_id)
    elif invitation.pledge_id is not None:
        visit_for(chat, given, invitation.pledge_id)
    else:
        _take_role(chat, given)


def _bare(typed: str) -> str:
    """Return a code without the command word before it."""
    word, _, rest = typed.partition(" ")
    return rest if rest and word.casefold().removeprefix("/") in {"kode", "code"} else typed


def _take_role(chat: Chat, given: str) -> None:
    person = person_named(chat, ask_name(chat, t.role.your_name()))
    try:
        grant = redeem(chat.db, chat.keys, chat.now, person.id or 0, given)
    except CodeRefused:
        raise Again("code", t.role.refused()) from None
    menu = [[(t.kit.menu(), "/menu")]]
    area = place_of(chat.context, grant)
    if grant.state is GrantState.ACTIVE:
        chat.refresh_commands()
        chat.say(t.role.granted(area=area, until=grant.expires_at), buttons=menu)
        return
    asked = t.role.asked(name=person.name, area=area)
    tell_deciders(chat, approvers_of(chat.db, grant, chat.now), asked, f"r{grant.id}")
    chat.say(t.role.waits(area=area), buttons=menu)
