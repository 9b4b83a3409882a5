"""People: whoever talks to the programme, and what makes one of them a foster parent.

Names, NIP and phones are sealed; NIP and phone are findable by their blind index only.
"""

import re
import unicodedata
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, func, or_, select

from models.audit import record
from models.columns import Instant, Sealed, words
from models.errors import AlreadyDecided, AlreadyRegistered, BadInput, NotEntitled
from models.keys import KeyRing
from models.nip import Nip, birth_date_in
from models.organisations import Organisation


class Person(SQLModel, table=True):
    """Somebody the programme knows by name. Roles stand in `Grant`, giving in `FosterParent`."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_type=Sealed)
    phone: str | None = Field(default=None, sa_type=Sealed, description="E.164, like +6281234567890")
    phone_index: str | None = Field(default=None, max_length=32, index=True)
    created_at: datetime = Field(sa_type=Instant)
    messages_off_at: datetime | None = Field(default=None, sa_type=Instant, description="/stop until /mulai")


class FosterKind(StrEnum):
    """As what a foster parent signs up."""

    ASN = "asn"
    BUMN = "bumn"
    BUMD = "bumd"
    COMPANY = "company"
    COMMUNITY = "community"
    INDIVIDUAL = "individual"


class Standing(StrEnum):
    """Whether a foster parent is who they say."""

    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"


class FosterParent(SQLModel, table=True):
    """A person who gives, for themselves or as the contact of an organisation."""

    __tablename__ = "foster_parent"

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    kind: FosterKind = Field(sa_type=words(FosterKind))
    nip: str | None = Field(default=None, sa_type=Sealed)
    nip_index: str | None = Field(default=None, max_length=32, unique=True)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    standing: Standing = Field(sa_type=words(Standing), index=True)
    registered_at: datetime = Field(sa_type=Instant)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    decision_note: str = Field(default="", sa_type=Sealed)


class RosterEntry(SQLModel, table=True):
    """One ASN on the district's imported staff list; `nip_index` is how a sign-up finds it."""

    __tablename__ = "roster"

    nip_index: str = Field(primary_key=True, max_length=32)
    nip: str = Field(sa_type=Sealed)
    name: str = Field(sa_type=Sealed)
    born_on: date
    phone_index: str | None = Field(default=None, max_length=32, index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)


