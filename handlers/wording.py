"""Words that several conversations use for the programme's codes, and who is told what."""

from collections.abc import Iterable, Sequence
from datetime import date

from handlers.kit.chat import Buttons, Chat
from handlers.texts import Plain, Text, Words, join, t
from models.adoption import Candidate
from models.alerts import AlertKind, open_alert
from models.children import Child, Severity, Sex
from models.consents import ConsentKind
from models.families import STOPS_WITHIN
from models.grants import coordinators_of
from models.ledger import PayoutOf
from models.months import Month
from models.organisations import Organisation
from models.people import FosterKind
from models.programme import ContactPoint

KINDS: dict[FosterKind, Text] = {
    FosterKind.ASN: t.signup.kind_asn(),
    FosterKind.BUMN: t.signup.kind_bumn(),
    FosterKind.BUMD: t.signup.kind_bumd(),
    FosterKind.COMPANY: t.signup.kind_company(),
    FosterKind.COMMUNITY: t.signup.kind_community(),
    FosterKind.INDIVIDUAL: t.signup.kind_individual(),
}

AID_KINDS = {"cash": t.transfer.kind_cash(), "goods": t.transfer.kind_goods()}

CONSENTS = {
    ConsentKind.DATA_USE: t.privacy.consent_data_use(),
    ConsentKind.CHILD_PROTECTION: t.privacy.consent_child_protection(),
    ConsentKind.COMMITMENT: t.privacy.consent_commitment(),
    ConsentKind.FAMILY_CONTACT: t.privacy.consent_family_contact(),
    ConsentKind.PARENTAL: t.privacy.consent_parental(),
}

SEXES = {Sex.FEMALE: t.adopt.female(), Sex.MALE: t.adopt.male()}

SEVERITIES = {
    Severity.SEVERE: t.adopt.severity_severe(),
    Severity.MODERATE: t.adopt.severity_moderate(),
    Severity.NONE: t.adopt.severity_none(),
}

HEIGHTS = SEVERITIES | {Severity.NONE: t.statistics.growth_good()}
"""How tall children are for their age: who is not stunted (any more) is not called at risk for that."""


def until(last: Month | None) -> Words:
    """Write the end of a term."""
    return t.adopt.until_month(month=last) if last else t.adopt.until_graduation()


def candidate_card(candidate: Candidate, today: date) -> Words:
    """Write a child as anybody may see it."""
    child = candidate.child
    return t.adopt.card(
        code=child.code,
        sex=SEXES[child.sex],
        age=child.age_months(today),
        area=child.area,
        severity=SEVERITIES[child.severity],
        waiting=child.months_waiting(today),
        needed=candidate.still_needed_idr,
        losing=t.adopt.losing() if candidate.losing_support else "",
    )


def contact_words(point: ContactPoint, *, privacy: bool = False) -> Words:
    """Write where a person finds a person; it reads well without a number too."""
    office = point.office or t.menu.some_office()
    number = (point.privacy if privacy else "") or point.phone
    return t.menu.by_phone(office=office, phone=number) if number else t.menu.in_person(office=office)


def organisation_name(chat: Chat, organisation_id: int | None) -> str:
    """Return an organisation's name, or nothing."""
    found = chat.db.get(Organisation, organisation_id) if organisation_id else None
    return found.name if found else ""


def codes_of(children: Sequence[Child]) -> Words:
    """Write children by their codes alone."""
    return join([Plain(child.code) for child in children], ", ")


def names_of(children: Sequence[Child]) -> Words:
    """Write children as their own family knows them."""
    return join([t.family.child_name(name=child.name, code=child.code) for child in children])


def withdrawal_clock(chat: Chat, child: Child) -> Words | str:
    """Write how long is left after a family's withdrawal (3 x 24 hours, UU PDP); nothing while none is open."""
    alert = open_alert(chat.db, AlertKind.CONSENT_WITHDRAWN, f"child:{child.id}")
    if alert is None:
        return ""
    until = alert.opened_at + STOPS_WITHIN
    hours = int((until - chat.now).total_seconds() // 3600)
    return t.family.clock(until=until, hours=hours) if hours >= 0 else t.family.clock_over(until=until)


def tell_about(
    chat: Chat, child: Child, person_id: int, words: Words, *, buttons: Buttons | None = None
) -> bool:
    """Tell somebody something about a child, unless there is silence about it (K6); False when nobody was told."""
    return chat.tell(person_id, words, buttons=buttons, about=f"child:{child.id}")


def tell_case(chat: Chat, case: PayoutOf, words: Words) -> None:
    """Tell the coordinators of a payout on which the two sides differ, with a button to look at it."""
    look = [[(t.queue.look(), f"/antrean s{case.payout.id}")]]
    tell_area(chat, case.child.area, words, buttons=look)


def tell_coordinators(
    chat: Chat, area: str | None, words: Words, item: str, about: str | None = None
) -> None:
    """Tell those who coordinate an area (None: the whole district) that an item waits for them (`tell_deciders`)."""
    tell_deciders(chat, coordinators_of(chat.db, area, chat.now), words, item, about)


def tell_deciders(
    chat: Chat, people: Iterable[int], words: Words, item: str, about: str | None = None
) -> None:
    """Tell those who may decide an item (`p17`, `k4`) that it waits, with buttons to decide at once."""
    decide = [(t.queue.approve(), f"/antrean {item} ok"), (t.queue.reject(), f"/antrean {item} no")]
    for person_id in people:
        chat.tell(person_id, words, buttons=[decide], about=about)


def tell_area(
    chat: Chat,
    area: str | None,
    words: Words,
    *,
    buttons: Buttons | None = None,
    about: str | None = None,
) -> int:
    """Tell those who coordinate an area (None: the whole district); return how many people there are."""
    coordinators = coordinators_of(chat.db, area, chat.now)
    for person_id in coordinators:
        chat.tell(person_id, words, buttons=buttons, about=about)
    return len(coordinators)
