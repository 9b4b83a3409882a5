"""Whom a visitor of the demo plays. Known without a database: the simulator offers them before anything runs."""

from dataclasses import dataclass
from datetime import date

from bot.demo.families import area_sizes, child_code
from bot.demo.material import Applicant, CastMember, material
from models.nip import birth_date_in, parse_nip
from models.programme import Programme

LANGUAGE = "id"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person with a phone, on Telegram or WhatsApp (`channel`).

    `joined`: the programme knows their chat already (a `Contact` with the id, on WhatsApp the number, as its
    address), so they have written before. `nip` and `born_on`: what they would type to sign up. `child_codes`: the
    children whom they support or care for.
    """

    key: str
    telegram_id: int
    name: str
    phone: str
    language: str
    role_id: str
    role_en: str
    hint_id: str
    hint_en: str
    joined: bool
    nip: str | None
    born_on: date | None
    child_codes: tuple[str, ...]
    channel: str = "telegram"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody on the staff list: what a sign-up has to agree with."""

    name: str
    nip: str
    born_on: date
    office: str


JOINED = frozenset(
    {"district_coordinator", "second_coordinator", "area_coordinator", "foster_parent", "family"}
)


def cast(programme: Programme) -> tuple[DemoPerson, ...]:
    """Return the people to play, in the order in which they are offered."""
    return tuple(_person(member, programme) for member in material().cast)


def not_signed_up(programme: Programme) -> tuple[StaffMember, ...]:  # noqa: ARG001 - another district has others
    """Return three people of the staff list who have not signed up: their data verifies a visitor at once."""
    return tuple(_staff(applicant) for applicant in material().not_signed_up)


def coordinated_area(programme: Programme) -> str:
    """Return the area with a coordinator of its own: the middle one by its number of children."""
    by_size = sorted(area_sizes(programme).items(), key=lambda item: item[1])
    return by_size[len(by_size) // 2][0]


def _person(member: CastMember, programme: Programme) -> DemoPerson:
    codes = tuple(child_code(programme, number) for number in member.children)
    born_on = birth_date_in(parse_nip(member.nip)) if member.nip else None
    filled = {
        "area": coordinated_area(programme),
        "nip": member.nip or "",
        "born": f"{born_on:%d/%m/%Y}" if born_on else "",
        "code": codes[0] if codes else "",
    }
    return DemoPerson(
        key=member.key,
        telegram_id=member.telegram_id,
        name=member.name,
        phone=member.phone,
        language=LANGUAGE,
        role_id=member.role_id.format_map(filled),
        role_en=member.role_en.format_map(filled),
        hint_id=member.hint_id.format_map(filled),
        hint_en=member.hint_en.format_map(filled),
        joined=member.key in JOINED,
        nip=member.nip,
        born_on=born_on,
        child_codes=codes,
        channel=member.channel,
    )


def _staff(applicant: Applicant) -> StaffMember:
    nip = parse_nip(applicant.nip or "")
    return StaffMember(applicant.name, nip, birth_date_in(nip), applicant.office or "")
