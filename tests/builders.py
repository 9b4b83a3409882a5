"""Rows for tests, each in one call that says only what matters: `a_child(session, area="Sijuk")`.

Everything else is filled with plainly invented values: no name, number or address belongs to anyone. Rows are
flushed, so they have ids. The builders write rows as given and ask no rule: a test about a rule calls it.
"""

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from models.children import Child, ChildStatus, Guardian, Severity, Sex, next_code
from models.consents import VERSIONS, Consent, ConsentKind
from models.contacts import Contact
from models.grants import Grant, GrantState
from models.growth import Position
from models.keys import KeyRing
from models.measurements import Measurement, MeasurementSource
from models.months import Month
from models.nip import Nip, birth_date_in
from models.organisations import Organisation, OrganisationKind
from models.people import FosterKind, FosterParent, Person, RosterEntry, Standing
from models.pledges import PENDING_LASTS, Pledge, PledgeState
from models.visits import Condition, Visit, VisitKind
from tests.clock import MONDAY_MORNING

Row = TypeVar("Row", bound=SQLModel)

LONG_AGO = datetime(2025, 9, 1, 3, 0, tzinfo=UTC)
OCTOBER = Month(2025, 10)
DECEMBER = Month(2025, 12)
FAR_AWAY = datetime(2027, 1, 1, tzinfo=UTC)


def id_of(row: Child | Guardian | Person | Organisation | Contact | Grant | Pledge | FosterParent) -> int:
    """Return the id of a row that has been flushed."""
    found = row.person_id if isinstance(row, FosterParent) else row.id
    assert found is not None, "flush the row first"
    return found


def an_organisation(
    session: Session,
    *,
    name: str | None = None,
    kind: OrganisationKind = OrganisationKind.OPD,
    staff_count: int | None = 40,
) -> Organisation:
    """An office of the district."""
    number = _count(session, Organisation) + 1
    return _kept(
        session, Organisation(name=name or f"Dinas Rekaan {number}", kind=kind, staff_count=staff_count)
    )


def a_person(
    session: Session,
    keys: KeyRing,
    *,
    name: str | None = None,
    phone: str | None = None,
    created_at: datetime = LONG_AGO,
) -> Person:
    """Somebody with a name and a phone, without any role."""
    number = _count(session, Person) + 1
    phone = phone or f"+62800{number:07d}"
    return _kept(
        session,
        Person(
            name=name or f"Orang Rekaan {_in_letters(number)}",
            phone=phone,
            phone_index=keys.index(phone),
            created_at=created_at,
        ),
    )


def a_nip(number: int) -> Nip:
    """Return the `number`-th invented NIP (PNS, born 1 January 1990, appointed March 2020)."""
    return Nip(f"199001012020{3 + number // 1000:02d}1{number % 1000:03d}")


def a_foster_parent(
    session: Session,
    keys: KeyRing,
    *,
    person: Person | None = None,
    name: str | None = None,
    phone: str | None = None,
    kind: FosterKind = FosterKind.ASN,
    nip: Nip | None = None,
    organisation: Organisation | None = None,
    standing: Standing = Standing.VERIFIED,
    registered_at: datetime = LONG_AGO,
) -> FosterParent:
    """Somebody who gives: by default a verified ASN with a NIP and an OPD."""
    person = person or a_person(session, keys, name=name, phone=phone)
    if kind is FosterKind.ASN:
        nip = nip or a_nip(id_of(person))
        organisation = organisation or an_organisation(session)
    return _kept(
        session,
        FosterParent(
            person_id=id_of(person),
            kind=kind,
            nip=nip,
            nip_index=nip and keys.index(nip),
            organisation_id=organisation.id if organisation else None,
            standing=standing,
            registered_at=registered_at,
            decided_at=None if standing is Standing.PENDING else registered_at,
        ),
    )


def a_roster_entry(
    session: Session,
    keys: KeyRing,
    *,
    nip: Nip,
    name: str = "Orang Rekaan",
    born_on: date | None = None,
    phone: str | None = None,
    organisation: Organisation | None = None,
) -> RosterEntry:
    """One ASN on the district's staff list."""
    organisation = organisation or an_organisation(session)
    return _kept(
        session,
        RosterEntry(
            nip_index=keys.index(nip),
            nip=nip,
            name=name,
            born_on=born_on or birth_date_in(nip),
            phone_index=phone and keys.index(phone),
            organisation_id=id_of(organisation),
        ),
    )


def a_coordinator(
    session: Session,
    keys: KeyRing,
    *,
    area: str | None = None,
    person: Person | None = None,
    name: str | None = None,
    phone: str | None = None,
    granted_at: datetime = LONG_AGO,
    expires_at: datetime = FAR_AWAY,
) -> Person:
    """Somebody with a role over an area, or over the whole district (None)."""
    person = person or a_person(session, keys, name=name, phone=phone)
    _kept(
        session,
        Grant(
            person_id=id_of(person),
            area=area,
            granted_at=granted_at,
            expires_at=expires_at,
            state=GrantState.ACTIVE,
        ),
    )
    return person


def a_guardian(
    session: Session,
    keys: KeyRing,
    *,
    name: str = "Ibu Rekaan",
    phone: str | None = "+628009999999",
    relation: str = "mother",
    person: Person | None = None,
) -> Guardian:
    """Who cares for a child; `person` once they have joined by chat."""
    return _kept(
        session,
        Guardian(
            name=name,
            phone=phone,
            phone_index=phone and keys.index(phone),
            relation=relation,
            person_id=person.id if person else None,
        ),
    )


