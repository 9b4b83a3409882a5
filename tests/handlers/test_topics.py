"""/statistik of a topic: words with figures and a picture of the same, of the own children only; without, words."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from jobs import charts
from models.checkins import Answers, record_check_in
from models.children import ChildStatus, Severity, Sex
from models.database import in_session
from models.growth import Position
from models.growth_standards import Measure, for_age
from models.months import Month
from models.nutrition import FoodGroup
from models.payouts import owe, payout_of, report_transfer
from models.programme import Programme
from tests.builders import a_child, a_foster_parent, a_measurement, a_pledge, id_of
from tests.handlers.talk import Talk
from tests.handlers.village import Village

OCTOBER = Month(2025, 10)
FIVE = frozenset(list(FoodGroup)[:5])


@pytest.fixture
def november(village: Village) -> Village:
    """The village on 15 November: October is over, and both months' payouts are due."""
    village.clock.advance(timedelta(days=33))
    assert village.clock.now().date() == date(2025, 11, 15)
    return village


def enter(village: Village, work: Callable[[Session], None]) -> None:
    village.database.submit(in_session(work)).result()


def pictures(talk: Talk) -> list[tuple[str, dict[str, Any]]]:
    return [message.picture for message in talk.out if message.picture is not None]


def the_picture(talk: Talk) -> dict[str, Any]:
    """Return the only picture's data, which is drawn."""
    [(kind, data)] = pictures(talk)
    assert kind == "parts"
    assert charts.draw(kind, data).startswith(b"\x89PNG")
    return data


@pytest.mark.parametrize("topic", ["salur", "gizi", "tumbuh"])
def test_without_figures_it_is_said_in_words_and_no_empty_picture_is_sent(
    village: Village, topic: str
) -> None:
    assert "elum ada" in village.district.say(f"/statistik {topic}")
    assert pictures(village.district) == []


def promised(village: Village, programme: Programme, area: str, *, given: bool) -> None:
    def work(session: Session) -> None:
        giver = a_foster_parent(session, village.context.keys)
        pledge = a_pledge(
            session,
            child=a_child(session, area=area, village=area),
            foster_parent=giver,
            first_month=OCTOBER,
        )
        owe(session, programme, pledge, OCTOBER.last_day)
        payout = payout_of(session, id_of(pledge), OCTOBER)
        assert payout is not None
        if given:
            at = village.clock.now() - timedelta(days=40)
            report_transfer(session, at, payout.id or 0, by=giver.person_id, amount_idr=450_000)

    enter(village, work)


def test_payouts_in_time_are_told_and_drawn_by_month_and_kecamatan(
    november: Village, programme: Programme
) -> None:
    promised(november, programme, "Sijuk", given=True)
    promised(november, programme, "Sijuk", given=False)
    promised(november, programme, "Badau", given=True)
    said = november.district.say("/statistik salur")
    assert "*Penyaluran Oktober 2025*: *2 dari 3* dilaporkan tepat waktu" in said
    assert "belum disalurkan: 1" in said
    drawn = the_picture(november.district)
    assert (drawn["headline"], drawn["total"]) == ("2 dari 3", [2, 0, 1])
    assert [(row["label"], row["counts"]) for row in drawn["rows"]] == [
        ("Sijuk", [1, 0, 1]),
        ("Badau", [1, 0, 0]),
    ]
    assert [(month["label"], month["counts"]) for month in drawn["months"]] == [("Okt 25", [2, 0, 1])]
    assert "15 November 2025" in drawn["footnote"]


def ate(village: Village, area: str, month: Month, groups: frozenset[FoodGroup]) -> None:
    def work(session: Session) -> None:
        child = a_child(session, born_on=date(2024, 6, 1), area=area, village=area)
        record_check_in(
            session, village.clock.now(), id_of(child), month, by=None, answers=Answers(groups=groups)
        )

    enter(village, work)


