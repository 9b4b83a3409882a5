"""K1: how a family joins. A coordinator makes a one-time code for a child (`/undang`); the family brings it along
(by a forwarded link, or typed after `/kode`) and consents."""

from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.choices import Choice, Confirm, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText
from handlers.texts import Plain, t
from handlers.texts import join as joined
from handlers.wording import codes_of, names_of, withdrawal_clock
from models.children import Child, Guardian
from models.contacts import belongs_to, linked
from models.enrolment import child_in_scope
from models.entitlement import family_of
from models.errors import CodeRefused, NotEntitled
from models.families import children_of, spoken_of
from models.grants import FAMILY_CODE_LIFETIME, invite_guardian
from models.joining import Joined, household, join_family, joins_as


@conversation("undang", "invite", title=t.family.invite_title(), who=Audience.COORDINATOR, menu=60)
def invite(chat: Chat) -> None:
    """A child's code, then the family's one-time code and what can be forwarded to it."""
    given = chat.argument or chat.ask("child", FreeText(t.family.which_child(), most=20))
    child = named_child(chat, given)
    guardian = chat.db.get(Guardian, child.guardian_id) if child.guardian_id else None
    if guardian is None or not spoken_of([child]):
        raise Stopped(t.family.cannot_invite(code=child.code))
    if guardian.person_id is not None:
        again = chat.ask("again", Confirm(t.family.joined_already(code=child.code)))
        if again != Confirm.YES:
            raise Stopped(t.family.no_new_code())
    code = invite_guardian(chat.db, chat.keys, chat.now, guardian.id or 0, by=chat.person_id or 0)
    until = chat.now + FAMILY_CODE_LIFETIME
    chat.say(t.family.invited(code=child.code, until=until), buttons=[[(t.kit.menu(), "/menu")]])
    links = [Plain(link) for link in chat.context.links(code)]
    words = t.family.invitation(
        district=chat.programme.district.name, child=child.code, code=code, links=joined(links)
    )
    chat.say(words, to_pass_on=True)


@conversation("kontak", "contact", title=t.family.contact_title(), who=Audience.COORDINATOR)
def contact(chat: Chat) -> None:
    """A child's family for whoever looks after it; each reading is audited."""
    given = chat.argument or chat.ask("child", FreeText(t.family.which_child(), most=20))
    child = named_child(chat, given)
    name, guardian = family_of(chat.db, chat.now, chat.month, chat.person_id or 0, child, chat.scope)
    chat.say(
        t.family.contact_card(
            code=child.code,
            name=name,
            village=child.village,
            area=child.area,
            guardian=guardian.name if guardian else "-",
            phone=(guardian.phone if guardian else None) or t.mychildren.no_phone(),
            clock=withdrawal_clock(chat, child),
        ),
        buttons=[[(t.kit.menu(), "/menu")]],
    )


def named_child(chat: Chat, given: str) -> Child:
    """Return the child that this coordinator named, or ask again."""
    child = child_in_scope(chat.db, chat.scope, given)
    if child is None:
        unknown = t.family.unknown_child(given=given, example=f"{chat.programme.district.code_prefix}-014")
        if "child" in chat.state.answers:
            raise Again("child", unknown)
        raise Stopped(unknown)
    return child


def join(chat: Chat, code: str, guardian_id: int) -> None:
    """Ask for the parental consent and, apart from it, whether foster parents may know the family; then link it."""
    guardian = chat.db.get_one(Guardian, guardian_id)
    children = spoken_of(children_of(chat.db, household(chat.db, guardian)))
    if not children:
        raise Stopped(t.role.refused())
    try:
        joins_as(chat.db, chat.now, guardian, chat.person)
        _consent(chat, children)
        shared = [Option("yes", t.family.contact_yes()), Option("no", t.family.contact_no())]
        agreed = chat.ask("contact", Choice(t.family.contact(), shared)) == "yes"
        joined_as = join_family(
            chat.db, chat.keys, chat.now, code=code, person=chat.person, contact_agreed=agreed
        )
    except CodeRefused:  # somebody else was faster with the same code
        raise Stopped(t.role.refused()) from None
    except NotEntitled:
        point = chat.programme.contact
        raise Stopped(t.family.joined_elsewhere(office=point.office, phone=point.phone)) from None
    _tie(chat, joined_as)
    chat.refresh_commands()
    chat.say(
        t.family.welcome(children=names_of(children)),
        buttons=[[(t.checkin.title(), "/pantau")], [(t.thread.title(), "/tanya")], [(t.kit.menu(), "/menu")]],
    )


def _tie(chat: Chat, joined_as: Joined) -> None:
    """Make this chat the guardian's. Another chat of somebody known is linked: told there, and no proof for a day."""
    person = joined_as.person
    if joined_as.again:
        chat.tell(person.id or 0, t.link.told(office=chat.programme.contact.office), answers=True)
        linked(chat.db, chat.now, chat.contact_id, person)
    else:
        belongs_to(chat.db, chat.contact_id, person)
    chat.person_id = person.id


def _consent(chat: Chat, children: list[Child]) -> None:
    """Before the consent a child is only its code: the message may have reached the wrong person."""
    codes = codes_of(children)
    text = t.family.consent(codes=codes, district=chat.programme.district.name)
    choices = [Option("yes", t.family.agree()), Option("no", t.family.decline())]
    if chat.ask("consent", Choice(text, choices)) != "yes":
        raise Stopped(t.family.declined())
