"""Fresh processes: each measurement is one, in its competitor's environment, on a directory of its own."""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.progress import track

from tests.benchmarks.index import COMPETITORS, PROJECT

WORKER = "tests.benchmarks.worker"
PATIENCE = 300


class NotAvailable(Exception):
    """A competitor cannot run here; the text says why."""


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a directory on the project's own disk: /tmp may be memory, where a commit costs nothing."""
    parent = PROJECT / "data"
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=parent) as directory:
        yield Path(directory)


def in_process(competitor: str, task: str, **arguments: Any) -> dict[str, Any]:
    """Run a task of the worker and return what it reports."""
    entry = COMPETITORS[competitor]
    if not entry.python.exists():
        raise NotAvailable(f"{entry.environment} is missing: run make bench")
    with scratch() as directory:
        command = [str(entry.python), "-m", WORKER, task, competitor, str(directory), json.dumps(arguments)]
        done = subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{competitor} failed:\n{done.stderr[-3000:]}")
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if missing := report.get("missing"):
        raise NotAvailable(missing)
    return report


def interleaved(
    what: str, rounds: int, runs: Iterable[tuple[str, dict[str, Any]]]
) -> tuple[dict[int, list[dict[str, Any]]], dict[str, str]]:
    """Run A B C, A B C, …; return the reports by the run's position, and who was not available."""
    every = list(runs)
    reports: dict[int, list[dict[str, Any]]] = {position: [] for position in range(len(every))}
    missing: dict[str, str] = {}
    turns = [position for _ in range(rounds) for position in range(len(every))]
    for position in track(turns, what, transient=True):
        competitor, arguments = every[position]
        if competitor in missing:
            continue
        try:
            reports[position].append(in_process(competitor, "speed", **arguments))
        except NotAvailable as reason:
            missing[competitor] = str(reason)
    return reports, missing
