"""Who has lost an office leaves it, with what was begun finished, and may take it up again."""

import asyncio
from collections.abc import Callable

import pytest

import bot.app
from bot.app import _while_held
from handlers.kit.chat import Context
from jobs.schedule import SCHEDULE, Schedule
from models.database import Database
from models.keys import KeyRing
from models.programme import Programme
from tests.clock import FixedClock


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.app, "LOOKS_AT_OFFICE_EVERY", 0.01)


def held(looks: int) -> Callable[[], bool]:
    """An office that is held for so many looks."""
    left = iter(range(looks))
    return lambda: next(left, None) is not None


def test_work_ends_when_its_office_is_lost_and_finishes_what_it_has_begun() -> None:
    finished = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            finished.append("marked")

    async def main() -> None:
        async with asyncio.timeout(10):
            await _while_held("telegram:send", held(3), work)

    asyncio.run(main())
    assert finished == ["marked"]


def test_what_goes_wrong_in_an_office_is_told() -> None:
    async def work() -> None:
        raise LookupError

    async def main() -> None:
        await _while_held("telegram:send", lambda: True, work)

    with pytest.raises(LookupError):
        asyncio.run(main())


def test_a_stop_from_outside_ends_the_work_too() -> None:
    async def work() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        working = asyncio.create_task(_while_held("schedule", lambda: True, work))
        await asyncio.sleep(0.05)
        working.cancel()
        await asyncio.wait([working], timeout=10)
        assert working.cancelled()

    asyncio.run(main())


def test_a_schedule_that_was_stopped_can_be_started_again(
    database: Database, programme: Programme, keys: KeyRing, clock: FixedClock
) -> None:
    async def main() -> None:
        schedule = Schedule(database, Context(programme, keys, clock), lambda: None)
        for _ in range(2):
            schedule.start()
            assert schedule._scheduler is not None
            assert len(schedule._scheduler.get_jobs()) == len(SCHEDULE)
            schedule.stop()
            await asyncio.sleep(0)
        for ended in schedule.catch_up():
            await asyncio.wrap_future(ended)

    asyncio.run(main())
