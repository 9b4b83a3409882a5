"""What the statistics say is recounted here child by child, in plain Python, over random districts."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from models import statistics
from models.children import Child
from models.counting import Figures
from models.database import Database
from models.errors import BadInput, NotEntitled
from models.grants import NOTHING, WHOLE_DISTRICT, Scope
from models.keys import KeyRing
from models.months import Month
from models.organisations import Organisation, OrganisationKind
from models.people import FosterKind, FosterParent, Standing
from models.pledges import Pledge, PledgeState
from models.programme import Amount, Programme
from models.statistics import Participation
from tests import builders

SIJUK = Scope(frozenset({"Sijuk"}))
TWO_AREAS = Scope(frozenset({"Sijuk", "Badau"}))
TODAY = date(2026, 3, 17)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as session:
        yield session


@pytest.fixture
def dearer(programme: Programme) -> Programme:
    """Belitung's programme, in which a child needs 500.000 from February 2026 on."""
    amounts = (*programme.aid.amounts, Amount.model_validate({"from": "2026-02", "monthly_idr": 500_000}))
    return programme.model_copy(update={"aid": programme.aid.model_copy(update={"amounts": amounts})})


# --- a random district and its recount ----------------------------------------------------------------------


@dataclass(frozen=True)
class District:
    """Every row, as a plain Python recount wants them."""

    children: list[Child]
    pledges: list[Pledge]
    parents: list[FosterParent]
    offices: list[Organisation]

    def figures(self, programme: Programme, day: date, scope: Scope, **where: str) -> Figures:
        month = Month.of(day)
        need = programme.monthly_idr(month)
        given = [
            sum(p.monthly_idr for p in self.pledges if p.child_id == child.id and _counts(p, month))
            for child in self.children
            if _listed(child, day)
            and scope.covers(child.area)
            and all(getattr(child, column) == value for column, value in where.items())
        ]
        return Figures(
            children=len(given),
            fully_supported=sum(idr >= need for idr in given),
            partly_supported=sum(0 < idr < need for idr in given),
            pledged_idr=sum(given),
            needed_idr=need * len(given),
        )

    def giving(self, day: date, scope: Scope) -> set[int]:
        children = {c.id for c in self.children if _listed(c, day) and scope.covers(c.area)}
        return {
            p.foster_parent_id for p in self.pledges if p.child_id in children and _counts(p, Month.of(day))
        }


def _listed(child: Child, day: date) -> bool:
    return child.listed_on <= day and not (child.left_on and child.left_on <= day)


def _counts(pledge: Pledge, month: Month) -> bool:
    gives = pledge.state in {PledgeState.ACTIVE, PledgeState.ENDED}
    return gives and pledge.first_month <= month and not (pledge.last_month and pledge.last_month < month)


def a_district(session: Session, keys: KeyRing, programme: Programme, seed: int) -> District:
    """Some children of every age on the list, some gone, with pledges of every state and term."""
    chance = random.Random(seed)
    kinds = [OrganisationKind.OPD] * 4 + [OrganisationKind.BUMN]
    offices = [
        builders.an_organisation(session, kind=kind, staff_count=chance.choice([None, 0, 3, 40]))
        for kind in kinds
    ]
    parents = [
        builders.a_foster_parent(
            session,
            keys,
            kind=chance.choice([FosterKind.ASN, FosterKind.ASN, FosterKind.COMPANY]),
            organisation=chance.choice(offices),
            standing=chance.choice(list(Standing)),
            registered_at=_midday(chance, date(2025, 9, 1), 220),
        )
        for _ in range(20)
    ]
    children = [_child(session, programme, chance) for _ in range(50)]
    pledges = [_pledge(session, chance, children, parents) for _ in range(110)]
    session.commit()
    return District(children, pledges, parents, offices)


def _child(session: Session, programme: Programme, chance: random.Random) -> Child:
    area = chance.choice(programme.areas[:4])
    listed_on = chance.choice(
        [date(2025, 9, 30), date(2025, 12, 31), date(2026, 1, 1), _day(chance, date(2025, 8, 20), 230)]
    )
    stays = chance.choice([None, None, 0, 1, 31, chance.randrange(200)])
    return builders.a_child(
        session,
        area=area.name,
        village=chance.choice(area.villages[:4]),
        listed_on=listed_on,
        left_on=None if stays is None else listed_on + timedelta(days=stays),
    )