def a_family(
    session: Session,
    keys: KeyRing,
    *,
    address: str,
    name: str = "Ibu Rekaan",
    phone: str | None = "+628009999999",
    contact_agreed: bool = False,
    joined_at: datetime = LONG_AGO,
) -> Guardian:
    """A guardian who has joined in the chat at `address`, and consents."""
    person = a_person(session, keys, name=name, phone=phone)
    a_contact(session, keys, address=address, person=person)
    a_consent(session, person=person, kind=ConsentKind.PARENTAL, given_at=joined_at)
    if contact_agreed:
        a_consent(session, person=person, kind=ConsentKind.FAMILY_CONTACT, given_at=joined_at)
    return a_guardian(session, keys, name=name, phone=phone, person=person)


def a_child(
    session: Session,
    *,
    code: str | None = None,
    name: str = "Anak Rekaan",
    sex: Sex = Sex.FEMALE,
    born_on: date = date(2024, 4, 10),
    area: str = "Sijuk",
    village: str = "Sijuk",
    address: str | None = "Jalan Rekaan 1",
    status: ChildStatus = ChildStatus.STUNTED,
    severity: Severity = Severity.MODERATE,
    listed_on: date = date(2025, 6, 1),
    left_on: date | None = None,
    guardian: Guardian | None = None,
    created_at: datetime = LONG_AGO,
) -> Child:
    """A child on the list, eighteen months old, waiting since June."""
    return _kept(
        session,
        Child(
            code=code or next_code(session, "BLT"),
            name=name,
            sex=sex,
            born_on=born_on,
            area=area,
            village=village,
            address=address,
            status=status,
            severity=severity,
            listed_on=listed_on,
            left_on=left_on,
            guardian_id=guardian.id if guardian else None,
            created_at=created_at,
        ),
    )


def a_pledge(
    session: Session,
    *,
    child: Child,
    foster_parent: FosterParent,
    monthly_idr: int = 450_000,
    first_month: Month = OCTOBER,
    last_month: Month | None = DECEMBER,
    state: PledgeState = PledgeState.ACTIVE,
    pledged_at: datetime = MONDAY_MORNING - timedelta(days=2),
    expires_at: datetime | None = None,
    visitor: Person | None = None,
    round_name: str | None = None,
) -> Pledge:
    """A promise, by default an active one of the whole amount for the round of October to December 2025."""
    waits = state is PledgeState.PENDING
    return _kept(
        session,
        Pledge(
            child_id=id_of(child),
            foster_parent_id=foster_parent.person_id,
            visitor_id=visitor.id if visitor else None,
            monthly_idr=monthly_idr,
            first_month=first_month,
            last_month=last_month,
            round_name=round_name,
            state=state,
            pledged_at=pledged_at,
            expires_at=(expires_at or pledged_at + PENDING_LASTS) if waits else None,
            decided_at=None if waits else pledged_at,
        ),
    )


def a_measurement(
    session: Session,
    *,
    child: Child,
    measured_on: date = date(2025, 10, 12),
    weight_g: int | None = 8_400,
    length_mm: int | None = 742,
    position: Position | None = Position.LYING,
    source: MeasurementSource = MeasurementSource.POSYANDU,
    recorded_at: datetime = MONDAY_MORNING,
) -> Measurement:
    """What a scale and a board said: by default of a girl of eighteen months who is short and not thin."""
    return _kept(
        session,
        Measurement(
            child_id=id_of(child),
            measured_on=measured_on,
            weight_g=weight_g,
            length_mm=length_mm,
            position=position,
            source=source,
            recorded_at=recorded_at,
        ),
    )


def a_visit(
    session: Session,
    *,
    pledge: Pledge,
    visited_on: date = date(2025, 10, 12),
    kind: VisitKind = VisitKind.HOME,
    condition: Condition = Condition.WELL,
    note: str = "",
) -> Visit:
    """A logged visit by who gives."""
    return _kept(
        session,
        Visit(
            child_id=pledge.child_id,
            pledge_id=id_of(pledge),
            visitor_id=pledge.foster_parent_id,
            visited_on=visited_on,
            kind=kind,
            condition=condition,
            note=note,
            created_at=MONDAY_MORNING,
        ),
    )


def a_consent(
    session: Session,
    *,
    person: Person,
    kind: ConsentKind = ConsentKind.DATA_USE,
    subject: str = "",
    given_at: datetime = LONG_AGO,
    withdrawn_at: datetime | None = None,
) -> Consent:
    """An agreement to the present version of a text."""
    return _kept(
        session,
        Consent(
            person_id=id_of(person),
            kind=kind,
            version=VERSIONS[kind],
            subject=subject,
            given_at=given_at,
            withdrawn_at=withdrawn_at,
        ),
    )


def a_contact(
    session: Session,
    keys: KeyRing,
    *,
    channel: str = "telegram",
    address: str | None = None,
    person: Person | None = None,
    language: str = "id",
    created_at: datetime = LONG_AGO,
    unreachable_at: datetime | None = None,
) -> Contact:
    """A chat, by default on Telegram and nobody's yet."""
    address = address or str(700_000_000 + _count(session, Contact) + 1)
    return _kept(
        session,
        Contact(
            channel=channel,
            address_index=keys.index(address),
            address=address,
            person_id=person.id if person else None,
            language=language,
            created_at=created_at,
            unreachable_at=unreachable_at,
        ),
    )


def _kept(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def _count(session: Session, table: type[Person] | type[Organisation] | type[Contact]) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def _in_letters(number: int) -> str:
    """Return 1 as `A`, 27 as `AA`: a name has no figures."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
