"""Who gives, by kind: the ASN, companies, communities, as the national programme counts its foster parents."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from models.children import Child
from models.months import Month
from models.people import FosterKind, FosterParent
from models.pledges import Pledge, counts_in


@dataclass(frozen=True, slots=True)
class Givers:
    """The foster parents of a kind who give in a month, to how many children, and their rupiah of that month."""

    kind: FosterKind
    people: int
    children: int
    monthly_idr: int


def givers_by_kind(session: Session, month: Month, scope: ColumnElement[bool]) -> Sequence[Givers]:
    """Return who gives to children in scope in a month, the largest sum first; kinds without anybody are absent."""
    query = (
        select(
            col(FosterParent.kind),
            func.count(func.distinct(col(Pledge.foster_parent_id))),
            func.count(func.distinct(col(Pledge.child_id))),
            func.sum(col(Pledge.monthly_idr)),
        )
        .join_from(Pledge, FosterParent, col(Pledge.foster_parent_id) == col(FosterParent.person_id))
        .join(Child, col(Pledge.child_id) == col(Child.id))
        .where(counts_in(month), scope)
        .group_by(col(FosterParent.kind))
    )
    found = [
        Givers(kind, people, children, int(idr)) for kind, people, children, idr in session.execute(query)
    ]
    return sorted(found, key=lambda one: -one.monthly_idr)
