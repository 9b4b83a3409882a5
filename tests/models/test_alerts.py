"""Alerts: seen where the child lives, taken by one, closed once."""

from collections.abc import Callable

import pytest
from sqlmodel import Session

from models.alerts import (
    Alert,
    AlertKind,
    alert_in_scope,
    area_of,
    close_alert,
    close_alerts_about,
    open_alerts,
    raise_alert,
    take_alert,
)
from models.children import Child
from models.database import Database, in_session, open_database
from models.enrolment import Correctable, correct
from models.errors import AlreadyDecided
from models.grants import WHOLE_DISTRICT, Scope
from models.importing import apply
from models.keys import KeyRing
from models.programme import Programme
from tests.builders import a_child, a_coordinator, id_of
from tests.clock import MONDAY_MORNING
from tests.models.test_importing_children import EMBUN, a_row, a_table
from tests.models.test_roles_race import both_at_once

SIJUK, BADAU = Scope(frozenset({"Sijuk"})), Scope(frozenset({"Badau"}))


def a_danger_sign(session: Session, child: Child) -> Alert:
    raised = raise_alert(session, MONDAY_MORNING, AlertKind.DANGER_SIGN, f"child:{child.id}", child=child)
    assert raised is not None
    return raised


def seen(session: Session, alert: Alert) -> dict[str, bool]:
    """Return to whom an alert shows itself, in the list and by its number."""
    scopes = {"Sijuk": SIJUK, "Badau": BADAU, "district": WHOLE_DISTRICT}
    listed = {name: alert in open_alerts(session, scope) for name, scope in scopes.items()}
    named = {name: alert_in_scope(session, scope, alert.id or 0) is alert for name, scope in scopes.items()}
    assert listed == named
    return listed


def test_an_alert_moves_with_its_child(session: Session, keys: KeyRing) -> None:
    child = a_child(session, area="Sijuk")
    alert = a_danger_sign(session, child)
    assert seen(session, alert) == {"Sijuk": True, "Badau": False, "district": True}
    by = id_of(a_coordinator(session, keys))
    correct(session, keys, MONDAY_MORNING, child, Correctable.PLACE, ("Badau", "Badau"), by=by)
    assert seen(session, alert) == {"Sijuk": False, "Badau": True, "district": True}
    assert area_of(session, alert) == "Badau"


def test_an_alert_moves_with_its_child_when_a_file_says_where_it_lives(
    session: Session, keys: KeyRing, programme: Programme
) -> None:
    apply(session, programme, keys, MONDAY_MORNING, a_table(EMBUN), by=None)
    alert = a_danger_sign(session, session.get_one(Child, 1))
    apply(session, programme, keys, MONDAY_MORNING, a_table(a_row(area="Badau", village="Badau")), by=None)
    assert seen(session, alert) == {"Sijuk": False, "Badau": True, "district": True}


def test_an_alert_without_a_child_is_the_districts(session: Session) -> None:
    alert = raise_alert(session, MONDAY_MORNING, AlertKind.UNREACHABLE, "person:1")
    assert alert is not None
    assert seen(session, alert) == {"Sijuk": False, "Badau": False, "district": True}


@pytest.fixture
def alert_id(database: Database) -> int:
    return database.submit(in_session(lambda s: a_danger_sign(s, a_child(s)).id or 0)).result()


@pytest.fixture
def two(database: Database, keys: KeyRing) -> list[int]:
    """Two coordinators."""
    return database.submit(in_session(lambda s: [id_of(a_coordinator(s, keys)) for _ in range(2)])).result()


def now(database: Database, alert_id: int) -> Alert:
    return database.submit(in_session(lambda s: s.get_one(Alert, alert_id))).result()


def closing(alert_id: int, by: int) -> Callable[[Session], None]:
    """Return a work that reads the alert, as a dialog does, and closes it with a note."""
    return lambda s: close_alert(s, MONDAY_MORNING, s.get_one(Alert, alert_id), by=by, note=f"#{by}")


def taking(alert_id: int, by: int) -> Callable[[Session], None]:
    """Return a work that reads the alert and takes it in hand."""
    return lambda s: take_alert(s, MONDAY_MORNING, s.get_one(Alert, alert_id), by=by)


def test_of_two_who_close_an_alert_at_once_one_leaves_the_note(
    database: Database, alert_id: int, two: list[int]
) -> None:
    raised = both_at_once(database, *(closing(alert_id, by) for by in two))
    assert raised == [AlreadyDecided]
    closed = now(database, alert_id)
    assert (closed.closed_by, closed.note) == (two[0], f"#{two[0]}")


def test_of_two_who_take_an_alert_at_once_one_has_it(postgresql_url: str, keys: KeyRing) -> None:
    """On SQLite the second reads what the first has written, and takes it over knowingly (PostgreSQL only)."""
    database = open_database(postgresql_url, keys)
    try:
        alert_id = database.submit(in_session(lambda s: a_danger_sign(s, a_child(s)).id or 0)).result()
        two = database.submit(
            in_session(lambda s: [id_of(a_coordinator(s, keys)) for _ in range(2)])
        ).result()
        raised = both_at_once(database, *(taking(alert_id, by) for by in two))
        assert raised == [AlreadyDecided]
        assert now(database, alert_id).taken_by == two[0]
        database.submit(in_session(taking(alert_id, two[1]))).result()
        assert now(database, alert_id).taken_by == two[1], "who knows of the first may relieve them"
    finally:
        database.close()


def test_the_programme_closes_what_somebody_has_just_closed_without_a_word(
    database: Database, alert_id: int, two: list[int]
) -> None:
    by = two[0]
    raised = both_at_once(
        database,
        closing(alert_id, by),
        lambda s: close_alerts_about(s, MONDAY_MORNING, "child:1"),
    )
    assert raised == []
    closed = now(database, alert_id)
    assert (closed.closed_by, closed.note) == (by, f"#{by}")
