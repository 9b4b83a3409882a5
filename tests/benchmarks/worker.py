"""What runs inside a fresh process: `worker TASK COMPETITOR DIRECTORY JSON`; prints one line of JSON."""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.competitor import AT_ONCE, Competitor, in_batches
from tests.benchmarks.edge import Edge
from tests.benchmarks.index import COMPETITORS
from tests.benchmarks.script import STEPS, expected, text_update
from tests.benchmarks.survival import survive

OTHERS = 1_000_000
"""Conversations that are open beside the measured ones have numbers from here."""
WARM_UP = 5
"""So many dialogs are played before the clock starts: imports, caches of statements."""


def steps(chats: range, at_once: int) -> Iterator[list[tuple[int, int]]]:
    """Interleave dialogs: a batch is one step of `at_once` chats, for nobody answers before being asked."""
    for group in in_batches(chats, at_once):
        for step in range(STEPS):
            yield [(chat_id, step) for chat_id in group]


def speed(
    competitor: Competitor, directory: Path, *, durable: bool, chats: int, seconds: float
) -> dict[str, Any]:
    """Play dialogs for so long, beside `chats` open conversations; count updates and check the rows."""
    edge = Edge()
    competitor.setup(directory, edge, durable=durable)
    competitor.seed(range(OTHERS, OTHERS + chats))
    for batch in steps(range(1, WARM_UP + 1), AT_ONCE):
        competitor.run([edge.update(*step) for step in batch])
    wall = cpu = 0.0
    handled = finished = 0
    sent = edge.sent
    for batch in steps(range(WARM_UP + 1, OTHERS), AT_ONCE):
        updates = [edge.update(*step) for step in batch]
        wall -= time.perf_counter()
        cpu -= time.process_time()
        competitor.run(updates)
        cpu += time.process_time()
        wall += time.perf_counter()
        handled += len(batch)
        finished += sum(step == STEPS - 1 for _, step in batch)
        if wall > seconds:
            break
    rows = sorted(competitor.rows())
    competitor.close()
    if rows != [expected(chat_id) for chat_id in range(1, WARM_UP + finished + 1)]:
        raise AssertionError(f"{len(rows)} rows, not the {WARM_UP + finished} expected")
    if edge.sent - sent != handled:
        raise AssertionError(f"{edge.sent - sent} replies to {handled} updates")
    return {"per_second": handled / wall, "cpu_ms": cpu / handled * 1000, "updates": handled}


def replay(competitor: Competitor, directory: Path, *, questions: int, chats: int) -> dict[str, Any]:
    """Answer a conversation of so many questions in some chats; return the milliseconds of every answer."""
    competitor.setup(directory, Edge(), durable=True)
    took: list[float] = []
    for number in range(questions + 1):
        text = f"answer {number}" if number else f"/questions{questions}"
        updates = [text_update(chat_id, number, text) for chat_id in range(1, chats + 1)]
        started = time.perf_counter()
        competitor.run(updates)
        took.append((time.perf_counter() - started) / chats * 1000)
    competitor.close()
    return {"ms": took[1:]}


def main(task: str, name: str, directory: str, arguments: str) -> dict[str, Any]:
    """Make the competitor and run the task."""
    logging.disable(logging.CRITICAL)
    try:
        competitor = COMPETITORS[name].make()
    except ImportError as error:
        return {"missing": str(error)}
    return TASKS[task](competitor, Path(directory), **json.loads(arguments))


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"speed": speed, "kill": survive, "replay": replay}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