def _pledge(
    session: Session, chance: random.Random, children: list[Child], parents: list[FosterParent]
) -> Pledge:
    first = Month(2025, 9).plus(chance.randrange(9))
    months = chance.choice([None, 0, 1, 2, 5])
    return builders.a_pledge(
        session,
        child=chance.choice(children),
        foster_parent=chance.choice(parents),
        monthly_idr=chance.choice([50_000, 200_000, 250_000, 450_000, 500_000]),
        first_month=first,
        last_month=None if months is None else first.plus(months),
        state=chance.choice([PledgeState.ACTIVE] * 4 + list(PledgeState)),
        pledged_at=_midday(chance, date(2026, 3, 1), 25),
    )


def _day(chance: random.Random, start: date, days: int) -> date:
    return start + timedelta(days=chance.randrange(days))


def _midday(chance: random.Random, start: date, days: int) -> datetime:
    return datetime(start.year, start.month, start.day, 5, tzinfo=UTC) + timedelta(
        days=chance.randrange(days)
    )


# --- coverage -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_coverage_agrees_with_a_recount_child_by_child(
    session: Session, keys: KeyRing, dearer: Programme, seed: int
) -> None:
    district = a_district(session, keys, dearer, seed)
    for day in (
        TODAY,
        date(2025, 9, 30),
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 2, 28),
        date(2024, 5, 5),
    ):
        for scope in (WHOLE_DISTRICT, SIJUK, TWO_AREAS, NOTHING):
            found = statistics.coverage(session, dearer, day, scope)
            assert found.total == district.figures(dearer, day, scope)
            assert {p.name: p.figures for p in found.places} == {
                area.name: district.figures(dearer, day, scope, area=area.name)
                for area in dearer.areas
                if scope.covers(area.name)
            }


@pytest.mark.parametrize("seed", range(3))
def test_villages_agree_with_the_recount_and_add_up_to_their_area(
    session: Session, keys: KeyRing, dearer: Programme, seed: int
) -> None:
    district = a_district(session, keys, dearer, seed)
    found = statistics.coverage_by_village(session, dearer, TODAY, SIJUK, "kec. sijuk")
    assert found.area == "Sijuk"
    assert [p.name for p in found.places] == list(dearer.area_named("Sijuk").villages)
    assert found.total == district.figures(dearer, TODAY, SIJUK)
    for place in found.places:
        assert place.figures == district.figures(dearer, TODAY, SIJUK, village=place.name)
    assert sum(place.figures.children for place in found.places) == found.total.children


@pytest.mark.parametrize("seed", range(4))
def test_history_agrees_with_coverage_at_every_months_end(
    session: Session, keys: KeyRing, dearer: Programme, seed: int
) -> None:
    district = a_district(session, keys, dearer, seed)
    for scope in (WHOLE_DISTRICT, SIJUK):
        points = statistics.history(session, dearer, TODAY, scope)
        assert [(p.month, p.day) for p in points][-2:] == [
            (Month(2026, 2), date(2026, 2, 28)),
            (Month(2026, 3), TODAY),
        ]
        first = min(child.listed_on for child in district.children if scope.covers(child.area))
        assert points[0].month == Month.of(first)
        for point in points:
            assert point.figures == district.figures(dearer, point.day, scope)
            assert point.monthly_idr == dearer.monthly_idr(point.month)


