"""Kill a competitor, start it again, deliver its last batch once more, look what is left.

Every second kill comes at a random moment, the others in the middle of a request: with a real network that is
where a bot spends most of its time, and here a request takes none.
Every life is a forked process, killed by SIGKILL from outside. The other end (what Telegram handed out, what
reached the phones) is kept in files, so it survives what the bot may not.
"""

import json
import os
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from tests.benchmarks.competitor import Competitor, in_batches
from tests.benchmarks.edge import Death, Edge, read_journal
from tests.benchmarks.script import PROMPTS, STEPS, Registration, expected

CHATS = 12
AT_ONCE = (1, 4, 12)
"""A batch is so many updates: a webhook's one, or what had gathered for `getUpdates`."""
REQUESTS = CHATS * 11
"""Seven replies a dialog, and four taps answered."""
PATIENCE = 30.0
ATTEMPTS = 50
"""A life may end before its kill: then it is not a trial."""

RIGHT = "right"
FAILED = "fails after restart"
STATE_LOST = "state lost"
SHIFTED = "answers shifted"
DUPLICATES = "duplicates"
REPLIES_LOST = "replies lost"
REPLIES_TWICE = "replies sent twice"


def survive(competitor: Competitor, directory: Path, *, trials: int, seed: int) -> dict[str, Any]:
    """Run the trials; return how often each outcome was seen and how many were killed."""
    rng = random.Random(seed)
    outcomes: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    unhurt: dict[int, float] = {}
    for at_once in AT_ONCE:
        whole = Trial(competitor, directory / f"unhurt-{at_once}", at_once)
        unhurt[at_once] = whole.live()
        if (found := whole.outcome()) != {RIGHT}:
            raise AssertionError(f"wrong without any kill: {found}")
    for number in range(trials):
        at_once = AT_ONCE[number % len(AT_ONCE)]
        for attempt in range(ATTEMPTS):
            trial = Trial(competitor, directory / f"{number}-{attempt}", at_once)
            if number % 2:
                trial.live(kill_after=rng.uniform(0, unhurt[at_once]))
            else:
                trial.live(death=Death(rng.randrange(1, REQUESTS), arrived=rng.random() < 0.5))
            if trial.was_killed:
                break
        else:
            raise AssertionError(f"ended before it could be killed, {ATTEMPTS} times")
        trial.live()
        outcomes.update(trial.outcome())
        failures.update(trial.failure())
    return {"trials": trials, "outcomes": dict(outcomes), "failures": dict(failures)}


class Trial:
    """One directory, and the lives that are lived on it."""

    def __init__(self, competitor: Competitor, directory: Path, at_once: int) -> None:
        directory.mkdir()
        self.competitor = competitor
        self.directory = directory
        self.at_once = at_once
        self.handed_out = directory / "telegram.jsonl"
        self.journal = directory / "phones.jsonl"
        self.result = directory / "rows.json"
        self.failed = directory / "failure.txt"
        self.was_killed = False

    def live(self, kill_after: float | None = None, death: Death | None = None) -> float:
        """Live on what the last life left: to the end, for so long, or into a request. Return the seconds."""
        self.result.unlink(missing_ok=True)
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            self._be_the_child(tell, death)
        os.close(tell)
        os.read(ready, 1)
        os.close(ready)
        started = time.perf_counter()
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        self.was_killed = _end_of(child)
        return time.perf_counter() - started

    def _be_the_child(self, tell: int, death: Death | None) -> NoReturn:
        try:
            edge = Edge(self.journal, death)
            self.competitor.setup(self.directory, edge, durable=False)
            os.write(tell, b"!")
            for updates in self._deliveries(edge):
                self.competitor.run(updates)
            self.result.write_text(json.dumps(self.competitor.rows()))
        except BaseException:  # noqa: BLE001 - a life that fails is an outcome; nothing may climb into the parent
            self.failed.write_text(traceback.format_exc())
        os._exit(0)

    def _deliveries(self, edge: Edge) -> Iterator[list[bytes]]:
        """Hand out the last batch again (its acknowledgement never arrived), then the rest."""
        batches = [
            [(chat_id, step) for chat_id in group]
            for group in in_batches(range(1, CHATS + 1), self.at_once)
            for step in range(STEPS)
        ]
        before = self._remembered()
        if before:
            yield before[-1]
        with self.handed_out.open("ab", buffering=0) as file:
            for batch in batches[len(before) :]:
                updates = [edge.update(*step) for step in batch]
                file.write(json.dumps([update.decode() for update in updates]).encode() + b"\n")
                yield updates

    def _remembered(self) -> list[list[bytes]]:
        if not self.handed_out.exists():
            return []
        whole = self.handed_out.read_bytes().rpartition(b"\n")[0]
        return [[text.encode() for text in json.loads(line)] for line in whole.splitlines()]

    def outcome(self) -> set[str]:
        """Compare rows and phones with what was meant."""
        if not self.result.exists():
            return {FAILED}
        rows = [Registration(*row) for row in json.loads(self.result.read_text())]
        return (_of_rows(rows) | self._of_replies()) or {RIGHT}

    def failure(self) -> list[str]:
        """Say with which exception the last life ended, if with any."""
        return self.failed.read_text().splitlines()[-1:] if self.failed.exists() else []

    def _of_replies(self) -> set[str]:
        seen = Counter((reply.chat_id, reply.text) for reply in read_journal(self.journal))
        wanted = [(chat_id, prompt.text) for chat_id in range(1, CHATS + 1) for prompt in PROMPTS]
        times = [seen[message] for message in wanted]
        return {
            outcome
            for outcome, happened in ((REPLIES_LOST, 0 in times), (REPLIES_TWICE, max(times) > 1))
            if happened
        }


def _of_rows(rows: list[Registration]) -> set[str]:
    chats = Counter(row.chat_id for row in rows)
    found: set[str] = set()
    if len(chats) < CHATS:
        found.add(STATE_LOST)
    if any(row != expected(row.chat_id) for row in rows):
        found.add(SHIFTED)
    if max(chats.values(), default=0) > 1:
        found.add(DUPLICATES)
    return found


def _end_of(child: int) -> bool:
    """Wait for a life to end; end it when it hangs. Return whether it was killed."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.WIFSIGNALED(status)
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True
