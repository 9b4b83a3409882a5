"""Check a table (dry run) or apply it (all or nothing)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.audit import record
from models.errors import BadInput, NotEntitled
from models.grants import WHOLE_DISTRICT, Scope
from models.importing.children_plan import ChildrenPlan, plan_children
from models.importing.children_writing import write_children
from models.importing.headings import ImportKind
from models.importing.report import ImportReport, Progress
from models.importing.roster import RosterPlan, plan_roster, write_roster
from models.importing.tables import Table
from models.keys import KeyRing
from models.months import local_day
from models.programme import Programme


def check(
    session: Session,
    programme: Programme,
    keys: KeyRing,
    now: datetime,
    table: Table,
    *,
    scope: Scope = WHOLE_DISTRICT,
    progress: Progress | None = None,
) -> ImportReport:
    """Return what `apply` would do; writes nothing.

    With a `scope` of some areas, children outside it are errors (and not told apart from unknown ones); the
    staff list wants the whole district, else NotEntitled.
    """
    return _plan(session, programme, keys, now, table, scope, progress or _silent).report


def apply(
    session: Session,
    programme: Programme,
    keys: KeyRing,
    now: datetime,
    table: Table,
    *,
    by: int | None,
    scope: Scope = WHOLE_DISTRICT,
    progress: Progress | None = None,
) -> ImportReport:
    """Write the table in the running transaction, with an audit entry, or nothing at all.

    `by` is the person who imports (None: the operator's terminal). `progress` counts the reading, then the
    writing. With any error in the report nothing is written and `applied` is false. Raises BadInput
    ('changed_meanwhile') when another process has written the same rows since they were read (a child left the list,
    was corrected, or was entered as well), and then nothing is written either.
    """
    plan = _plan(session, programme, keys, now, table, scope, progress or _silent)
    if plan.report.errors:
        return plan.report
    try:
        with session.begin_nested():
            if isinstance(plan, ChildrenPlan):
                write_children(session, programme, keys, now, plan, progress or _silent)
            else:
                write_roster(session, keys, plan, progress or _silent)
            record(session, now, by, "imported", f"{table.kind}:*", _figures(plan.report))
    except IntegrityError:
        raise BadInput("changed_meanwhile") from None
    session.expire_all()  # rows were written beside the session's own objects
    return replace(plan.report, applied=True)


def _plan(
    session: Session,
    programme: Programme,
    keys: KeyRing,
    now: datetime,
    table: Table,
    scope: Scope,
    progress: Progress,
) -> ChildrenPlan | RosterPlan:
    if table.kind is ImportKind.CHILDREN:
        return plan_children(session, programme, local_day(now, programme.zone), table, scope, progress)
    if not scope.whole_district:
        raise NotEntitled
    return plan_roster(session, keys, table, progress)


def _figures(report: ImportReport) -> str:
    return f"rows {report.rows}, added {report.added}, changed {report.changed}, unchanged {report.unchanged}"


def _silent(done: int, total: int) -> None:
    """Show nothing."""
