"""The bot is killed in the middle of everything; nobody in a chat may notice more than a pause."""

import random
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bot.simulator.driver import Driver
from bot.simulator.pacing import Pace
from bot.simulator.server import RunningSimulator, running_simulator
from models.crashpoints import POINTS
from models.database import in_session, open_database
from models.inbox import count_parked
from models.keys import KeyRing
from models.messages import Outcome, outbox
from tests.depth import depth
from tests.faults.outbox import count, left_in_flight
from tests.faults.process import BotProcess
from tests.faults.signups import STEPS, Newcomer, expected, registered, signing_up

SEED = 20_261_124
CHATS = depth(60, thorough=200)
KILLS = depth(15, thorough=50)
WAIT = 60.0


@pytest.mark.slow
def test_many_people_sign_up_while_the_bot_is_killed_again_and_again(
    tmp_path: Path, sqlite_url: str, keys: KeyRing, keys_text: str
) -> None:
    rng = random.Random(SEED)
    newcomers = [Newcomer(number) for number in range(CHATS)]
    in_flight = 0
    with _simulator(newcomers) as simulator:
        bot = BotProcess(tmp_path, simulator, sqlite_url, keys_text)
        with bot, signing_up(simulator.url, newcomers) as dialogs:
            for _ in range(KILLS):
                bot.start()
                _wait_for_sends(simulator.driver, rng.randint(1, 2 * CHATS * STEPS // KILLS // 3))
                bot.kill(after=rng.uniform(0, 0.03))
                in_flight += left_in_flight(sqlite_url, keys)
            assert not all(dialog.done() for dialog in dialogs), "everybody was done before the last kill"
            bot.start()
            for dialog in dialogs:
                dialog.result()
        twice = _check(simulator.driver, sqlite_url, keys, newcomers, in_flight)
    print(f"{KILLS} kills, {CHATS} chats: {twice.total()} of {in_flight} messages in flight went twice")


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_a_named_moment_loses_nothing_and_repeats_nothing(
    point: str, tmp_path: Path, database_url: str, keys: KeyRing, keys_text: str
) -> None:
    newcomers = [Newcomer(number) for number in range(20)]
    in_flight = 0
    with _simulator(newcomers) as simulator:
        bot = BotProcess(tmp_path, simulator, database_url, keys_text)
        with bot, signing_up(simulator.url, newcomers, threads=4) as dialogs:
            for count in (1, 7, 20):
                bot.start(crash_at=f"{point}:{count}")
                bot.wait_for_crash()
                in_flight += left_in_flight(database_url, keys)
            bot.start()
            for dialog in dialogs:
                dialog.result()
        _check(simulator.driver, database_url, keys, newcomers, in_flight)


def _simulator(newcomers: list[Newcomer]) -> AbstractContextManager[RunningSimulator]:
    return running_simulator(pace=Pace.off(), people=[newcomer.on_the_phone() for newcomer in newcomers])


def _wait_for_sends(driver: Driver, more: int) -> None:
    wanted = driver.summary()["delivered"] + more
    assert driver.summary(delivered=wanted, timeout=WAIT)["delivered"] >= wanted, "the bot does not send"


def _check(
    driver: Driver, url: str, keys: KeyRing, newcomers: list[Newcomer], in_flight: int
) -> Counter[str]:
    """Everybody is registered once, as they said; nothing waits; what went twice was in flight at a kill."""
    database = open_database(url, keys)
    try:
        assert database.submit(in_session(registered)).result() == expected(newcomers)
        assert database.submit(count_parked).result() == 0
    finally:
        database.close()
    assert driver.pending() == 0
    sent = count(url, keys, outbox.c.outcome == int(Outcome.SENT))
    assert sent == len(newcomers) * STEPS
    assert count(url, keys, outbox.c.outcome != int(Outcome.SENT)) == 0
    by_chat = driver.summary()["delivered_by_chat"]
    twice = Counter({chat: count - STEPS for chat, count in by_chat.items()})
    assert len(twice) == len(newcomers)
    assert min(twice.values()) >= 0
    assert twice.total() <= in_flight, f"{twice.total()} went twice, {in_flight} were in flight"
    return twice
