"""An organisation's page: the children whom its people support this month, who visits each, and when last."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ScalarSelect, and_, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.children import Child, on_list
from models.months import Month
from models.people import FosterParent, Person
from models.pledges import Pledge, counts_in
from models.visits import Visit


@dataclass(frozen=True, slots=True)
class Supported:
    """A child by its code, what is promised a month, who visits (None: nobody, or not to be told), the newest visit."""

    code: str
    monthly_idr: int
    visitor: str | None
    visited_on: date | None


def supported_by(session: Session, organisation_id: int, day: date, reader_id: int) -> list[Supported]:
    """Return the children whom an organisation's people support in the month, by code; none that are silent (K6).

    A visitor's name is told to the giver of that pledge only.
    """
    newest = _newest_visit(organisation_id)
    mine = and_(col(Person.id) == col(Pledge.visitor_id), col(Pledge.foster_parent_id) == reader_id)
    query = (
        select(col(Child.code), col(Pledge.monthly_idr), col(Person.name), newest)
        .join_from(Pledge, Child, col(Pledge.child_id) == col(Child.id))
        .join(FosterParent, col(FosterParent.person_id) == col(Pledge.foster_parent_id))
        .outerjoin(Person, mine)
        .where(col(FosterParent.organisation_id) == organisation_id, counts_in(Month.of(day)), on_list(day))
        .where(col(Child.silent_since).is_(None))
        .order_by(col(Child.code), col(Pledge.id))
    )
    return [Supported(*row) for row in session.execute(query)]


def _newest_visit(organisation_id: int) -> ScalarSelect[date]:
    """The newest visit to the asking query's child under any pledge of the organisation: those before a renewal too."""
    under, giver = aliased(Pledge), aliased(FosterParent)
    return (
        select(func.max(col(Visit.visited_on)))
        .join(under, col(Visit.pledge_id) == col(under.id))
        .join(giver, col(giver.person_id) == col(under.foster_parent_id))
        .where(col(Visit.child_id) == col(Child.id), col(giver.organisation_id) == organisation_id)
        .correlate(Child)
        .scalar_subquery()
    )
