"""Is the outcome right after a kill and a redelivered batch?"""

from rich.progress import track

from tests.benchmarks import survival
from tests.benchmarks.index import COMPETITORS
from tests.benchmarks.process import NotAvailable, in_process
from tests.benchmarks.report import Options, Report

WRONG = (
    survival.FAILED,
    survival.STATE_LOST,
    survival.SHIFTED,
    survival.DUPLICATES,
    survival.REPLIES_LOST,
)
COUNTED = (*WRONG, survival.REPLIES_TWICE)
SEED = 20_261_124


def measure(options: Options) -> Report:
    """Kill every competitor the same number of times and count what was found."""
    report = Report(
        title=f"After kill -9 and a redelivered batch ({options.trials} kills each)",
        columns=["", "verdict", *COUNTED],
        notes=[
            "Every second kill comes at a random moment, the others in the middle of a request.",
            "A reply lost leaves a person waiting for a question; Telegram cannot send one exactly once.",
            "A redelivered text shifts answers only where nothing validates them; here the NIP is validated.",
        ],
    )
    for name, entry in track(COMPETITORS.items(), "kill", transient=True):
        try:
            found = in_process(name, "kill", trials=options.trials, seed=SEED)
        except NotAvailable as reason:
            report.rows.append([entry.title, str(reason)])
            report.figures[name] = {"title": entry.title, "missing": str(reason)}
            continue
        seen = found["outcomes"]
        verdict = ", ".join(outcome for outcome in WRONG if seen.get(outcome)) or survival.RIGHT
        report.rows.append([entry.title, verdict, *(str(seen.get(outcome, 0)) for outcome in COUNTED)])
        report.figures[name] = {
            "title": entry.title,
            "verdict": verdict,
            "kills": options.trials,
            "seen": seen,
            "failures": found["failures"],
        }
    return report
