"""Run benchmarks: `python -m tests.benchmarks [NAME ...] [--quick]`."""

import json
import os
import platform
import sqlite3
import time
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks.index import BENCHMARKS
from tests.benchmarks.report import Options, Report

QUICK = Options(rounds=1, chats=50, seconds=0.3, trials=5)


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Which: {', '.join(BENCHMARKS)}. All if none.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Interleaved rounds; the median counts.")] = Options.rounds,
    chats: Annotated[int, typer.Option(help="Conversations open beside the measured ones.")] = Options.chats,
    seconds: Annotated[float, typer.Option(help="At most so long per measurement.")] = Options.seconds,
    trials: Annotated[int, typer.Option(help="Kills per competitor.")] = Options.trials,
    quick: Annotated[bool, typer.Option("--quick", help="Only to see that everything runs.")] = False,
    out: Annotated[Path, typer.Option(help="The figures; other benchmarks' stay.")] = Path("bench.json"),
) -> None:
    """Measure, print a table per benchmark and write the figures."""
    if unknown := set(names or ()) - set(BENCHMARKS):
        raise typer.BadParameter(f"no such benchmark: {', '.join(sorted(unknown))}")
    options = QUICK if quick else Options(rounds=rounds, chats=chats, seconds=seconds, trials=trials)
    console = Console()
    for name in names or BENCHMARKS:
        started = time.monotonic()
        report: Report = import_module(BENCHMARKS[name]).measure(options)
        report.notes.append(f"{time.monotonic() - started:.0f} s")
        report.show(console)
        _keep(out, name, report, options)


def _keep(out: Path, name: str, report: Report, options: Options) -> None:
    kept = json.loads(out.read_text()) if out.exists() else {}
    kept[name] = {
        "title": report.title,
        "options": vars(options),
        "machine": {
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "system": platform.system(),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
        },
        "figures": report.figures,
        "notes": report.notes,
    }
    out.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    typer.run(main)
