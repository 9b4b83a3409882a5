"""Who is late with visits and with the month's check-in, for whoever reminds them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models.checkins import CheckIn
from models.children import ON_LIST, Child, Guardian
from models.families import can_be_asked
from models.grants import Scope
from models.growth_watch import SILENT_AFTER, supported_without_visit
from models.months import Month, whole_months
from models.pledges import Pledge, PledgeState, counts_in
from models.reminders import Reminder, ReminderKind, ReminderState
from models.visits import Visit

CHUNK = 1_000
"""Children looked up at a time."""


@dataclass(frozen=True, slots=True)
class LateVisit:
    """A child whose visit is late: under which pledges, and since when nobody has been there."""

    child: Child
    pledges: tuple[Pledge, ...]
    since: date

    def months(self, today: date) -> int:
        """The whole months without a visit."""
        return whole_months(self.since, today)

    @property
    def visitors(self) -> list[int]:
        """Who may log the visit: whom the giver has named, else the giver."""
        active = [pledge for pledge in self.pledges if pledge.state is PledgeState.ACTIVE]
        return sorted({pledge.visitor_id or pledge.foster_parent_id for pledge in active})


def late_for_visit(session: Session, today: date, scope: Scope) -> Sequence[Child]:
    """Return the supported children in scope whom nobody has visited for two months, as the alerts count them."""
    return supported_without_visit(session, today - SILENT_AFTER, Month.of(today), scope)


def visits_missed(session: Session, today: date, children: Sequence[Child]) -> list[LateVisit]:
    """Say of children who are late for a visit under which pledges, and since when."""
    missed = []
    for start in range(0, len(children), CHUNK):
        some = children[start : start + CHUNK]
        ids = [child.id for child in some]
        pledges: defaultdict[int, list[Pledge]] = defaultdict(list)
        under = select(Pledge).where(col(Pledge.child_id).in_(ids), counts_in(Month.of(today)))
        for pledge in session.exec(under.order_by(col(Pledge.id))):
            pledges[pledge.child_id].append(pledge)
        last = select(Visit.child_id, func.max(Visit.visited_on)).where(col(Visit.child_id).in_(ids))
        seen = dict(session.exec(last.group_by(col(Visit.child_id))).all())
        for child in some:
            mine = pledges[child.id or 0]
            begun = min((pledge.first_month for pledge in mine), default=Month.of(today)).first_day
            missed.append(LateVisit(child, tuple(mine), max(seen.get(child.id or 0, begun), begun)))
    return missed


def unanswered(session: Session, month: Month, scope: ColumnElement[bool]) -> list[tuple[Child, int]]:
    """Return the children in scope whose families were asked about a month and have not answered, and whom to remind.

    Of those who may be asked still.
    """
    answered = select(CheckIn.id).where(CheckIn.child_id == Child.id, CheckIn.month == month)
    asked = select(Reminder.id).where(
        col(Reminder.kind).in_((ReminderKind.CHECK_IN, ReminderKind.CHECK_IN_AGAIN)),
        col(Reminder.subject_id) == Child.id,
        Reminder.period == str(month),
        Reminder.state != int(ReminderState.WITHDRAWN),
    )
    query = (
        select(Child, Guardian.person_id)
        .join(Guardian, col(Child.guardian_id) == Guardian.id)
        .where(col(Child.status).in_(ON_LIST), can_be_asked(), scope)
        .where(asked.correlate(Child).exists(), ~answered.correlate(Child).exists())
        .order_by(Child.code)
    )
    return [(child, person_id) for child, person_id in session.exec(query) if person_id is not None]
