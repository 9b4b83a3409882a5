"""F1 /daftar: become a foster parent."""

from dataclasses import dataclass

from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText, OwnPhone
from handlers.texts import Plain, Words, t
from handlers.wording import KINDS, contact_words, tell_coordinators
from models.codes import CodePurpose, open_code, use
from models.consents import ConsentKind, give_consent
from models.contacts import belongs_to
from models.errors import AlreadyRegistered, BadInput
from models.grants import may_guess, note_wrong_code
from models.nip import Nip, parse_nip
from models.organisations import Organisation, OrganisationKind, organisation_named, organisations_of
from models.people import (
    FosterKind,
    FosterParent,
    Person,
    RosterEntry,
    Standing,
    foster_parent_with_nip,
    name_key,
    register,
    roster_entry_with_phone,
)

ORGANISATION_KIND = {
    FosterKind.ASN: OrganisationKind.OPD,
    FosterKind.BUMN: OrganisationKind.BUMN,
    FosterKind.BUMD: OrganisationKind.BUMD,
    FosterKind.COMPANY: OrganisationKind.COMPANY,
    FosterKind.COMMUNITY: OrganisationKind.COMMUNITY,
}


@conversation("daftar", "register", "signup", title=t.signup.title(), menu=10, not_for=Audience.FOSTER_PARENT)
def sign_up(chat: Chat) -> None:
    """Consent, kind, name, NIP (ASN), organisation, phone, summary.

    Where identity numbers may not be asked for, an ASN is known by the number that the platform vouches for, or by
    a one-time code from the office.
    """
    if _registered_already(chat):
        return
    _consent(chat)
    kind = FosterKind(chat.ask("kind", Choice(t.signup.kind(), _kinds())))
    name = chat.ask("name", FreeText(t.signup.name(), least=3, most=80, parse=_name, explain=_name_wrong))
    nip = _nip(chat) if kind is FosterKind.ASN and not chat.no_ids else None
    organisation = _organisation(chat, kind)
    phone = chat.ask("phone", OwnPhone(t.signup.phone()))
    code = _office_code(chat, name, phone) if kind is FosterKind.ASN and chat.no_ids else ""
    form = Form(kind, name, nip, organisation, phone, code)
    chat.review(form.summary(), yes=t.signup.correct())
    _register(chat, form)


@dataclass(frozen=True, slots=True)
class Form:
    """Everything that was answered. `organisation` is its name, `code` the office's one-time code, if there is one."""

    kind: FosterKind
    name: str
    nip: Nip | None
    organisation: str | None
    phone: str
    code: str = ""

    def summary(self) -> Words:
        """Write it for checking."""
        return t.signup.summary(
            name=self.name,
            kind=KINDS[self.kind],
            nip=t.signup.summary_nip(nip=self.nip) if self.nip else "",
            organisation=t.signup.summary_organisation(organisation=self.organisation)
            if self.organisation
            else "",
            phone=self.phone,
        )


def _registered_already(chat: Chat) -> bool:
    foster_parent = chat.foster_parent
    if foster_parent is None or foster_parent.standing is Standing.REJECTED:
        return False
    if foster_parent.standing is Standing.VERIFIED:
        chat.say(t.signup.already_verified(), buttons=[[(t.signup.choose_child(), "/adopsi")]])
    else:
        chat.say(t.signup.already_pending(), buttons=[[(t.kit.menu(), "/menu")]])
    return True


def _consent(chat: Chat) -> None:
    choices = [Option("yes", t.signup.agree()), Option("no", t.signup.decline())]
    text = t.signup.consent(district=chat.programme.district.name)
    if chat.ask("consent", Choice(text, choices)) != "yes":
        raise Stopped(t.signup.declined())


def _kinds() -> list[Option]:
    return [Option(kind, label) for kind, label in KINDS.items()]


def _name(text: str) -> str:
    if len(name_key(text)) < 2:
        raise BadInput("name")
    return text


def _name_wrong(_: BadInput) -> Words:
    return t.signup.name_wrong()


def _nip(chat: Chat) -> Nip:
    def free(text: str) -> str:
        nip = parse_nip(text)
        holder = foster_parent_with_nip(chat.db, chat.keys, nip)
        if holder is not None and holder.person_id != chat.person_id:
            raise BadInput("nip_taken")
        return nip

    def explain(refused: BadInput) -> Words:
        return _nip_wrong(chat, refused)

    return Nip(chat.ask("nip", FreeText(t.signup.nip(), parse=free, explain=explain)))


def _nip_wrong(chat: Chat, refused: BadInput) -> Words:
    match refused.code:
        case "nip_length":
            return t.signup.nip_length(digits=refused.details["digits"])
        case "nip_birth_date":
            return t.signup.nip_birth_date(given=refused.details["given"])
        case "nip_appointed":
            return t.signup.nip_appointed(given=refused.details["given"])
        case "nip_sex":
            return t.signup.nip_sex(given=refused.details["given"])
    return _nip_taken(chat)


