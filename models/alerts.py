"""Alerts: what a coordinator must look at, until somebody has said what was done.

An alert is open once for each (kind, subject): raising it again while it is open changes nothing. It never
diagnoses; it says what was reported and by whom it can be looked after. Whoever takes, closes or changes one first
takes its row (`FOR UPDATE`; on SQLite the transaction is the only writer).
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, exists, text, true
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.audit import record
from models.children import Child
from models.columns import Instant, Sealed, words
from models.errors import AlreadyDecided
from models.grants import Scope


class AlertKind(StrEnum):
    """What has happened, most urgent first."""

    DANGER_SIGN = "danger_sign"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    AID_MISSING = "aid_missing"
    AID_SHORT = "aid_short"
    QUESTION = "question"
    LOSING_SUPPORT = "losing_support"
    FALTERING = "faltering"
    NO_VISIT = "no_visit"
    NO_MEASUREMENT = "no_measurement"
    READY_TO_GRADUATE = "ready_to_graduate"
    UNREACHABLE = "unreachable"


URGENT = frozenset({AlertKind.DANGER_SIGN, AlertKind.CONSENT_WITHDRAWN})
"""What coordinators are told of at once, by day or as soon as it is day; the others stand in the weekly digest."""


class Alert(SQLModel, table=True):
    """Something to look at. `subject` names the row that it is about (`payout:17`, `child:24`, `contact:5`).

    Who coordinates the child's present area sees it, and the whole district's coordinators, who alone see one without
    a child. `area` is where the child lived when it was raised. `details` are codes for the words, `note` is what the
    coordinator did. Open while `closed_at` is None; taken while somebody has it in hand.
    """

    __table_args__ = (
        Index(
            "alert_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: AlertKind = Field(sa_type=words(AlertKind))
    subject: str = Field(max_length=60)
    child_id: int | None = Field(default=None, foreign_key="child.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    area: str | None = Field(default=None, max_length=60)
    details: str = Field(default="", max_length=200, description="codes and figures only")
    opened_at: datetime = Field(sa_type=Instant, index=True)
    taken_by: int | None = Field(default=None, foreign_key="person.id")
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    note: str = Field(default="", sa_type=Sealed)


def raise_alert(
    session: Session,
    now: datetime,
    kind: AlertKind,
    subject: str,
    *,
    child: Child | None = None,
    person_id: int | None = None,
    details: str = "",
) -> Alert | None:
    """Open an alert; None when it is open already."""
    if open_alert(session, kind, subject) is not None:
        return None
    alert = Alert(
        kind=kind,
        subject=subject,
        child_id=child.id if child else None,
        person_id=person_id,
        area=child.area if child else None,
        details=details,
        opened_at=now,
    )
    session.add(alert)
    session.flush()
    return alert


def open_alert(session: Session, kind: AlertKind, subject: str, *, locked: bool = False) -> Alert | None:
    """Return the open alert of a kind about something; `locked`, to change it."""
    query = select(Alert).where(Alert.kind == kind, Alert.subject == subject, col(Alert.closed_at).is_(None))
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.exec(query).first()


def open_alerts(session: Session, scope: Scope, *kinds: AlertKind) -> list[Alert]:
    """Return the open alerts in scope (of these kinds), most urgent first, then oldest."""
    query = select(Alert).where(col(Alert.closed_at).is_(None), _seen_by(scope))
    if kinds:
        query = query.where(col(Alert.kind).in_(kinds))
    rank = {kind: number for number, kind in enumerate(AlertKind)}
    return sorted(session.exec(query), key=lambda alert: (rank[alert.kind], alert.opened_at, alert.id))


def alert_in_scope(session: Session, scope: Scope, alert_id: int) -> Alert | None:
    """Return an alert, open or closed, if it is in scope; a foreign one answers as an unknown one does."""
    return session.exec(select(Alert).where(Alert.id == alert_id, _seen_by(scope))).first()


def _seen_by(scope: Scope) -> ColumnElement[bool]:
    """Condition: the alert is about a child that lives in scope now, wherever it lived when it was raised."""
    if scope.whole_district:
        return true()
    return exists().where(col(Child.id) == col(Alert.child_id), scope.children())


def area_of(session: Session, alert: Alert) -> str | None:
    """Return the area whose coordinators look after an alert: where its child lives now."""
    child = session.get(Child, alert.child_id) if alert.child_id else None
    return child.area if child else None


def take_alert(session: Session, now: datetime, alert: Alert, *, by: int) -> None:
    """Take an alert in hand, from whoever has it.

    Raises AlreadyDecided when it is closed, or somebody else has taken it since it was read.
    """
    seen = alert.taken_by
    _lock(session, alert)
    if alert.closed_at is not None or alert.taken_by not in {seen, by}:
        raise AlreadyDecided
    alert.taken_by, alert.taken_at = by, now
    session.add(alert)
    record(session, now, by, "alert_taken", f"alert:{alert.id}")


def close_alert(session: Session, now: datetime, alert: Alert, *, by: int | None, note: str = "") -> None:
    """Say that it has been looked after. Raises AlreadyDecided when it is closed."""
    _lock(session, alert)
    if alert.closed_at is not None:
        raise AlreadyDecided
    alert.closed_by, alert.closed_at, alert.note = by, now, note
    session.add(alert)
    record(session, now, by, "alert_closed", f"alert:{alert.id}", alert.kind)
    session.flush()


def close_alerts_about(session: Session, now: datetime, subject: str, *kinds: AlertKind) -> None:
    """Its reason is gone: close what is open about something, of these kinds (all when none is named)."""
    query = select(Alert).where(Alert.subject == subject, col(Alert.closed_at).is_(None))
    if kinds:
        query = query.where(col(Alert.kind).in_(kinds))
    for alert in locked_alerts(session, query):
        close_alert(session, now, alert, by=None)


def locked_alerts(session: Session, query: SelectOfScalar[Alert]) -> Sequence[Alert]:
    """Take the rows of some alerts, in order of id; what somebody has closed meanwhile is not among the open ones."""
    in_order = query.order_by(col(Alert.id)).with_for_update()
    return session.exec(in_order, execution_options={"populate_existing": True}).all()


def _lock(session: Session, alert: Alert) -> None:
    """Take an alert's row, as it is now."""
    session.flush()
    session.get(Alert, alert.id, with_for_update=True, populate_existing=True)