def test_pending_pledges_are_counted_apart_until_they_lapse(
    session: Session, keys: KeyRing, programme: Programme
) -> None:
    child = builders.a_child(session, area="Sijuk", village="Terong")
    parent = builders.a_foster_parent(session, keys)
    pledged_at = datetime(2025, 10, 13, 3, tzinfo=UTC)
    builders.a_pledge(
        session, child=child, foster_parent=parent, state=PledgeState.PENDING, pledged_at=pledged_at
    )
    found = statistics.coverage(session, programme, date(2025, 10, 14), WHOLE_DISTRICT)
    assert (found.pending, found.total.unsupported, found.total.pledged_idr) == (1, 1, 0)
    assert {p.name: p.pending for p in found.places if p.pending} == {"Sijuk": 1}
    villages = statistics.coverage_by_village(session, programme, date(2025, 10, 14), SIJUK, "Sijuk").places
    assert {p.name: p.pending for p in villages if p.pending} == {"Terong": 1}
    elsewhere = Scope(frozenset({"Badau"}))
    assert statistics.coverage(session, programme, date(2025, 10, 14), elsewhere).pending == 0
    assert statistics.coverage(session, programme, date(2025, 10, 20), WHOLE_DISTRICT).pending == 1
    assert statistics.coverage(session, programme, date(2025, 10, 21), WHOLE_DISTRICT).pending == 0


def test_shares_that_reach_the_amount_together_support_a_child_fully(
    session: Session, keys: KeyRing, programme: Programme
) -> None:
    child = builders.a_child(session)
    for idr in (200_000, 249_999):
        builders.a_pledge(
            session, child=child, foster_parent=builders.a_foster_parent(session, keys), monthly_idr=idr
        )
    day = date(2025, 10, 31)
    assert statistics.coverage(session, programme, day, WHOLE_DISTRICT).total.partly_supported == 1
    builders.a_pledge(
        session, child=child, foster_parent=builders.a_foster_parent(session, keys), monthly_idr=1
    )
    assert statistics.coverage(session, programme, day, WHOLE_DISTRICT).total.fully_supported == 1


def test_a_district_without_children_has_every_area_and_no_percentage(
    session: Session, programme: Programme
) -> None:
    found = statistics.coverage(session, programme, TODAY, WHOLE_DISTRICT)
    assert [p.name for p in found.places] == [area.name for area in programme.areas]
    assert found.total == Figures()
    assert found.total.share is None
    assert statistics.history(session, programme, TODAY, WHOLE_DISTRICT) == ()
    assert statistics.participation(session, programme, TODAY, WHOLE_DISTRICT) == ()


def test_an_area_that_the_programme_does_not_know_is_still_counted(
    session: Session, programme: Programme
) -> None:
    builders.a_child(session, area="Kecamatan Lama", listed_on=date(2025, 6, 1))
    found = statistics.coverage(session, programme, TODAY, WHOLE_DISTRICT)
    assert (found.places[-1].name, found.places[-1].figures.children, found.total.children) == (
        "Kecamatan Lama",
        1,
        1,
    )


def test_a_coordinator_cannot_ask_for_the_villages_of_another_area(
    session: Session, programme: Programme
) -> None:
    with pytest.raises(NotEntitled):
        statistics.coverage_by_village(session, programme, TODAY, SIJUK, "Badau")
    with pytest.raises(BadInput, match="unknown_area"):
        statistics.coverage_by_village(session, programme, TODAY, WHOLE_DISTRICT, "Manggar")


def test_a_figure_states_its_day_month_amount_and_target(session: Session, dearer: Programme) -> None:
    found = statistics.coverage(session, dearer, date(2026, 2, 1), SIJUK)
    assert (found.day, found.month, found.monthly_idr, found.target_children) == (
        date(2026, 2, 1),
        Month(2026, 2),
        500_000,
        237,
    )


def test_history_takes_as_many_statements_for_many_children_as_for_few(
    session: Session, keys: KeyRing, programme: Programme
) -> None:
    a_district(session, keys, programme, 1)
    asked: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2][:6]))
    statistics.history(session, programme, TODAY, WHOLE_DISTRICT, months=24)
    assert len([statement for statement in asked if statement in {"SELECT", "WITH a"}]) == 3


