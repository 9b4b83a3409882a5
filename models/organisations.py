"""Where foster parents belong: OPD (district offices), companies, communities."""

from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import words


class OrganisationKind(StrEnum):
    """What an organisation is, as the national programme counts partners."""

    OPD = "opd"
    BUMN = "bumn"
    BUMD = "bumd"
    COMPANY = "company"
    COMMUNITY = "community"


class Organisation(SQLModel, table=True):
    """An OPD or a partner. `staff_count` is the number of ASN on its books (participation's denominator)."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120, unique=True)
    kind: OrganisationKind = Field(sa_type=words(OrganisationKind))
    staff_count: int | None = Field(default=None, ge=0)


def organisations_of(session: Session, kind: OrganisationKind) -> list[Organisation]:
    """Return the organisations of a kind by name."""
    query = select(Organisation).where(Organisation.kind == kind).order_by(col(Organisation.name))
    return list(session.exec(query))


def organisation_named(session: Session, kind: OrganisationKind, name: str) -> Organisation:
    """Return the organisation of that name (spaces and capitals do not matter), adding it when it is new."""
    name = " ".join(name.split())
    wanted = name.casefold()
    known = next((o for o in session.exec(select(Organisation)) if o.name.casefold() == wanted), None)
    if known is None:
        known = Organisation(name=name, kind=kind)
        session.add(known)
        session.flush()
    return known
