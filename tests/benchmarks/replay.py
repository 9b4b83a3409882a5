"""What running a conversation again from the top costs, as it grows."""

from statistics import mean, median

from tests.benchmarks.index import THIS_BOT
from tests.benchmarks.process import NotAvailable, in_process
from tests.benchmarks.report import Options, Report

LENGTHS = (5, 10, 20, 50)
CHATS = 50
ROUNDS = 3


def measure(options: Options) -> Report:
    """Play conversations of several lengths; an answer to question n replays n - 1 of them."""
    report = Report(
        title="Replay: milliseconds per answer as a conversation grows (FULL)",
        columns=["questions", "first answer", "last answer", "mean", "last to first"],
        notes=[
            "First is the mean of answers 1 and 2, last of the two before the one that ends the conversation."
        ],
    )
    try:
        for length in LENGTHS:
            rounds = [
                in_process(THIS_BOT, "replay", questions=length, chats=CHATS)["ms"]
                for _ in range(min(options.rounds, ROUNDS))
            ]
            first, last, whole = (
                median(mean(part) for part in parts)
                for parts in (
                    [took[:2] for took in rounds],
                    [took[-3:-1] for took in rounds],
                    rounds,
                )
            )
            figures = [f"{value:.2f}" for value in (first, last, whole, last / first)]
            report.rows.append([str(length), *figures])
            report.figures[str(length)] = {
                "first_ms": round(first, 3),
                "last_ms": round(last, 3),
                "mean_ms": round(whole, 3),
                "last_to_first": round(last / first, 3),
            }
    except NotAvailable as reason:
        report.notes.append(str(reason))
        report.figures["missing"] = str(reason)
    return report