def _nip_taken(chat: Chat) -> Words:
    return t.signup.nip_taken(contact=contact_words(chat.programme.contact))


NO_CODE = "none"

LEAST_LETTERS = 2
"""An office's name has so many letters; a number is none."""


def _office_code(chat: Chat, name: str, phone: str) -> str:
    """Ask for the office's code, unless the staff list has the number that is vouched for; empty without one."""
    if _entry_by_phone(chat, name, phone):
        return ""

    def good(text: str) -> str:
        if not may_guess(chat.db, chat.now, chat.contact_id):
            raise BadInput("too_many")
        if open_code(chat.db, chat.keys, chat.now, text, CodePurpose.STAFF) is None:
            chat.remember(lambda session: note_wrong_code(session, chat.now, chat.contact_id))
            raise BadInput("code")
        return text

    def explain(refused: BadInput) -> Words:
        return t.role.too_many() if refused.code == "too_many" else t.signup.office_code_wrong()

    asked = t.signup.office_code()
    typed = FreeText(asked, least=4, most=20, parse=good, explain=explain)
    answer = chat.ask("office_code", Choice(asked, [Option(NO_CODE, t.signup.no_office_code())], other=typed))
    return "" if answer == NO_CODE else answer


def _entry_by_phone(chat: Chat, name: str, phone: str) -> RosterEntry | None:
    """Return the staff list's entry for a number that the platform vouches to be this chat's."""
    vouched = chat.sender_phone == phone
    return roster_entry_with_phone(chat.db, chat.keys, phone, name) if vouched else None


def _proven_nip(chat: Chat, form: Form) -> Nip | None:
    """Return the NIP that somebody has proven without typing it; the code, if there was one, is spent."""
    if form.kind is not FosterKind.ASN or not chat.no_ids:
        return form.nip
    entry = _entry_by_phone(chat, form.name, form.phone)
    if entry is None and form.code:
        code = open_code(chat.db, chat.keys, chat.now, form.code, CodePurpose.STAFF)
        entry = chat.db.get(RosterEntry, code.nip_index) if code else None
        if code and entry and name_key(entry.name) == name_key(form.name):
            use(chat.db, chat.now, code)
        else:
            entry = None
    return Nip(entry.nip) if entry else None


def _organisation(chat: Chat, kind: FosterKind) -> str | None:
    """Return the organisation's name; individuals have none."""
    if kind is FosterKind.INDIVIDUAL:
        return None
    asked = t.signup.opd() if kind is FosterKind.ASN else t.signup.organisation()

    def known() -> list[Option]:
        found = organisations_of(chat.db, ORGANISATION_KIND[kind])
        return [Option(f"#{o.id}", Plain(o.name)) for o in found]

    other = FreeText(asked, least=3, most=120, parse=_office, explain=_office_wrong)
    answer = chat.ask("organisation", Choice(asked, known, other=other))
    if answer.startswith("#") and answer[1:].isdigit():
        found = chat.db.get(Organisation, int(answer[1:]))
        return found.name if found else None
    return answer


def _office(text: str) -> str:
    if sum(map(str.isalpha, text)) < LEAST_LETTERS:
        raise BadInput("organisation")
    return text


def _office_wrong(_: BadInput) -> Words:
    return t.signup.organisation_wrong()


def _register(chat: Chat, form: Form) -> None:
    organisation = (
        organisation_named(chat.db, ORGANISATION_KIND[form.kind], form.organisation)
        if form.organisation
        else None
    )
    try:
        foster_parent = register(
            chat.db,
            chat.keys,
            chat.now,
            name=form.name,
            phone=form.phone,
            kind=form.kind,
            nip=_proven_nip(chat, form),
            organisation=organisation,
            known_as=chat.person,
        )
    except AlreadyRegistered:
        if chat.no_ids:
            raise Stopped(t.signup.known_already()) from None
        raise Again("nip", _nip_taken(chat)) from None
    person = chat.db.get_one(Person, foster_parent.person_id)
    belongs_to(chat.db, chat.contact_id, person)
    chat.person_id = person.id
    give_consent(chat.db, chat.now, foster_parent.person_id, ConsentKind.DATA_USE)
    chat.refresh_commands()
    _thank(chat, form, foster_parent)


def _thank(chat: Chat, form: Form, foster_parent: FosterParent) -> None:
    """Say how it went; whoever is not verified by the roster waits for a coordinator."""
    if foster_parent.standing is Standing.VERIFIED:
        choose = [[(t.signup.choose_child(), "/adopsi")], [(t.kit.menu(), "/menu")]]
        chat.say(t.signup.verified(name=form.name), buttons=choose)
        return
    chat.say(t.signup.pending(name=form.name), buttons=[[(t.kit.menu(), "/menu")]])
    organisation = t.signup.news_organisation(organisation=form.organisation) if form.organisation else ""
    news = t.signup.news(name=form.name, kind=KINDS[form.kind], organisation=organisation)
    tell_coordinators(chat, None, news, f"p{foster_parent.person_id}")
