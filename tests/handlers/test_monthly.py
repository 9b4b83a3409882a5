"""The month's report of a month that is over, made later."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from handlers.monthly import report_pdf
from handlers.monthly_sheet import report_sheet
from handlers.reporting import Reporting
from models.children import ChildStatus
from models.grants import WHOLE_DISTRICT, Scope
from models.keys import KeyRing
from models.months import Month
from models.programme import Programme
from tests.builders import a_child, a_foster_parent, a_pledge
from tests.clock import MONDAY_MORNING

SEPTEMBER = Month(2025, 9)


def reporting(session: Session, programme: Programme, now: datetime) -> Reporting:
    return Reporting(session, programme, now, SEPTEMBER, WHOLE_DISTRICT, "id")


def sheets(session: Session, programme: Programme) -> dict[str, list[list[Any]]]:
    made = report_sheet(reporting(session, programme, MONDAY_MORNING), "Rekaan").data["sheets"]
    return {sheet["name"]: sheet["rows"] for sheet in made}


def test_the_sheet_says_since_when_a_child_has_left_that_was_there(
    session: Session, programme: Programme
) -> None:
    there = a_child(session)
    gone = a_child(session, status=ChildStatus.GRADUATED, left_on=date(2025, 10, 2))
    a_child(session, status=ChildStatus.MOVED, left_on=date(2025, 9, 30))

    rows = sheets(session, programme)["Anak"]
    assert {row[0]: row[5] for row in rows} == {
        there.code: "stunting",
        gone.code: "lulus, sejak 2 Oktober 2025",
    }


def test_the_summary_is_in_numbers(session: Session, programme: Programme, keys: KeyRing) -> None:
    supported = a_child(session, area="Badau", village="Ibul")
    a_pledge(session, child=supported, foster_parent=a_foster_parent(session, keys), first_month=SEPTEMBER)
    a_child(session, area="Badau", village="Ibul")

    rows = {row[0]: row[1:] for row in sheets(session, programme)["Ringkasan"]}
    assert rows["Badau"] == [2, 1, 0, 1, 0.5]
    assert rows["Sijuk"] == [0, 0, 0, 0, None]
    assert rows["Jumlah"] == [2, 1, 0, 1, 0.5]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=40)])
def test_growth_is_told_as_of_the_months_last_day(
    session: Session, programme: Programme, later: timedelta
) -> None:
    a_child(session)
    a_child(session, status=ChildStatus.GRADUATED, left_on=date(2025, 10, 2))

    told = report_pdf(reporting(session, programme, MONDAY_MORNING + later)).data
    assert any("per 30 September 2025" in words for words in told["definitions"])


def test_a_kecamatans_report_says_that_it_is_one(session: Session, programme: Programme) -> None:
    badau = Reporting(session, programme, MONDAY_MORNING, SEPTEMBER, Scope(frozenset({"Badau"})), "id")
    assert "Kecamatan Badau" in report_pdf(badau).data["subtitle"]
    assert "Kecamatan" not in report_pdf(reporting(session, programme, MONDAY_MORNING)).data["subtitle"]
