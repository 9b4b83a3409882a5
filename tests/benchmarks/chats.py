"""Is the rate flat as the number of open conversations grows?"""

from tests.benchmarks.index import COMPETITORS
from tests.benchmarks.process import interleaved
from tests.benchmarks.report import Options, Report, Spread, ratio

SIZES = (300, 20_000)
COMPARED = ("this-bot", "raw", "ptb-pickle", "aiogram")
"""Those that keep their conversations on disk."""
ROUNDS = 3


def measure(options: Options) -> Report:
    """Measure the same dialog beside ever more open conversations, at synchronous=FULL."""
    runs = [
        (name, {"durable": True, "chats": size, "seconds": options.seconds / 2})
        for size in SIZES
        for name in COMPARED
    ]
    reports, missing = interleaved("chats", min(options.rounds, ROUNDS), runs)
    report = Report(
        title="Updates per second beside so many open conversations (FULL)",
        columns=["", *(f"{size:,}" for size in SIZES), f"{SIZES[-1]:,} to {SIZES[0]}"],
    )
    for name in COMPARED:
        rates = {
            arguments["chats"]: Spread([one["per_second"] for one in reports[position]])
            for position, (whose, arguments) in enumerate(runs)
            if whose == name and reports[position]
        }
        title = COMPETITORS[name].title
        if not rates:
            report.rows.append([title, missing[name]])
            report.figures[name] = {"title": title, "missing": missing[name]}
            continue
        first, last = rates[SIZES[0]].middle, rates[SIZES[-1]].middle
        report.rows.append([title, *(str(rates[size]) for size in SIZES), ratio(last, first)])
        report.figures[name] = {
            "title": title,
            "rates": {str(size): rates[size].figures() for size in SIZES},
            "last_to_first": round(last / first, 3),
        }
    return report
