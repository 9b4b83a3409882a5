"""A running simulator with four people: one who talks, one who never did, one who blocked, one who left."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bot.simulator import Pace, Person, running_simulator
from bot.simulator.driver import Driver, Phone
from bot.simulator.server import RunningSimulator
from tests.clock import FixedClock

RINA, STRANGER, BLOCKER, GONE = 7_100_000_101, 102, 103, 104

Api = Callable[..., dict[str, Any]]


def _people() -> list[Person]:
    return [
        Person(RINA, "Rina", "Marlina", phone="628000000101", label="ASN", started=True),
        Person(STRANGER, "Stranger"),
        Person(BLOCKER, "Blocker", started=True, blocked=True),
        Person(GONE, "Gone", started=True, deactivated=True),
    ]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def sim(clock: FixedClock) -> Iterator[RunningSimulator]:
    with running_simulator(clock, pace=Pace.off(), people=_people()) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def shared_sim() -> Iterator[RunningSimulator]:
    """One simulator for a whole table of requests that do not disturb one another."""
    with running_simulator(FixedClock(), pace=Pace.off(), people=_people()) as simulator:
        yield simulator


@pytest.fixture
def driver(sim: RunningSimulator) -> Driver:
    return sim.driver


@pytest.fixture
def rina(driver: Driver) -> Phone:
    return driver.phone(RINA)


def _caller(simulator: RunningSimulator) -> Api:
    def call(method: str, params: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        url = f"{simulator.base_url}{simulator.token}/{method}"
        if not options:
            options = {"json": params or {}}
        answer: dict[str, Any] = httpx.post(url, trust_env=False, timeout=60, **options).json()
        return answer

    return call


@pytest.fixture
def api(sim: RunningSimulator) -> Api:
    """Call the Bot API with JSON parameters (or httpx's own options); return the whole answer."""
    return _caller(sim)


@pytest.fixture
def shared_api(shared_sim: RunningSimulator) -> Api:
    return _caller(shared_sim)
