"""A month's batch at full length: at the platform's pace, beside people who chat, and through many power cuts."""

import random
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

import pytest

from bot.channels.telegram import PACE
from bot.simulator.pacing import Pace
from bot.simulator.people import Person
from bot.simulator.server import RunningSimulator, running_simulator
from models.keys import KeyRing
from models.messages import Outcome, outbox
from tests.depth import depth
from tests.faults.outbox import count, left_in_flight
from tests.faults.process import BotProcess
from tests.faults.reminders import queue_batch, recipients

SEED = 20_261_125
WAIT = 120.0

BATCH = 10_000
CHATTING = 50
"""People who write in turn, so that no chat's own pace is met."""
SECONDS = depth(15, thorough=60)
"""How long a batch is watched on a machine that cannot serve all of it sooner."""
BUSY = depth(8, thorough=4)
"""How much busier the machine may get: other tests begin and end beside this one."""
FASTEST = 10
"""At most so many times as fast as Telegram allows."""


def sends(simulator: RunningSimulator) -> list[dict[str, Any]]:
    return [entry for entry in simulator.driver.ledger(method="sendMessage") if entry["delivered"]]


@pytest.mark.slow
def test_ten_thousand_reminders_leave_at_the_permitted_pace_and_keep_no_reply_waiting(
    tmp_path: Path, sqlite_url: str, keys: KeyRing, keys_text: str
) -> None:
    scale = _scale_for_this_machine(tmp_path, sqlite_url, keys, keys_text)
    people = recipients(BATCH)
    chatting = [Person(n, "Rekaan", started=True) for n in range(1, CHATTING + 1)]
    permitted = Pace().scaled(scale)
    watched = min(BATCH, int(SECONDS * permitted.overall)) * 9 // 10
    queue_batch(sqlite_url, keys, people)
    with running_simulator(pace=permitted, people=[*people, *chatting], keep_params=False) as simulator:
        paced = {"per_second": PACE.per_second * scale, "per_chat_second": PACE.per_chat_second * scale}
        with BotProcess(tmp_path, simulator, sqlite_url, keys_text, **paced) as bot:
            bot.start()
            waits: list[tuple[float, float]] = []
            for wanted in range(CHATTING, watched, watched // CHATTING):
                before = (BATCH - _delivered(simulator, wanted)) / permitted.overall
                phone = simulator.driver.phone(chatting[len(waits) % CHATTING].id)
                asked = monotonic()
                phone.send("/menu")
                phone.wait_for("Ada yang bisa saya bantu", timeout=WAIT)
                waits.append((monotonic() - asked, before))
            _delivered(simulator, watched)
        assert simulator.driver.summary()["too_many_requests"] == 0
        times = sorted(entry["received"] for entry in sends(simulator))[:watched]
    rate = (len(times) - 1) / (times[-1] - times[0])
    worst = max(waited / in_turn for waited, in_turn in waits)
    sys.stdout.write(
        f"{rate:.1f}/s of {permitted.overall:.0f}/s permitted over {len(times)} messages; {len(waits)} replies,"
        f" {median(waited for waited, _ in waits):.3f} s in the middle, {max(waits)[0]:.3f} s at most,"
        f" at most 1/{1 / worst:.0f} of first in, first out\n"
    )
    assert rate >= 0.95 * permitted.overall
    assert len(waits) >= CHATTING - 5
    assert worst <= 1 / 20


def _scale_for_this_machine(tmp_path: Path, sqlite_url: str, keys: KeyRing, keys_text: str) -> float:
    """Return how many times Telegram's pace a part of this machine's strength serves, bot and simulator together.

    A part (one in BUSY), because the machine may be busier during the batch than it is in this trial.
    """
    people, folder = recipients(400), tmp_path / "trial"
    folder.mkdir()
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), folder / "genting.db")
    url = f"sqlite:///{folder}/genting.db"
    queue_batch(url, keys, people)
    with running_simulator(pace=Pace.off(), people=people, keep_params=False) as simulator:
        with BotProcess(folder, simulator, url, keys_text) as bot:
            bot.start()
            _delivered(simulator, len(people))
        times = sorted(entry["received"] for entry in sends(simulator))
    capacity = len(times) / (times[-1] - times[0])
    return float(max(1, min(FASTEST, capacity // (BUSY * Pace().overall))))


def _delivered(simulator: RunningSimulator, wanted: int) -> int:
    """Return how many messages have arrived, after waiting for this many."""
    return int(simulator.driver.summary(delivered=wanted, timeout=WAIT)["delivered"])


@pytest.mark.slow
def test_when_every_second_send_is_told_to_wait_nothing_is_lost_and_nothing_comes_early(
    tmp_path: Path, sqlite_url: str, keys: KeyRing, keys_text: str
) -> None:
    people = recipients(depth(400, thorough=1_000))
    queue_batch(sqlite_url, keys, people)
    with running_simulator(pace=Pace.off(), people=people) as simulator:
        simulator.driver.fault("too_many_requests", times=None, percent=50, retry_after=2)
        with BotProcess(tmp_path, simulator, sqlite_url, keys_text) as bot:
            bot.start()
            assert _delivered(simulator, len(people)) == len(people)
        attempts: dict[int, list[dict[str, Any]]] = {}
        for entry in simulator.driver.ledger(method="sendMessage"):
            attempts.setdefault(entry["chat_id"], []).append(entry)
        assert set(attempts) == {person.id for person in people}
        refused = 0
        for tries in attempts.values():
            assert [entry["delivered"] for entry in tries] == [False] * (len(tries) - 1) + [True]
            for before, after in pairwise(tries):
                assert after["received"] - before["finished"] >= 2
                refused += 1
        assert refused > len(people) // 2
    assert count(sqlite_url, keys, outbox.c.outcome == int(Outcome.SENT)) == len(people)


@pytest.mark.slow
def test_a_batch_survives_being_killed_again_and_again(
    tmp_path: Path, sqlite_url: str, keys: KeyRing, keys_text: str
) -> None:
    kills = depth(15, thorough=50)
    people, rng = recipients(100 * kills), random.Random(SEED)
    queue_batch(sqlite_url, keys, people)
    in_flight = 0
    with running_simulator(pace=Pace.off(), people=people, keep_params=False) as simulator:
        with BotProcess(tmp_path, simulator, sqlite_url, keys_text) as bot:
            for _ in range(kills):
                bot.start()
                _delivered(simulator, _delivered(simulator, 0) + rng.randint(1, len(people) // kills))
                bot.kill(after=rng.uniform(0, 0.02))
                in_flight += left_in_flight(sqlite_url, keys)
            assert count(sqlite_url, keys, outbox.c.outcome == int(Outcome.WAITING)) > 0, "killed too late"
            bot.start()
            simulator.driver.wait_until_confirmed()
            deadline = monotonic() + WAIT
            while (
                count(sqlite_url, keys, outbox.c.outcome == int(Outcome.WAITING)) and monotonic() < deadline
            ):
                sleep(0.05)  # the last ones have arrived and are yet to be marked: a database has no event
        by_chat = simulator.driver.summary()["delivered_by_chat"]
    assert count(sqlite_url, keys, outbox.c.outcome == int(Outcome.SENT)) == len(people)
    assert set(by_chat) == {str(person.id) for person in people}
    twice = sum(by_chat.values()) - len(people)
    sys.stdout.write(f"{twice} went twice, {in_flight} were in flight at {kills} kills\n")
    assert max(by_chat.values()) <= 1 + kills
    assert twice <= in_flight