# --- participation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_participation_agrees_with_a_recount_person_by_person(
    session: Session, keys: KeyRing, programme: Programme, seed: int
) -> None:
    district = a_district(session, keys, programme, seed)
    opd = {o.id: o for o in session.exec(select(Organisation)) if o.kind is OrganisationKind.OPD}
    for scope in (WHOLE_DISTRICT, SIJUK):
        rows = statistics.participation(session, programme, TODAY, scope)
        giving = district.giving(TODAY, scope)
        signed_up = [
            p
            for p in district.parents
            if p.kind is FosterKind.ASN
            and p.standing is not Standing.REJECTED
            and p.registered_at.date() <= TODAY
        ]
        for row in rows:
            here = [
                p
                for p in signed_up
                if (opd[p.organisation_id].name if p.organisation_id in opd else None) == row.name
            ]
            assert row.signed_up == len(here)
            assert row.verified == sum(p.standing is Standing.VERIFIED for p in here)
            assert row.giving == sum(p.person_id in giving for p in here)
        assert {row.name for row in rows} - {None} == {office.name for office in opd.values()}
        assert statistics.together(rows).signed_up == len(signed_up)


def test_the_best_office_comes_first_and_one_of_unknown_size_before_those_that_do_not_give(
    session: Session, keys: KeyRing, programme: Programme
) -> None:
    for name, staff, givers in (("Large", 100, 3), ("Small", 4, 2), ("Unknown", None, 9), ("Idle", 10, 0)):
        office = builders.an_organisation(session, name=name, staff_count=staff)
        for _ in range(givers):
            child, parent = (
                builders.a_child(session),
                builders.a_foster_parent(session, keys, organisation=office),
            )
            builders.a_pledge(session, child=child, foster_parent=parent)
            builders.a_pledge(session, child=child, foster_parent=parent, monthly_idr=1)
    rows = statistics.participation(session, programme, date(2025, 11, 30), WHOLE_DISTRICT)
    assert [(row.name, row.giving) for row in rows] == [
        ("Small", 2),
        ("Large", 3),
        ("Unknown", 9),
        ("Idle", 0),
    ]
    assert rows[0].share == Fraction(1, 2)


def test_offices_together_have_a_share_only_when_every_size_is_known() -> None:
    known = Participation("A", 10, 4, 3, 2)
    assert statistics.together([known, known]) == Participation(None, 20, 8, 6, 4)
    assert statistics.together([known, replace(known, staff_count=None)]).share is None


# --- how figures are told -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fully", "children", "told"),
    [
        (92, 237, "38.8"),
        (1, 800, "0.1"),
        (1, 1600, "0.1"),
        (1, 100_000, "0.1"),
        (99_999, 100_000, "99.9"),
        (0, 5, "0.0"),
        (5, 5, "100.0"),
        (1, 16, "6.3"),
        (2, 3, "66.7"),
    ],
)
def test_a_percentage_is_rounded_half_up_and_never_hides_the_last_child(
    fully: int, children: int, told: str
) -> None:
    assert statistics.percent(Fraction(fully, children)) == Decimal(told)


def test_the_json_of_a_district_is_plain_and_complete(
    session: Session, keys: KeyRing, programme: Programme
) -> None:
    a_district(session, keys, programme, 3)
    found = statistics.coverage(session, programme, TODAY, WHOLE_DISTRICT)
    points = statistics.history(session, programme, TODAY, WHOLE_DISTRICT)
    offices = statistics.participation(session, programme, TODAY, WHOLE_DISTRICT)
    told = json.loads(json.dumps(statistics.to_json(found, points, offices)))
    assert (told["day"], told["month"], told["target_children"]) == ("2026-03-17", "2026-03", 237)
    assert told["children"] == told["fully_supported"] + told["partly_supported"] + told["unsupported"]
    assert sum(area["children"] for area in told["by_area"]) == told["children"] == found.total.children
    assert told["percent"] == round(100 * told["fully_supported"] / told["children"], 1)
    assert told["history"][-1]["month"] == "2026-03"
    assert len(told["participation"]["by_opd"]) == len(offices)


def test_the_json_of_an_area_tells_its_villages(session: Session, programme: Programme) -> None:
    found = statistics.coverage_by_village(session, programme, TODAY, SIJUK, "Sijuk")
    told = statistics.to_json(found)
    assert (told["area"], told["percent"], told["history"]) == ("Sijuk", None, [])
    assert len(told["by_village"]) == 10
