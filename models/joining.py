"""K1: how a family joins, by a one-time code that a coordinator makes for one child's guardian.

A number on the list proves nothing: a cadre's may stand beside ten families. So a code joins the guardian whom it was
made for, and with them who is plainly the same person: not joined yet, the same number and the same name.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, or_, select, update

from models.audit import record
from models.children import Guardian
from models.consents import ConsentKind, consents_to, give_consent
from models.errors import CodeRefused, NotEntitled
from models.families import guardians_of, open_contact
from models.grants import Grant, GrantState, Invitation, spend_invitation
from models.joint_pledges import JointPledge
from models.keys import KeyRing
from models.people import FosterParent, Person, name_key
from models.pledges import Pledge


def household(session: Session, guardian: Guardian) -> list[Guardian]:
    """Return whom a guardian's code joins: the guardian, and who is the same person by number and name.

    Once joined it is what they have joined as: what a family corrects in its own data leads to nobody else's.
    """
    if guardian.person_id is not None:
        return guardians_of(session, guardian.person_id)
    if guardian.phone_index is None:
        return [guardian]
    query = select(Guardian).where(
        Guardian.phone_index == guardian.phone_index, col(Guardian.person_id).is_(None)
    )
    found = session.exec(query.order_by(col(Guardian.id)))
    return [one for one in found if _called(one) == _called(guardian)]


def _called(guardian: Guardian) -> str:
    return name_key(guardian.name) or guardian.name.casefold()


def joins_as(session: Session, now: datetime, guardian: Guardian, person: Person | None) -> Person | None:
    """Return as whom a chat joins that belongs to `person`; None: as somebody new.

    Raises NotEntitled when the guardian has joined before as somebody else than the chat's person. A chat of nobody may
    be a joined guardian's second one, if they are nothing but a guardian: a family's code opens no more than a family.
    """
    if guardian.person_id is None:
        return person
    if person is None and is_only_guardian(session, now, guardian.person_id):
        return session.get_one(Person, guardian.person_id)
    if person is None or person.id != guardian.person_id:
        raise NotEntitled
    return person


def is_only_guardian(session: Session, now: datetime, person_id: int) -> bool:
    """Tell whether a person coordinates nothing, gives nothing, and neither visits nor decides for who gives."""
    role = select(Grant.id).where(
        Grant.person_id == person_id,
        col(Grant.state).in_((GrantState.WAITING, GrantState.ACTIVE)),
        col(Grant.expires_at) > now,
    )
    pledged = select(Pledge.id).where(
        or_(col(Pledge.foster_parent_id) == person_id, col(Pledge.visitor_id) == person_id)
    )
    led = select(JointPledge.id).where(JointPledge.leader_id == person_id)
    return session.get(FosterParent, person_id) is None and all(
        session.exec(query).first() is None for query in (role, pledged, led)
    )


@dataclass(frozen=True, slots=True)
class Joined:
    """Who has joined; `again`: they had before, and this is another chat of theirs."""

    person: Person
    again: bool


def join_family(
    session: Session,
    keys: KeyRing,
    now: datetime,
    *,
    code: str,
    person: Person | None,
    contact_agreed: bool,
) -> Joined:
    """Turn a code into a joined family: link the household, and record what the guardian agreed to.

    `person` is whom the chat belongs to already (somebody may be foster parent or coordinator too). Raises CodeRefused,
    and NotEntitled as `joins_as` does.
    """
    invitation = spend_invitation(session, keys, now, code)
    guardian = session.get(Guardian, invitation.guardian_id) if invitation.guardian_id else None
    if guardian is None:
        raise CodeRefused
    members = _locked(session, household(session, guardian))
    known = joins_as(session, now, guardian, person)
    joining = known or _person_of(session, now, guardian)
    assert joining.id is not None  # noqa: S101 - given by the flush
    invitation.redeemed_by = joining.id
    session.add(invitation)
    for member in members:
        if member.person_id is None:
            member.person_id = joining.id
            session.add(member)
    if not consents_to(session, joining.id, ConsentKind.PARENTAL):
        give_consent(session, now, joining.id, ConsentKind.PARENTAL)
    open_contact(session, now, joining.id, agreed=contact_agreed)
    record(session, now, joining.id, "family_joined", f"guardian:{guardian.id}")
    session.flush()
    return Joined(joining, again=person is None and known is not None)


def let_go(session: Session, now: datetime, guardian_ids: Collection[int | None]) -> None:
    """These guardians are other people now: who joined as one of them, or holds a code, is not theirs any more."""
    if not guardian_ids:
        return
    held = col(Guardian.id).in_(guardian_ids)
    for guardian_id in session.exec(select(Guardian.id).where(held, col(Guardian.person_id).is_not(None))):
        record(session, now, None, "family_unlinked", f"guardian:{guardian_id}")
    session.exec(update(Guardian).where(held).values(person_id=None))
    session.exec(
        delete(Invitation).where(
            col(Invitation.guardian_id).in_(guardian_ids), col(Invitation.redeemed_by).is_(None)
        )
    )


def _locked(session: Session, members: list[Guardian]) -> list[Guardian]:
    """Read guardians anew, and keep them from whoever redeems another code of theirs at the same time."""
    ids = [member.id for member in members]
    query = select(Guardian).where(col(Guardian.id).in_(ids)).order_by(col(Guardian.id)).with_for_update()
    return list(session.exec(query.execution_options(populate_existing=True)))


def _person_of(session: Session, now: datetime, guardian: Guardian) -> Person:
    """Enter a guardian as somebody whom the programme knows."""
    person = Person(
        name=guardian.name, phone=guardian.phone, phone_index=guardian.phone_index, created_at=now
    )
    session.add(person)
    session.flush()
    return person
