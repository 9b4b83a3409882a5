"""The clock on the page: everybody sees it, anybody moves it, forward only."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.demo.clock import BEGINS, DemoClock, next_payout_morning
from bot.simulator.dial import Dial
from bot.simulator.driver import Driver, PhoneError
from bot.simulator.people import Person
from bot.simulator.server import running_simulator
from models.programme import Programme
from tests.clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(BEGINS)


@pytest.fixture
def dial(clock: FixedClock, programme: Programme) -> Dial:
    return Dial(clock, lambda now: next_payout_morning(programme, now))


@pytest.fixture
def driver(clock: FixedClock, dial: Dial) -> Iterator[Driver]:
    with running_simulator(clock, dial=dial, people=[Person(1, "Rina", started=True)]) as running:
        yield running.driver


def test_an_hour_a_day_and_the_next_due_day(driver: Driver, clock: FixedClock) -> None:
    for wish, local in (
        ({"hours": 1}, "2025-10-13 10:00"),
        ({"days": 1}, "2025-10-14 10:00"),
        ({"to": "due"}, "2025-11-10 09:00"),
        ({"to": "due"}, "2025-12-10 09:00"),
        ({"to": "2025-12-31T23:59+07:00"}, "2025-12-31 23:59"),
    ):
        shown = datetime.fromisoformat(driver.move_clock(**wish))
        assert f"{shown.astimezone(timezone(timedelta(hours=7))):%Y-%m-%d %H:%M}" == local
        assert shown == clock.now()
    assert clock.now() == datetime(2025, 12, 31, 16, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "wish",
    [
        {"hours": -1},
        {"days": 0},
        {"to": "2025-10-13T08:59+07:00"},
        {"to": "2025-11-10T09:00"},
        {"to": "besok"},
        {"hours": 1, "days": 1},
        {"hours": 10**9},
        {"weeks": 1},
        {},
    ],
)
def test_it_never_goes_back_and_takes_nothing_else(
    driver: Driver, clock: FixedClock, wish: dict[str, int]
) -> None:
    with pytest.raises(PhoneError):
        driver.move_clock(**wish)
    assert clock.now() == BEGINS


def test_what_follows_the_clock_is_told_after_it_has_moved(
    driver: Driver, dial: Dial, clock: FixedClock
) -> None:
    told: list[datetime] = []
    dial.followers.append(lambda: told.append(clock.now()))
    driver.move_clock(hours=1)
    assert told == [BEGINS + timedelta(hours=1)]
    with pytest.raises(PhoneError):
        driver.move_clock(hours=-1)
    assert len(told) == 1


def test_messages_bear_the_moved_time(driver: Driver) -> None:
    driver.phone(1).send("pagi")
    driver.move_clock(days=3)
    driver.phone(1).send("siang")
    before, after = (message.payload["date"] for message in driver.phone(1).messages)
    assert after - before == 3 * 86_400


def test_where_there_is_no_dial_the_clock_stays(clock: FixedClock) -> None:
    with running_simulator(clock) as running, pytest.raises(PhoneError, match="cannot be moved"):
        running.driver.move_clock(hours=1)


@pytest.mark.parametrize(
    ("local", "due"),
    [
        ("2025-10-09 23:59", "2025-10-10"),
        ("2025-10-10 00:00", "2025-11-10"),
        ("2025-10-10 23:59", "2025-11-10"),
        ("2025-12-31 12:00", "2026-01-10"),
    ],
)
def test_the_next_due_day_is_after_today(programme: Programme, local: str, due: str) -> None:
    now = datetime.fromisoformat(f"{local}+07:00")
    morning = next_payout_morning(programme, now).astimezone(programme.zone)
    assert f"{morning:%Y-%m-%d %H:%M}" == f"{due} 09:00"


def test_the_demos_clock_goes_on_from_where_it_was_set() -> None:
    clock = DemoClock()
    assert timedelta(0) <= clock.now() - BEGINS < timedelta(seconds=5)
    later = BEGINS + timedelta(days=30)
    clock.set(later)
    assert timedelta(0) <= clock.now() - later < timedelta(seconds=5)
