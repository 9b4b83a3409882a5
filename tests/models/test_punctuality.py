"""Payouts in time: by the first report, to the last minute of the due day in the district's own time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from models.database import Database
from models.grants import WHOLE_DISTRICT, Scope
from models.keys import KeyRing
from models.months import Month, local_instant
from models.payouts import confirm_receipt, owe, payout_of, report_transfer, say_short, waive
from models.programme import Programme
from models.punctuality import Punctuality, punctuality
from tests.builders import a_child, a_foster_parent, a_pledge, id_of

OCTOBER, NOVEMBER = Month(2025, 10), Month(2025, 11)
BEGUN = datetime(2025, 10, 2, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

Promised = Callable[..., int]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as session:
        yield session


@pytest.fixture
def promised(session: Session, programme: Programme, keys: KeyRing) -> Promised:
    """Enter one more child with a pledge from October on; return its payout of that month."""

    def enter(area: str = "Sijuk", month: Month = OCTOBER) -> int:
        child, giver = a_child(session, area=area, village=area), a_foster_parent(session, keys)
        pledge = a_pledge(session, child=child, foster_parent=giver, first_month=month)
        owe(session, programme, pledge, month.last_day)
        payout = payout_of(session, id_of(pledge), month)
        assert payout is not None
        assert payout.id is not None
        return payout.id

    return enter


def the_last_minute(programme: Programme, month: Month) -> datetime:
    midnight = local_instant(programme.due_on(month) + timedelta(days=1), datetime.min.time(), programme.zone)
    return midnight - MINUTE


def give(session: Session, payout: int, at: datetime) -> None:
    report_transfer(session, at, payout, by=1, amount_idr=450_000)


def test_the_due_day_lasts_until_the_district_s_midnight(
    session: Session, programme: Programme, promised: Promised
) -> None:
    last = the_last_minute(programme, OCTOBER)
    give(session, promised(), last)
    give(session, promised(), last + 2 * MINUTE)
    promised()
    assert punctuality(session, programme, [OCTOBER], WHOLE_DISTRICT) == [
        Punctuality(OCTOBER, "Sijuk", in_time=1, later=1, not_yet=1)
    ]


def test_the_first_report_counts_whatever_comes_after_it(
    session: Session, programme: Programme, promised: Promised
) -> None:
    short, confirmed = promised(), promised()
    give(session, short, BEGUN)
    say_short(session, BEGUN, short, by=1, received_idr=100_000)
    report_transfer(session, BEGUN + timedelta(days=30), short, by=1, amount_idr=350_000)
    confirm_receipt(session, BEGUN, confirmed, by=1)
    [found] = punctuality(session, programme, [OCTOBER], WHOLE_DISTRICT)
    assert (found.in_time, found.later, found.owed) == (2, 0, 2)


def test_what_is_waived_is_not_owed(session: Session, programme: Programme, promised: Promised) -> None:
    waive(session, BEGUN, promised(), by=None)
    assert punctuality(session, programme, [OCTOBER], WHOLE_DISTRICT) == []


def test_months_and_areas_stand_apart_and_only_the_own_ones_are_counted(
    session: Session, programme: Programme, promised: Promised
) -> None:
    give(session, promised("Badau"), BEGUN)
    promised("Sijuk")
    promised("Sijuk", NOVEMBER)
    everything = punctuality(session, programme, [OCTOBER, NOVEMBER], WHOLE_DISTRICT)
    assert [(one.month, one.area, one.in_time, one.not_yet) for one in everything] == [
        (OCTOBER, "Badau", 1, 0),
        (OCTOBER, "Sijuk", 0, 1),
        (NOVEMBER, "Sijuk", 0, 1),
    ]
    own = punctuality(session, programme, [OCTOBER, NOVEMBER], Scope(frozenset({"Badau"})))
    assert own == everything[:1]
