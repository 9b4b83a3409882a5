"""Writing the demo's year into an empty database."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle

from sqlmodel import Session

from bot.demo.cast import DemoPerson, StaffMember, cast, coordinated_area, not_signed_up
from bot.demo.checking import Joined, write_check_ins
from bot.demo.families import CHILDREN, Family, families, has_joined, invented_phone
from bot.demo.growing import write_growth
from bot.demo.history import FULLY_SUPPORTED, PARTLY_SUPPORTED, Planner, Promise
from bot.demo.ledger import write_ledger
from bot.demo.material import material
from bot.demo.staff import Asn, Giver, offices, partners, roster
from models.audit import record
from models.consents import VERSIONS, Consent, ConsentKind
from models.contacts import Contact
from models.grants import Grant, GrantState
from models.keys import KeyRing
from models.months import local_day
from models.nip import parse_nip
from models.organisations import Organisation, OrganisationKind
from models.people import FosterKind, FosterParent, Person, RosterEntry, Standing
from models.pledges import PENDING_LASTS, Pledge, PledgeState
from models.programme import Programme

ROLE_SINCE, ROLE_UNTIL = timedelta(days=500), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class DemoSeed:
    """What was written: counts for the month of the demo, and whom a visitor can play."""

    children: int
    fully_supported: int
    partly_supported: int
    cast: tuple[DemoPerson, ...]
    not_signed_up: tuple[StaffMember, ...]


def seed(
    session: Session, programme: Programme, keys: KeyRing, now: datetime, channel: str | None = None
) -> DemoSeed:
    """Fill an empty database with a year that ends at `now` (aware), in the running transaction.

    `channel` puts the whole cast on one platform instead of each on their own.
    """
    today = local_day(now, programme.zone)
    staff = roster(programme)
    organisations = _write_organisations(session, programme)
    _write_roster(session, keys, staff, organisations)
    listed = families(programme, keys, now, today)
    _write_families(session, listed)
    people = _People(session, programme, keys, now, organisations, channel)
    people.write_cast(programme)
    joined = people.write_joined_families(listed, today)
    promises = Planner(programme, listed, staff, today).plan()
    pledges = _write_promises(session, promises, people, programme, now)
    answering = {family.child.id or 0: family.person_id for family in joined}
    write_ledger(session, programme, pledges, now, families=answering, cast=people.foster_parent)
    write_check_ins(session, programme, joined, pledges, now)
    write_growth(session, programme, [family.child for family in listed], pledges, now)
    people.write_waiting()
    record(session, now, None, "demo_seeded", "demo:*", f"children {CHILDREN}")
    session.flush()
    return DemoSeed(CHILDREN, FULLY_SUPPORTED, PARTLY_SUPPORTED, cast(programme), not_signed_up(programme))


def _write_organisations(session: Session, programme: Programme) -> dict[str, int]:
    """Write OPD and partners; return their ids by name."""
    rows = [
        Organisation(name=office.name, kind=OrganisationKind.OPD, staff_count=office.staff)
        for office in offices(programme)
    ]
    rows += [Organisation(name=partner.name, kind=partner.kind) for partner in partners()]
    session.add_all(rows)
    session.flush()
    return {row.name: _id(row.id) for row in rows}


def _write_roster(session: Session, keys: KeyRing, staff: list[Asn], organisations: dict[str, int]) -> None:
    session.add_all(
        RosterEntry(
            nip_index=keys.index(asn.nip),
            nip=asn.nip,
            name=asn.name,
            born_on=asn.born_on,
            phone_index=keys.index(asn.phone),
            organisation_id=organisations[asn.office],
        )
        for asn in staff
    )


def _write_families(session: Session, listed: list[Family]) -> None:
    session.add_all(family.guardian for family in listed)
    session.flush()
    for family in listed:
        family.child.guardian_id = family.guardian.id
    session.add_all(family.child for family in listed)
    session.flush()


class _People:
    """Writes people, each once, and remembers them."""

    def __init__(
        self,
        session: Session,
        programme: Programme,
        keys: KeyRing,
        now: datetime,
        organisations: dict[str, int],
        channel: str | None,
    ) -> None:
        self._session, self._keys, self._now = session, keys, now
        self._channel = channel
        self._programme, self._zone, self._organisations = programme, programme.zone, organisations
        self.coordinator = self.foster_parent = 0

    def write_cast(self, programme: Programme) -> None:
        """Write the coordinators, with role and chat."""
        roles = {
            "district_coordinator": None,
            "second_coordinator": None,
            "area_coordinator": coordinated_area(programme),
        }
        since = self._now - ROLE_SINCE
        for member in cast(programme):
            if member.key in roles:
                person = self._person(member.name, member.phone, since)
                area = roles[member.key]
                self._session.add(
                    Grant(
                        person_id=person,
                        area=area,
                        granted_at=since,
                        expires_at=self._now + ROLE_UNTIL,
                        state=GrantState.ACTIVE,
                    )
                )
                self._contact(member, person, since)
                self.coordinator = self.coordinator or person

    def write_giver(self, giver: Giver, first_promise: datetime, programme: Programme) -> int:
        """Write a verified foster parent who signed up some days before their first promise."""
        signed_up = first_promise - timedelta(days=1 + len(giver.name) % 5)
        person = self._person(giver.name, giver.phone, signed_up)
        on_roster = giver.kind is FosterKind.ASN
        self._session.add(
            FosterParent(
                person_id=person,
                kind=giver.kind,
                nip=giver.nip,
                nip_index=giver.nip and self._keys.index(giver.nip),
                organisation_id=self._organisations[giver.organisation],
                standing=Standing.VERIFIED,
                registered_at=signed_up,
                decided_at=signed_up if on_roster else signed_up + timedelta(hours=4),
                decided_by=None if on_roster else self.coordinator,
            )
        )
        self._consent(person, ConsentKind.DATA_USE, signed_up)
        for member in cast(programme):
            if member.key == "foster_parent" and member.phone == giver.phone:
                self._contact(member, person, signed_up)
                self.foster_parent = person
        self._session.flush()
        return person

    def write_joined_families(self, listed: list[Family], today: date) -> list[Joined]:
        """Write the guardians who have joined, two weeks after the child was listed; few keep their contact."""
        joined = [family for family in listed if has_joined(family)]
        people = []
        for family in joined:
            day = min(today, family.child.listed_on + timedelta(days=14))
            guardian, since = family.guardian, datetime.combine(day, time(11), self._zone)
            people.append(
                Person(
                    name=guardian.name,
                    phone=guardian.phone,
                    phone_index=guardian.phone_index,
                    created_at=min(self._now, since),
                )
            )
        self._session.add_all(people)
        self._session.flush()
        for family, person in zip(joined, people, strict=True):
            family.guardian.person_id = person.id
            self._consent(_id(person.id), ConsentKind.PARENTAL, person.created_at)
            if family.number % 15:
                self._consent(_id(person.id), ConsentKind.FAMILY_CONTACT, person.created_at)
            for member in cast(self._programme):
                if member.key == "family" and member.phone == person.phone:
                    self._contact(member, _id(person.id), person.created_at)
        return [
            Joined(family.child, _id(person.id), local_day(person.created_at, self._zone))
            for family, person in zip(joined, people, strict=True)
        ]

    def write_waiting(self) -> None:
        """Write the sign-ups that wait for the coordinator, the newest a day old."""
        for days, applicant in enumerate(material().waiting, start=1):
            signed_up = self._now - timedelta(days=days, hours=2)
            person = self._person(applicant.name, invented_phone(700 + days), signed_up)
            nip = parse_nip(applicant.nip) if applicant.nip else None
            self._session.add(
                FosterParent(
                    person_id=person,
                    kind=FosterKind.ASN if nip else FosterKind.INDIVIDUAL,
                    nip=nip,
                    nip_index=nip and self._keys.index(nip),
                    organisation_id=self._organisations.get(applicant.office or ""),
                    standing=Standing.PENDING,
                    registered_at=signed_up,
                )
            )
            self._consent(person, ConsentKind.DATA_USE, signed_up)

    def agree(self, person: int, pledge: Pledge) -> None:
        """Write the consents that stand before a promise."""
        for kind in (ConsentKind.CHILD_PROTECTION, ConsentKind.COMMITMENT):
            self._consent(person, kind, pledge.pledged_at, pledge.subject)

    def _person(self, name: str, phone: str, created_at: datetime) -> int:
        person = Person(name=name, phone=phone, phone_index=self._keys.index(phone), created_at=created_at)
        self._session.add(person)
        self._session.flush()
        return _id(person.id)

    def _contact(self, member: DemoPerson, person: int, created_at: datetime) -> None:
        channel = self._channel or member.channel
        address = member.phone.removeprefix("+") if channel == "whatsapp" else str(member.telegram_id)
        self._session.add(
            Contact(
                channel=channel,
                address_index=self._keys.index(address),
                address=address,
                person_id=person,
                language=member.language,
                created_at=created_at,
            )
        )

    def _consent(self, person: int, kind: ConsentKind, given_at: datetime, subject: str = "") -> None:
        self._session.add(
            Consent(person_id=person, kind=kind, version=VERSIONS[kind], subject=subject, given_at=given_at)
        )


def _write_promises(
    session: Session, promises: list[Promise], people: _People, programme: Programme, now: datetime
) -> list[Pledge]:
    """Write the givers and then their pledges, oldest first; return the pledges."""
    rnd = random.Random("genting demo: hours")  # noqa: S311 - invented, the same every time
    timed = sorted(
        ((_at(rnd, promise.pledged_on, programme), promise) for promise in promises),
        key=lambda pair: pair[0],
    )
    ids: dict[Giver, int] = {}
    for instant, promise in timed:
        if promise.giver not in ids:
            ids[promise.giver] = people.write_giver(promise.giver, instant, programme)
    visitors = cycle([id_ for giver, id_ in ids.items() if giver.kind is FosterKind.ASN])
    pledges = []
    for instant, promise in timed:
        visited_by_others = promise.giver.kind is not FosterKind.ASN
        pledges.append(_pledge(promise, ids[promise.giver], instant, programme, people.coordinator, now))
        pledges[-1].visitor_id = next(visitors) if visited_by_others else None
    session.add_all(pledges)
    session.flush()
    for pledge in pledges:
        people.agree(pledge.foster_parent_id, pledge)
    return pledges


def _pledge(
    promise: Promise, giver: int, pledged_at: datetime, programme: Programme, coordinator: int, now: datetime
) -> Pledge:
    waits = promise.state is PledgeState.PENDING
    decided_by: int | None = coordinator
    decided_at = pledged_at + timedelta(hours=3)
    if promise.state is PledgeState.LAPSED:
        decided_at, decided_by = pledged_at + PENDING_LASTS, None
    elif promise.state is PledgeState.ENDED and promise.last is not None:
        ended_on = promise.last.plus(1).first_day
        decided_at = min(now, datetime.combine(ended_on, time(0, 10), programme.zone))
    round_ = programme.round_of(promise.first)
    return Pledge(
        child_id=_id(promise.family.child.id),
        foster_parent_id=giver,
        monthly_idr=promise.monthly_idr,
        first_month=promise.first,
        last_month=promise.last,
        round_name=round_.name if round_ and round_.last_month == promise.last else None,
        state=promise.state,
        pledged_at=pledged_at,
        expires_at=pledged_at + PENDING_LASTS if waits else None,
        decided_at=None if waits else decided_at,
        decided_by=None if waits else decided_by,
    )


def _at(rnd: random.Random, day: date, programme: Programme) -> datetime:
    """Return an instant of that day between 8.00 and 16.00, local time."""
    local = datetime.combine(day, time(rnd.randint(8, 15), rnd.randint(0, 59)), programme.zone)
    return local.astimezone(UTC)


def _id(given: int | None) -> int:
    """Return an id that a flush has given."""
    if given is None:
        raise AssertionError("not flushed")
    return given