def parse_phone(text: str) -> str:
    """Read an Indonesian or international number into E.164: `0812-3456-7890` is `+6281234567890`.

    Raises BadInput('phone').
    """
    digits = re.sub(r"[\s().\-]", "", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("0"):
        digits = "+62" + digits[1:]
    if digits.startswith(("62", "8")) and digits.isdigit():
        digits = "+62" + digits.removeprefix("62")
    digits = re.sub(r"^\+620+", "+62", digits)  # "+62 0812…" and "+62 (0)812…" are written often
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", digits, re.ASCII):
        raise BadInput("phone", example="0812-3456-7890")
    return digits


def name_key(name: str) -> str:
    """Fold a name so that titles, capitals and spacing do not matter.

    `Drs. H. Budi  Santoso, M.Si` = `budi santoso`.
    """
    plain = unicodedata.normalize("NFKD", re.sub("[\u2018\u2019\u02bc`\u00b4]", "'", name))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    bare = re.sub(r"\b([a-z]{1,5}\.)+", " ", plain.split(",")[0].casefold() + " ")
    return " ".join(re.sub(r"[^a-z' ]", " ", bare).split())


def foster_parent_with_nip(session: Session, keys: KeyRing, nip: Nip) -> FosterParent | None:
    """Return who signed up with this NIP, unless they were rejected."""
    query = select(FosterParent).where(
        FosterParent.nip_index == keys.index(nip), FosterParent.standing != Standing.REJECTED
    )
    return session.exec(query).first()


def roster_entry(session: Session, keys: KeyRing, nip: Nip) -> RosterEntry | None:
    """Return the staff list's entry for a NIP."""
    return session.get(RosterEntry, keys.index(nip))


def staff_not_signed_up(session: Session, office: str) -> list[RosterEntry]:
    """Return the staff list's entries of an office (capitals do not matter) whose NIP nobody has signed up with."""
    query = (
        select(RosterEntry)
        .join(Organisation, col(RosterEntry.organisation_id) == Organisation.id)
        .outerjoin(FosterParent, col(FosterParent.nip_index) == col(RosterEntry.nip_index))
        .where(
            func.lower(Organisation.name) == " ".join(office.split()).casefold(),
            or_(col(FosterParent.person_id).is_(None), FosterParent.standing == Standing.REJECTED),
        )
        .order_by(col(RosterEntry.nip_index))
    )
    return sorted(session.exec(query), key=lambda entry: entry.name)


def roster_entry_with_phone(session: Session, keys: KeyRing, phone: str, name: str) -> RosterEntry | None:
    """Return the staff list's entry with this number and this name; None when there is none, or several."""
    query = select(RosterEntry).where(RosterEntry.phone_index == keys.index(phone))
    found = [entry for entry in session.exec(query) if name_key(entry.name) == name_key(name)]
    return found[0] if len(found) == 1 else None


def register(
    session: Session,
    keys: KeyRing,
    now: datetime,
    *,
    name: str,
    phone: str,
    kind: FosterKind,
    nip: Nip | None = None,
    organisation: Organisation | None = None,
    known_as: Person | None = None,
) -> FosterParent:
    """Sign a person up as foster parent; verified at once when NIP, name and birth date are the roster's.

    `known_as` is the person whom the contact already belongs to (a coordinator who also gives). Somebody who
    was rejected may try again. Raises AlreadyRegistered when the NIP or the person is taken.
    """
    known_id = known_as.id if known_as else None
    if nip and (holder := foster_parent_with_nip(session, keys, nip)) and holder.person_id != known_id:
        raise AlreadyRegistered
    foster_parent = session.get(FosterParent, known_id) if known_id is not None else None
    if foster_parent and foster_parent.standing is not Standing.REJECTED:
        raise AlreadyRegistered
    person = known_as or Person(name=name, created_at=now)
    person.name, person.phone, person.phone_index = name, phone, keys.index(phone)
    session.add(person)
    session.flush()
    assert person.id is not None  # noqa: S101 - given by the flush
    _forget_rejected_holder(session, keys, nip)
    verified = nip is not None and on_roster(session, keys, nip, name)
    foster_parent = foster_parent or FosterParent(
        person_id=person.id, kind=kind, standing=Standing.PENDING, registered_at=now
    )
    foster_parent.kind = kind
    foster_parent.nip, foster_parent.nip_index = nip, nip and keys.index(nip)
    foster_parent.organisation_id = organisation.id if organisation else None
    foster_parent.standing = Standing.VERIFIED if verified else Standing.PENDING
    foster_parent.registered_at = now
    foster_parent.decided_at, foster_parent.decided_by = (now if verified else None), None
    foster_parent.decision_note = ""
    try:
        with session.begin_nested():
            session.add(foster_parent)
    except IntegrityError:  # another process has just registered the same NIP
        raise AlreadyRegistered from None
    record(session, now, person.id, "signed_up", f"person:{person.id}", foster_parent.standing)
    session.flush()
    return foster_parent


def _forget_rejected_holder(session: Session, keys: KeyRing, nip: Nip | None) -> None:
    """A rejected sign-up must not keep the NIP's true owner out: free the number."""
    if nip is None:
        return
    query = select(FosterParent).where(
        FosterParent.nip_index == keys.index(nip), FosterParent.standing == Standing.REJECTED
    )
    for rejected in session.exec(query):
        rejected.nip = rejected.nip_index = None
    session.flush()


def on_roster(session: Session, keys: KeyRing, nip: Nip, name: str) -> bool:
    """Tell whether NIP, name and the NIP's birth date agree with the staff list."""
    entry = roster_entry(session, keys, nip)
    return (
        entry is not None and name_key(entry.name) == name_key(name) and entry.born_on == birth_date_in(nip)
    )


def people_waiting(session: Session) -> list[tuple[FosterParent, Person, Organisation | None]]:
    """Return the sign-ups that wait for a coordinator, oldest first."""
    query = (
        select(FosterParent, Person, Organisation)
        .join(Person, col(FosterParent.person_id) == Person.id)
        .outerjoin(Organisation, col(FosterParent.organisation_id) == Organisation.id)
        .where(FosterParent.standing == Standing.PENDING)
        .order_by(col(FosterParent.registered_at), col(FosterParent.person_id))
    )
    return list(session.exec(query))


def decide_person(
    session: Session, now: datetime, person_id: int, *, by: int, verified: bool, note: str = ""
) -> FosterParent:
    """Verify or reject a waiting sign-up of somebody else.

    Raises NotEntitled for one's own, AlreadyDecided when it does not wait (any more).
    """
    if by == person_id:
        raise NotEntitled
    foster_parent = session.get(FosterParent, person_id, with_for_update=True, populate_existing=True)
    if foster_parent is None or foster_parent.standing is not Standing.PENDING:
        raise AlreadyDecided
    foster_parent.standing = Standing.VERIFIED if verified else Standing.REJECTED
    foster_parent.decided_at, foster_parent.decided_by = now, by
    foster_parent.decision_note = note
    session.add(foster_parent)
    record(session, now, by, "verified" if verified else "rejected", f"person:{person_id}")
    return foster_parent
