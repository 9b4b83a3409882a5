"""What the demo is made of, read from `demo.toml`."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from models.organisations import OrganisationKind


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(_Frozen):
    """What invented people are called."""

    family: str
    children: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    second: tuple[str, ...]


class Office(_Frozen):
    """An OPD and how many ASN it has."""

    name: str
    staff: int


class Partner(_Frozen):
    """An organisation that supports so many whole children."""

    name: str
    kind: OrganisationKind
    contact: str
    children: int


class Applicant(_Frozen):
    """Somebody who may sign up, or waits for having signed up."""

    name: str
    nip: str | None = None
    office: str | None = None


class CastMember(Applicant):
    """A person whom a visitor plays; texts with placeholders."""

    key: str
    telegram_id: int
    phone: str
    channel: str = "telegram"
    children: tuple[int, ...] = ()
    role_id: str
    role_en: str
    hint_id: str
    hint_en: str


class Material(_Frozen):
    """The whole file."""

    names: Names
    area_office: Office
    offices: tuple[Office, ...]
    partners: tuple[Partner, ...]
    not_signed_up: tuple[Applicant, ...]
    waiting: tuple[Applicant, ...]
    cast: tuple[CastMember, ...]

    def member(self, key: str) -> CastMember:
        """Return a member of the cast."""
        return next(member for member in self.cast if member.key == key)


@cache
def material() -> Material:
    """Return the demo's material."""
    return Material.model_validate(
        tomllib.loads(Path(__file__).with_name("demo.toml").read_text(encoding="utf-8"))
    )
