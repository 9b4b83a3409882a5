"""Alerts from measurements and silence: raised once, closed by what is made good, again only for news."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from models import growth_watch, measurements
from models.alerts import Alert, AlertKind, close_alert, open_alerts
from models.children import Child
from models.errors import BadInput
from models.grants import WHOLE_DISTRICT
from models.growth_statistics import mentoring
from models.growth_trends import Point
from models.growth_watch import watch_growth, watch_silence
from models.keys import KeyRing
from models.measurements import Measurement, MeasurementSource, Size, measure, measurements_of, points_of
from models.months import Month
from models.programme import Programme
from tests.builders import a_child, a_foster_parent, a_measurement, a_pledge
from tests.clock import MONDAY_MORNING

NOW = MONDAY_MORNING


def kinds(session: Session) -> list[AlertKind]:
    return [alert.kind for alert in open_alerts(session, WHOLE_DISTRICT)]


def a_faltering_child(session: Session) -> Child:
    child = a_child(session)
    a_measurement(session, child=child, measured_on=date(2025, 8, 10), weight_g=8500, length_mm=742)
    a_measurement(session, child=child, measured_on=date(2025, 10, 12), weight_g=8400, length_mm=742)
    return child


def test_faltering_is_raised_once_with_its_signs(session: Session) -> None:
    child = a_faltering_child(session)

    assert watch_growth(session, NOW) == 1
    assert watch_growth(session, NOW + timedelta(hours=1)) == 0
    [alert] = open_alerts(session, WHOLE_DISTRICT)
    assert (alert.kind, alert.area, alert.subject) == (AlertKind.FALTERING, "Sijuk", f"child:{child.id}")
    assert set(alert.details.split()) == {
        "no_gain::2025-08-10",
        "dropped:haz:2025-08-10",
        "crossed_line:haz:2025-08-10",
    }


def test_what_a_coordinator_closed_stays_closed_until_there_is_something_new(
    session: Session, keys: KeyRing
) -> None:
    child = a_faltering_child(session)
    watch_growth(session, NOW)
    [alert] = open_alerts(session, WHOLE_DISTRICT)
    giver = a_foster_parent(session, keys)
    close_alert(session, NOW, alert, by=giver.person_id, note="sudah ke puskesmas")

    assert watch_growth(session, NOW + timedelta(hours=1)) == 0
    later = NOW + timedelta(days=35)
    size = Size(8300, 743)
    measure(session, later, child, later.date(), size, source=MeasurementSource.VISIT, by=None)
    assert watch_growth(session, later) == 1


def test_a_child_that_grows_again_closes_the_alert(session: Session) -> None:
    child = a_faltering_child(session)
    watch_growth(session, NOW)
    later = NOW + timedelta(days=35)
    size = Size(9600, 772)
    measure(session, later, child, later.date(), size, source=MeasurementSource.VISIT, by=None)

    watch_growth(session, later)
    assert kinds(session) == []


def test_ready_to_graduate_is_raised(session: Session) -> None:
    child = a_child(session)
    a_measurement(session, child=child, measured_on=date(2025, 8, 10), weight_g=9800, length_mm=780)
    a_measurement(session, child=child, measured_on=date(2025, 10, 12), weight_g=10400, length_mm=800)

    assert watch_growth(session, NOW) == 1
    assert kinds(session) == [AlertKind.READY_TO_GRADUATE]


def test_where_there_is_silence_nothing_is_raised(session: Session) -> None:
    child = a_faltering_child(session)
    child.silent_since = NOW
    session.add(child)
    session.flush()

    assert watch_growth(session, NOW) == 0


def test_two_months_without_a_visit_or_a_measurement(
    session: Session, programme: Programme, keys: KeyRing
) -> None:
    giver = a_foster_parent(session, keys)
    old, new = a_child(session), a_child(session)
    a_pledge(session, child=old, foster_parent=giver, first_month=Month(2025, 7), last_month=None)
    a_pledge(session, child=new, foster_parent=giver, first_month=Month(2025, 10), last_month=None)

    assert watch_silence(session, programme, NOW) == 2
    assert watch_silence(session, programme, NOW + timedelta(hours=1)) == 0
    assert kinds(session) == [AlertKind.NO_VISIT, AlertKind.NO_MEASUREMENT]
    measure(session, NOW, old, NOW.date(), Size(9000), source=MeasurementSource.POSYANDU, by=None)
    assert kinds(session) == [AlertKind.NO_VISIT]
    assert {alert.child_id for alert in session.exec(select(Alert))} == {old.id}


@pytest.mark.parametrize("size", [Size(9_400, 78), Size(780_000, 742), Size(0, 742), Size(9_400, 1_501)])
def test_what_no_child_measures_is_not_written(session: Session, size: Size) -> None:
    child = a_child(session)
    with pytest.raises(BadInput, match="size"):
        measure(session, NOW, child, date(2025, 10, 12), size, source=MeasurementSource.IMPORT, by=None)


def test_one_bad_row_stops_nobody(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    """It was written before the rule was there: of that child the other rows count, and the next child is seen."""
    measurements._log_left_out.cache_clear()
    slipped = a_child(session)
    for day, length_mm in ((10, 742), (12, 78)):
        a_measurement(session, child=slipped, measured_on=date(2025, 10, day), length_mm=length_mm)
    only_bad = a_child(session)
    a_measurement(session, child=only_bad, length_mm=78)
    a_faltering_child(session)

    assert watch_growth(session, NOW) == 1
    assert watch_growth(session, NOW + timedelta(hours=1)) == 0
    assert len([r for r in caplog.records if r.message == "measurement_left_out"]) == 2
    grown = mentoring(session, NOW.date(), Month.of(NOW.date()), WHOLE_DISTRICT)
    assert (grown.children, grown.measured) == (3, 2)
    rows = measurements_of(session, [slipped])[slipped.id or 0]
    assert [point.measured_on.day for point in points_of(slipped, rows)] == [10]


def test_a_child_that_cannot_be_computed_keeps_back_no_other(
    session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    odd = a_child(session)
    a_measurement(session, child=odd)
    a_faltering_child(session)
    real = points_of

    def points(child: Child, rows: Sequence[Measurement]) -> list[Point]:
        if child.id == odd.id:
            raise ZeroDivisionError
        return real(child, rows)

    monkeypatch.setattr(growth_watch, "points_of", points)
    assert watch_growth(session, NOW) == 1
    assert "child_not_watched" in caplog.text
