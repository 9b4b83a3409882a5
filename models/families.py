"""Families: guardians who have joined by chat, the children they answer for, and their consent (K1, K5).

How they join stands in `models.joining`. UU PDP 27/2022: a child's data rest on the consent of a parent or guardian
(Art. 25), which can be taken back (Art. 9); then processing stops within 3 x 24 hours (Art. 40).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, select

from models.alerts import Alert, AlertKind, close_alerts_about, raise_alert
from models.audit import record
from models.children import ON_LIST, Child, Guardian
from models.consents import VERSIONS, Consent, ConsentKind, consents_to, give_consent, withdraw_consent
from models.keys import KeyRing
from models.people import Person
from models.quiet import withdraw_about

STOPS_WITHIN = timedelta(hours=72)
"""3 x 24 hours from a withdrawal: what is kept must then have stopped being used (UU PDP 27/2022, Art. 40)."""


def guardians_of(session: Session, person_id: int) -> list[Guardian]:
    """Return the guardians that a person has joined as."""
    query = select(Guardian).where(Guardian.person_id == person_id).order_by(col(Guardian.id))
    return list(session.exec(query))


def children_of(session: Session, guardians: list[Guardian]) -> list[Child]:
    """Return every child of some guardians, oldest first, whatever has become of it."""
    ids = [guardian.id for guardian in guardians]
    query = select(Child).where(col(Child.guardian_id).in_(ids)).order_by(col(Child.born_on), col(Child.id))
    return list(session.exec(query))


def spoken_of(children: list[Child]) -> list[Child]:
    """Return the children whose family is asked and told things: on the list, and nobody asks for silence (K6)."""
    return [child for child in children if child.status in ON_LIST and child.silent_since is None]


def family_children(session: Session, person_id: int) -> list[Child]:
    """Return the children about whom a joined family is asked and told things."""
    return spoken_of(children_of(session, guardians_of(session, person_id)))


def has_joined(session: Session, person_id: int) -> bool:
    """Tell whether a person is a guardian who has joined and whose consent stands."""
    linked = select(Guardian.id).where(Guardian.person_id == person_id)
    return session.exec(linked).first() is not None and consents_to(session, person_id, ConsentKind.PARENTAL)


def open_contact(session: Session, now: datetime, person_id: int, *, agreed: bool) -> None:
    """Let the children's foster parents know the child's name, and the guardian's and contact, or no longer.

    Who has agreed to earlier words, which asked for less, agrees anew to the present ones.
    """
    agrees_now = consents_to(session, person_id, ConsentKind.FAMILY_CONTACT)
    if agreed and not agrees_to_be_named(session, person_id):
        withdraw_consent(session, now, person_id, ConsentKind.FAMILY_CONTACT)
        give_consent(session, now, person_id, ConsentKind.FAMILY_CONTACT)
        record(session, now, person_id, "contact_opened", f"person:{person_id}")
    if not agreed and agrees_now:
        withdraw_consent(session, now, person_id, ConsentKind.FAMILY_CONTACT)
        record(session, now, person_id, "contact_closed", f"person:{person_id}")
    session.flush()


def agrees_to_be_named(session: Session, person_id: int) -> bool:
    """Tell whether a guardian has agreed to all that foster parents may now see: the child's name too."""
    present = VERSIONS[ConsentKind.FAMILY_CONTACT]
    return consents_to(session, person_id, ConsentKind.FAMILY_CONTACT, present)


def can_be_asked() -> ColumnElement[bool]:
    """Condition: the family of the asking query's Child and Guardian may be asked and told things about the child.

    The guardian has joined and consents (Art. 25), and nobody asks for silence about the child (K6).
    """
    consents = select(Consent.id).where(
        col(Consent.person_id) == col(Guardian.person_id),
        Consent.kind == ConsentKind.PARENTAL,
        col(Consent.withdrawn_at).is_(None),
    )
    return and_(
        col(Guardian.person_id).is_not(None),
        col(Child.silent_since).is_(None),
        consents.correlate(Guardian).exists(),
    )


def guardian_to_ask(session: Session, child: Child) -> int | None:
    """Return the person who answers for a child; None when there is nobody who may be asked."""
    query = select(Guardian.person_id).join(Child, col(Child.guardian_id) == Guardian.id)
    return session.exec(query.where(Child.id == child.id, can_be_asked())).first()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawn consent leads to: an alert for each child."""

    alerts: list[tuple[Alert, Child]]


def withdraw_family_consent(session: Session, now: datetime, person_id: int) -> Withdrawal:
    """Take the consent back: from this moment nothing about the children is sent or shown, and the clock runs."""
    children = children_of(session, guardians_of(session, person_id))
    for kind in (ConsentKind.PARENTAL, ConsentKind.FAMILY_CONTACT):
        withdraw_consent(session, now, person_id, kind)
    alerts = []
    for child in children:
        withdraw_about(session, now, child, "consent withdrawn", pledges_go_on=True)
        subject = f"child:{child.id}"
        alert = raise_alert(
            session, now, AlertKind.CONSENT_WITHDRAWN, subject, child=child, person_id=person_id
        )
        if alert is not None:
            alerts.append((alert, child))
    record(session, now, person_id, "consent_withdrawn", f"person:{person_id}")
    session.flush()
    return Withdrawal(alerts)


def renew_family_consent(session: Session, now: datetime, person_id: int) -> None:
    """Give the consent again: what is to be said is said again, and the clock stops."""
    if not consents_to(session, person_id, ConsentKind.PARENTAL):
        give_consent(session, now, person_id, ConsentKind.PARENTAL)
    for child in children_of(session, guardians_of(session, person_id)):
        close_alerts_about(session, now, f"child:{child.id}", AlertKind.CONSENT_WITHDRAWN)
    record(session, now, person_id, "consent_renewed", f"person:{person_id}")
    session.flush()


def correct_family(session: Session, keys: KeyRing, now: datetime, person_id: int, **changed: str) -> None:
    """Correct what a family may correct itself: `name` and `phone` of the guardian, everywhere they stand."""
    person = session.get_one(Person, person_id)
    for row in (person, *guardians_of(session, person_id)):
        if "name" in changed:
            row.name = changed["name"]
        if "phone" in changed:
            row.phone, row.phone_index = changed["phone"], keys.index(changed["phone"])
        session.add(row)
    record(session, now, person_id, "family_corrected", f"person:{person_id}", ",".join(sorted(changed)))
    session.flush()
