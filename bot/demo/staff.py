"""The demo's offices, staff list and foster parents."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from bot.demo.families import invented_phone
from bot.demo.material import Office, Partner, material
from models.nip import Nip, birth_date_in, parse_nip
from models.organisations import OrganisationKind
from models.people import FosterKind
from models.programme import Programme

ON_ROSTER = 300
GIVING_ASN = 112
"""How many of the roster support a child, now or earlier."""


@dataclass(frozen=True, slots=True)
class Asn:
    """A civil servant of the staff list."""

    name: str
    nip: Nip
    office: str
    phone: str

    @property
    def born_on(self) -> date:
        """As the NIP says."""
        return birth_date_in(self.nip)


@dataclass(frozen=True, slots=True)
class Giver:
    """Somebody who supports children: an ASN of the roster or the contact of a partner."""

    name: str
    phone: str
    kind: FosterKind
    organisation: str
    nip: Nip | None = None


def offices(programme: Programme) -> list[Office]:
    """Return the OPD: those of the file, and one for each kecamatan."""
    pattern = material().area_office
    of_areas = [
        Office(name=pattern.name.format(area=area.name), staff=pattern.staff) for area in programme.areas
    ]
    return [*material().offices, *of_areas]


def roster(programme: Programme) -> list[Asn]:
    """Return 300 invented ASN: first those whom the demo names, then others, spread over the offices."""
    rnd = random.Random("genting demo: staff")  # noqa: S311 - invented people, the same every time
    foster_parent = material().member("foster_parent")
    named = [
        Asn(one.name, parse_nip(one.nip or ""), one.office or "", phone)
        for one, phone in [
            (foster_parent, foster_parent.phone),
            *((one, _phone_of(one.name, 900 + n)) for n, one in enumerate(material().not_signed_up)),
        ]
    ]
    every = offices(programme)
    weights = [office.staff**0.5 for office in every]
    staff, nips = list(named), {asn.nip for asn in named}
    while len(staff) < ON_ROSTER:
        female = rnd.random() < 0.5
        nip = _nip(rnd, female=female)
        if nip not in nips:
            nips.add(nip)
            office = rnd.choices(every, weights)[0].name
            staff.append(Asn(_name(rnd, female=female), nip, office, invented_phone(3000 + len(staff))))
    return staff


def _phone_of(name: str, otherwise: int) -> str:
    """Return the phone that the cast gives a person, if they are in it."""
    played = (member.phone for member in material().cast if member.name == name)
    return next(played, invented_phone(otherwise))


def _name(rnd: random.Random, *, female: bool) -> str:
    names = material().names
    return f"{rnd.choice(names.women if female else names.men)} {rnd.choice(names.second)} {names.family}"


def _nip(rnd: random.Random, *, female: bool) -> Nip:
    """Return a NIP of valid form with a serial of 9xx; one in five is PPPK, with a contract count of 21."""
    born = date(rnd.randint(1969, 1997), rnd.randint(1, 12), rnd.randint(1, 28))
    pppk = rnd.random() < 0.2
    year = rnd.randint(2021, 2024) if pppk else born.year + rnd.randint(23, 26)
    month = 21 if pppk else rnd.randint(1, 12)
    return parse_nip(f"{born:%Y%m%d}{year}{month:02d}{2 if female else 1}{rnd.randint(900, 999)}")


def asn_givers(staff: list[Asn]) -> Iterator[Giver]:
    """Yield the giving ASN over and over, in one order: neighbours are always different people."""
    rnd = random.Random("genting demo: givers")  # noqa: S311 - as above
    named = 1 + len(material().not_signed_up)
    chosen = rnd.sample(staff[named:], GIVING_ASN)
    return cycle([asn_giver(asn) for asn in chosen])


def asn_giver(asn: Asn) -> Giver:
    """Return an ASN as giver."""
    return Giver(asn.name, asn.phone, FosterKind.ASN, asn.office, asn.nip)


def partner_givers() -> list[tuple[Giver, int]]:
    """Return the partners' contacts, each with how many whole children they support."""
    return [
        (
            Giver(partner.contact, invented_phone(800 + n), _FOSTER_KINDS[partner.kind], partner.name),
            partner.children,
        )
        for n, partner in enumerate(material().partners)
    ]


def partners() -> tuple[Partner, ...]:
    """Return the organisations beside the OPD."""
    return material().partners


_FOSTER_KINDS = {
    OrganisationKind.COMPANY: FosterKind.COMPANY,
    OrganisationKind.BUMN: FosterKind.BUMN,
    OrganisationKind.BUMD: FosterKind.BUMD,
    OrganisationKind.COMMUNITY: FosterKind.COMMUNITY,
}
