"""F8 /pendamping: a colleague visits in the place of who gives; named for one child, by a one-time code."""

from handlers.adopt import charter
from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.newcomer import ask_name, person_named
from handlers.texts import Plain, join, t
from handlers.wording import tell_deciders
from models.children import Child
from models.consents import ConsentKind, give_consent
from models.errors import AlreadyDecided, CodeRefused
from models.grants import coordinators_of, invite_visitor, spend_invitation
from models.joint import name_visitor
from models.people import Person
from models.pledges import Pledge, PledgeState, pledges_of
from models.visitors import is_verified


@conversation("pendamping", "visitor", title=t.institution.visitor_title(), who=Audience.FOSTER_PARENT)
def invite_to_visit(chat: Chat) -> None:
    """Choose the child, get the words to forward."""
    mine = {
        child.code: promised
        for promised, child in pledges_of(chat.db, chat.person_id or 0, chat.now)
        if promised.state is PledgeState.ACTIVE
    }
    if not mine:
        raise Stopped(t.institution.visitor_nobody())
    code = chat.argument.upper()
    if code not in mine:
        options = [Option(one, Plain(one)) for one in mine]
        code = chat.ask("child", Choice(t.institution.visitor_which(), options, columns=2))
    if code not in mine:
        raise Stopped(t.institution.visitor_nobody())
    invited = invite_visitor(chat.db, chat.keys, chat.now, mine[code].id or 0, by=chat.person_id or 0)
    chat.say(t.institution.visitor_invited(code=code), buttons=[[(t.kit.menu(), "/menu")]])
    links = [Plain(link) for link in chat.context.links(invited)]
    chat.say(
        t.institution.visitor_invitation(
            district=chat.programme.district.name, child=code, code=invited, links=join(links)
        ),
        to_pass_on=True,
    )


def visit_for(chat: Chat, code: str, pledge_id: int) -> None:
    """Take a visitor's code: the name of a newcomer, the charter, then the visits are theirs."""
    promised = chat.db.get_one(Pledge, pledge_id)
    if promised.foster_parent_id == chat.person_id:
        raise Stopped(t.institution.visitor_yourself())
    child = chat.db.get_one(Child, promised.child_id)
    name = ask_name(chat, t.institution.visitor_name(code=child.code))
    charter(chat)
    person = person_named(chat, name)
    try:
        invitation = spend_invitation(chat.db, chat.keys, chat.now, code)
        name_visitor(chat.db, chat.now, pledge_id, visitor_id=person.id or 0)
    except (CodeRefused, AlreadyDecided):
        raise Again("code", t.role.refused()) from None
    invitation.redeemed_by = person.id
    give_consent(chat.db, chat.now, person.id or 0, ConsentKind.CHILD_PROTECTION, promised.subject)
    chat.refresh_commands()
    known = chat.scope.anything or is_verified(chat.db, person.id or 0)
    welcome = t.institution.visitor_welcome if known else t.institution.visitor_welcome_waits
    chat.say(
        welcome(code=child.code),
        buttons=[[(t.visit.title(), f"/kunjungan {child.code}")], [(t.kit.menu(), "/menu")]],
    )
    chat.tell(
        promised.foster_parent_id,
        t.institution.visitor_news(name=person.name, code=child.code),
        about=f"child:{child.id}",
    )
    _tell_office(chat, promised, child, person, known=known)


def _tell_office(chat: Chat, promised: Pledge, child: Child, person: Person, *, known: bool) -> None:
    """Tell the area's coordinators who visits now; they decide on somebody whom the programme does not know."""
    concerned = {promised.foster_parent_id, person.id}
    people = [one for one in coordinators_of(chat.db, child.area, chat.now) if one not in concerned]
    about = f"child:{child.id}"
    if not known:
        news = t.institution.visitor_asks(name=person.name, code=child.code, area=child.area)
        tell_deciders(chat, people, news, f"v{promised.id}", about)
        return
    for one in people:
        chat.tell(one, t.institution.visitor_news(name=person.name, code=child.code), about=about)
