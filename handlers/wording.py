"""Words that several conversations use for the programme's codes, and who is told what."""

from datetime import date
from typing import Any

from handlers.kit.chat import Buttons, Chat
from handlers.texts import Text, Words, t
from models.adoption import Candidate
from models.children import Child, Severity, Sex
from models.grants import coordinators_of
from models.ledger import PayoutOf
from models.months import Month
from models.organisations import Organisation
from models.people import FosterKind

KINDS: dict[FosterKind, Text] = {
    FosterKind.ASN: t.signup.kind_asn(),
    FosterKind.BUMN: t.signup.kind_bumn(),
    FosterKind.BUMD: t.signup.kind_bumd(),
    FosterKind.COMPANY: t.signup.kind_company(),
    FosterKind.COMMUNITY: t.signup.kind_community(),
    FosterKind.INDIVIDUAL: t.signup.kind_individual(),
}

AID_KINDS = {"cash": t.transfer.kind_cash(), "goods": t.transfer.kind_goods()}

SEXES = {Sex.FEMALE: t.adopt.female(), Sex.MALE: t.adopt.male()}

SEVERITIES = {
    Severity.SEVERE: t.adopt.severity_severe(),
    Severity.MODERATE: t.adopt.severity_moderate(),
    Severity.NONE: t.adopt.severity_none(),
}


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
    )


def organisation_name(chat: Chat, organisation_id: int | None) -> str:
    """Return an organisation's name, or nothing."""
    found = chat.db.get(Organisation, organisation_id) if organisation_id else None
    return found.name if found else ""


def tell_about(
    chat: Chat,
    child: Child,
    person_id: int,
    words: Words,
    *,
    buttons: Buttons | None = None,
    picture: tuple[str, dict[str, Any]] | None = None,
) -> None:
    """Tell somebody something about a child, unless there is silence about it (K6)."""
    if child.silent_since is None:
        chat.tell(person_id, words, buttons=buttons, picture=picture, about=f"child:{child.id}")


def tell_case(chat: Chat, case: PayoutOf, words: Words) -> None:
    """Tell the coordinators of a payout on which the two sides differ, with a button to look at it."""
    look = [[(t.queue.look(), f"/antrean s{case.payout.id}")]]
    for person_id in coordinators_of(chat.db, case.child.area, chat.now):
        chat.tell(person_id, words, buttons=look)


def tell_coordinators(chat: Chat, area: str | None, words: Words, item: str) -> None:
    """Tell those who may decide an item (`p17`, `k4`) that it waits, with buttons to decide at once."""
    decide = [(t.queue.approve(), f"/antrean {item} ok"), (t.queue.reject(), f"/antrean {item} no")]
    for person_id in coordinators_of(chat.db, area, chat.now):
        chat.tell(person_id, words, buttons=[decide])
