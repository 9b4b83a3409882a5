"""An organisation's page: the children whom its people support this month, who visits each, and when last."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
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
    newest = (
        select(func.max(col(Visit.visited_on)))
        .where(col(Visit.pledge_id) == col(Pledge.id))
        .correlate(Pledge)
        .scalar_subquery()
    )
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
