"""Turning what measurements and visits say into alerts; each is raised once and for what is new.

Raised by the schedule, never while a visit is written. An alert that a coordinator has closed comes again only for
a newer measurement, or after a month where nothing has happened at all.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from models.alerts import Alert, AlertKind, close_alerts_about, raise_alert
from models.children import ON_LIST, Child
from models.grants import WHOLE_DISTRICT, Scope
from models.growth_categories import Category, Index
from models.growth_trends import Point, Seen, faltering, ready_to_graduate
from models.measurements import Measurement, measurements_of, points_of
from models.months import Month, local_day
from models.pledges import Pledge, counts_in
from models.programme import Programme
from models.visits import Visit

log = logging.getLogger("genting.growth_watch")

NEWS = timedelta(days=2)
"""Measurements entered so recently are looked at; the schedule runs every hour and at every start."""

SILENT_AFTER = timedelta(days=61)
"""Two months without a visit, or without a measurement."""

AGAIN_AFTER = timedelta(days=30)
WASTED = "wasted"
"""In an alert's details: severely wasted by the newest measurement."""


def watch_growth(session: Session, now: datetime) -> int:
    """Raise what the newly entered measurements show; return how many alerts."""
    new = select(Measurement.child_id).where(col(Measurement.recorded_at) > now - NEWS)
    children = session.exec(
        select(Child).where(
            col(Child.id).in_(new), col(Child.status).in_(ON_LIST), col(Child.silent_since).is_(None)
        )
    ).all()
    found = measurements_of(session, children)
    raised = 0
    for child in children:
        if (said := _said(child, found[child.id or 0])) is not None:
            raised += _raise_for(session, now, child, said)
    return raised


def watch_silence(session: Session, programme: Programme, now: datetime) -> int:
    """Raise the supported children whom nobody has visited, or measured, for two months; return how many alerts."""
    today = local_day(now, programme.zone)
    since = today - SILENT_AFTER
    raised = 0
    for kind, children in (
        (AlertKind.NO_VISIT, supported_without_visit(session, since, Month.of(today))),
        (AlertKind.NO_MEASUREMENT, supported_without_measurement(session, since, Month.of(today))),
    ):
        for child in children:
            subject = f"child:{child.id}"
            if not _raised(session, kind, subject, after=now - AGAIN_AFTER):
                raised += raise_alert(session, now, kind, subject, child=child) is not None
    return raised


@dataclass(frozen=True, slots=True)
class _Said:
    """What a child's measurements say: the signs of faltering, and the day that makes it ready to graduate."""

    details: str
    ready_on: date | None


def _said(child: Child, measurements: Sequence[Measurement]) -> _Said | None:
    """Compute it; None when nothing can be said, so that one child's rows never keep back the next child's alerts."""
    try:
        points = points_of(child, measurements)
        if not points:
            return None
        ready_on = points[-1].measured_on if ready_to_graduate(points) else None
        return _Said(details_of(points), ready_on)
    except Exception:  # pure computing: whatever it is, the next child is looked at
        log.exception("child_not_watched", extra={"child": child.id})
        return None


def _raise_for(session: Session, now: datetime, child: Child, said: _Said) -> int:
    """Raise faltering and graduation; close what the newest measurement has made good."""
    subject = f"child:{child.id}"
    raised = 0
    if details := said.details:
        if not _raised(session, AlertKind.FALTERING, subject, details=details):
            alert = raise_alert(session, now, AlertKind.FALTERING, subject, child=child, details=details)
            raised += alert is not None
    else:
        close_alerts_about(session, now, subject, AlertKind.FALTERING)
    if said.ready_on is not None:
        measured = said.ready_on.isoformat()
        if not _raised(session, AlertKind.READY_TO_GRADUATE, subject, details=measured):
            kind = AlertKind.READY_TO_GRADUATE
            raised += raise_alert(session, now, kind, subject, child=child, details=measured) is not None
    return raised


def details_of(points: Sequence[Point]) -> str:
    """Return the signs of faltering as codes: `dropped:haz:2025-08-10`, joined by spaces; empty for none."""
    newest = points[-1]
    whz = newest.growth.believed(Index.WHZ)
    codes = [_code(seen) for seen in faltering(points)]
    if whz is not None and newest.growth.category(Index.WHZ) is Category.SEVERELY_WASTED:
        codes.insert(0, f"{WASTED}:whz:{newest.measured_on.isoformat()}")
    return " ".join(codes[:6])


def _code(seen: Seen) -> str:
    return f"{seen.sign}:{seen.index or ''}:{seen.since or ''}"


def _raised(
    session: Session,
    kind: AlertKind,
    subject: str,
    *,
    details: str | None = None,
    after: datetime | None = None,
) -> bool:
    query = select(Alert.id).where(Alert.kind == kind, Alert.subject == subject)
    if details is not None:
        query = query.where(Alert.details == details)
    if after is not None:
        query = query.where(col(Alert.opened_at) > after)
    return session.exec(query).first() is not None


def supported_without_visit(
    session: Session, since: date, month: Month, scope: Scope = WHOLE_DISTRICT
) -> Sequence[Child]:
    """Return the children in scope whose pledges had begun by a day and whom nobody has visited since."""
    visited = select(Visit.id).where(Visit.child_id == Child.id, col(Visit.visited_on) >= since)
    query = _supported(since, month).where(~visited.correlate(Child).exists(), scope.children())
    return session.exec(query).all()


def supported_without_measurement(session: Session, since: date, month: Month) -> Sequence[Child]:
    """Return the children whose pledges had begun by a day and whom nobody has measured since."""
    measured = select(Measurement.id).where(
        Measurement.child_id == Child.id, col(Measurement.measured_on) >= since
    )
    return session.exec(_supported(since, month).where(~measured.correlate(Child).exists())).all()


def unvisited_in(session: Session, month: Month, scope: Scope) -> int:
    """Count the supported children in scope whom nobody has visited in a month, however new their pledges."""
    visited = select(Visit.id).where(
        Visit.child_id == Child.id, col(Visit.visited_on).between(month.first_day, month.last_day)
    )
    query = (
        select(func.count())
        .select_from(Child)
        .where(*_spoken_of(), _supported_by(counts_in(month)), scope.children())
    )
    return session.exec(query.where(~visited.correlate(Child).exists())).one()


def _supported(since: date, month: Month) -> SelectOfScalar[Child]:
    return select(Child).where(*_spoken_of(), supported_since(since, month)).order_by(Child.code)


def supported_since(since: date, month: Month) -> ColumnElement[bool]:
    """Condition on `Child`: has a pledge that counts in a month and had begun by a day; the others are not late."""
    return _supported_by(and_(counts_in(month), col(Pledge.first_month) < Month.of(since)))


def _supported_by(pledged: ColumnElement[bool]) -> ColumnElement[bool]:
    """Condition on `Child`: has a pledge of which a condition is true."""
    return select(Pledge.id).where(Pledge.child_id == Child.id, pledged).correlate(Child).exists()


def _spoken_of() -> list[ColumnElement[bool]]:
    """Conditions on `Child`: on the list, and nobody asked for silence."""
    return [col(Child.status).in_(ON_LIST), col(Child.silent_since).is_(None)]