def test_nutrition_is_told_of_the_last_month_that_is_over_and_the_running_one_stands_in_the_picture(
    november: Village,
) -> None:
    ate(november, "Sijuk", OCTOBER, FIVE)
    ate(november, "Sijuk", OCTOBER, frozenset({FoodGroup.GRAINS}))
    ate(november, "Sijuk", OCTOBER.plus(-2), FIVE)
    ate(november, "Sijuk", OCTOBER.plus(1), FIVE)
    said = november.district.say("/statistik gizi")
    assert "*Pantauan gizi Oktober 2025*: *1 dari 2 anak*" in said
    assert "(50,0 %)" in said
    assert "• Telur: 0 dari 2 anak" in said
    drawn = the_picture(november.district)
    assert drawn["total"] == [1, 1]
    assert [(month["label"], month["counts"], month["caption"]) for month in drawn["months"]] == [
        ("Agu 25", [1, 0], "100,0 %"),
        ("Sep 25", [0, 0], ""),  # a month without answers keeps its place
        ("Okt 25", [1, 1], "50,0 %"),
        ("Nov 25", [1, 0], "100,0 %"),
    ]
    assert drawn["rows"][0] == {"label": "Nasi, bubur, ubi", "counts": [2, 0], "caption": "2 dari 2"}


def grown(village: Village, area: str, *, at_entry: Severity, haz: float) -> None:
    """A girl of an area who came in at one severity and was measured today at another height for age."""

    def work(session: Session) -> None:
        today = village.clock.now().date()
        child = a_child(
            session, sex=Sex.FEMALE, born_on=date(2023, 10, 1), severity=at_entry, area=area, village=area
        )
        line = for_age(Measure.LENGTH, Sex.FEMALE, (today - child.born_on).days)
        assert line is not None
        a_measurement(
            session,
            child=child,
            measured_on=today,
            length_mm=round(10 * line.size(haz)),
            position=Position.STANDING,
        )

    enter(village, work)


def test_growth_compares_the_same_children_at_entry_and_now(november: Village) -> None:
    grown(november, "Sijuk", at_entry=Severity.SEVERE, haz=-2.5)
    grown(november, "Badau", at_entry=Severity.MODERATE, haz=-1.0)

    def graduates(session: Session) -> None:
        child = a_child(session, area="Badau", village="Badau")
        child.status, child.left_on = ChildStatus.GRADUATED, date(2025, 9, 9)
        session.add(child)

    enter(november, graduates)
    assert "2 sudah diukur" in november.district.say("/statistik tumbuh")
    drawn = the_picture(november.district)
    assert drawn["headline"] == "0 membaik, 1 lulus"
    assert [(row["label"], row["counts"]) for row in drawn["rows"]] == [
        ("Saat masuk", [0, 1, 1]),
        ("Sekarang", [1, 1, 0]),
    ]
    assert sum(month["counts"][0] for month in drawn["months"]) == 1


def test_a_kecamatan_s_pictures_hold_the_own_children_only(november: Village, programme: Programme) -> None:
    for area in ("Sijuk", "Badau"):
        promised(november, programme, area, given=area == "Badau")
        ate(november, area, OCTOBER, FIVE)
        grown(november, area, at_entry=Severity.SEVERE, haz=-2.5)
    totals = {}
    for topic in ("salur", "gizi", "tumbuh"):
        november.badau.say(f"/statistik {topic}")
        totals[topic] = the_picture(november.badau)["total"]
        assert "Sijuk" not in str(pictures(november.badau))
        november.badau.out.clear()
    assert totals == {"salur": [1, 0, 0], "gizi": [1, 0], "tumbuh": [0, 1, 0]}


def test_the_ways_to_the_topics_stand_under_the_statistics(village: Village) -> None:
    village.district.say("/statistik")
    village.district.tap("Gizi anak")
    assert "Belum ada pantauan gizi" in village.district.out[-1].text
