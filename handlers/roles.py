"""C9 /peran: who coordinates what until when; a code for another coordinator, and taking a role back.

Only the district's coordinators give and take. What they give waits for a second one of them (/antrean).
"""

from datetime import timedelta

from handlers.kit.chat import Buttons, Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.second_opinion import place_of
from handlers.texts import Plain, Words, join, t
from handlers.wording import contact_words
from models.errors import AlreadyDecided, LastOne
from models.grants import CODE_LIFETIME, WHOLE_DISTRICT, GrantState, invite, others_over
from models.roles import RoleOf, revoke_role, roles_now

GIVE, TAKE = "beri", "cabut"
EVERYWHERE = "*"
TERMS = {
    "90": t.role.three_months(),
    "180": t.role.six_months(),
    "365": t.role.a_year(),
}
"""How many days a role may last."""


@conversation("peran", "roles", title=t.role.roles(), who=Audience.COORDINATOR, menu=87)
def roles(chat: Chat) -> None:
    """Show the roles, give one (`/peran beri`), take one back (`/peran cabut`)."""
    word = chat.argument.casefold()
    if chat.scope.whole_district and word == GIVE:
        _give(chat)
    elif chat.scope.whole_district and word == TAKE:
        _take(chat)
    else:
        _show(chat)


def _show(chat: Chat) -> None:
    district = chat.scope.whole_district
    shown = [one for one in roles_now(chat.db, chat.now) if district or one.person.id == chat.person_id]
    lines = join([_line(chat, one) for one in shown])
    menu: Buttons = [[(t.kit.menu(), "/menu")]]
    if not district:
        chat.say(t.role.own(roles=lines), buttons=menu)
        return
    act: Buttons = [[(t.role.give(), f"/peran {GIVE}"), (t.role.take(), f"/peran {TAKE}")]]
    chat.say(t.role.all(roles=lines), buttons=[*act, *menu])


def _line(chat: Chat, one: RoleOf) -> Words:
    line = t.role.line_waiting if one.grant.state is GrantState.WAITING else t.role.line
    return line(name=one.person.name, area=place_of(chat.context, one.grant), until=one.grant.expires_at)


def _give(chat: Chat) -> None:
    by = chat.person_id or 0
    if not others_over(chat.db, WHOLE_DISTRICT, by, chat.now):
        raise Stopped(t.role.alone(contact=contact_words(chat.programme.contact)))
    areas = [Option(area.name, Plain(area.name)) for area in chat.programme.areas]
    district = Option(EVERYWHERE, t.role.everywhere())
    area = chat.ask("area", Choice(t.role.which_area(), [district, *areas]))
    days = chat.ask("days", Choice(t.role.how_long(), [Option(*one) for one in TERMS.items()]))
    named = None if area == EVERYWHERE else area
    code = invite(chat.db, chat.keys, chat.now, area=named, role_lasts=timedelta(days=int(days)), by=by)
    links = [Plain(link) for link in chat.context.links(code)]
    chat.say(
        t.role.code(
            code=code,
            until=chat.now + CODE_LIFETIME,
            doors=t.link.doors(links=join(links)) if links else "",
        ),
        buttons=[[(t.kit.menu(), "/menu")]],
    )


def _take(chat: Chat) -> None:
    held = {str(one.grant.id): one for one in roles_now(chat.db, chat.now)}
    lines = join([_line(chat, one) for one in held.values()])
    options = [
        Option(code, t.role.label(name=one.person.name, area=_short(one))) for code, one in held.items()
    ]
    which = Choice(t.role.which_role(roles=lines), options)
    one = held[chat.pick("role", which, none=t.queue.gone())]
    place = place_of(chat.context, one.grant)
    chat.confirm(t.role.sure(name=one.person.name, area=place), yes=t.role.take_yes())
    try:
        revoke_role(chat.db, chat.now, one.grant.id or 0, by=chat.person_id or 0)
    except LastOne:
        raise Stopped(t.role.last_one()) from None
    except AlreadyDecided:
        raise Stopped(t.queue.gone()) from None
    _tell_taken(chat, one, place)
    chat.refresh_commands()
    chat.say(t.role.taken(name=one.person.name, area=place), buttons=[[(t.kit.menu(), "/menu")]])


def _short(one: RoleOf) -> Words:
    return Plain(one.grant.area) if one.grant.area else t.role.everywhere()


def _tell_taken(chat: Chat, one: RoleOf, place: Words) -> None:
    """Tell whose role it was, and the others of the district: a role is not taken back unseen."""
    by = chat.person
    chat.tell(one.grant.person_id, t.role.told_taken(area=place), answers=True)
    for person_id in others_over(chat.db, WHOLE_DISTRICT, chat.person_id or 0, chat.now):
        if person_id != one.grant.person_id:
            chat.tell(
                person_id,
                t.role.told_others(name=one.person.name, area=place, by=by.name if by else "?"),
            )
