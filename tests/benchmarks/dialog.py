"""Updates per second of the dialog, everybody side by side in one run."""

from typing import Any

from tests.benchmarks.index import COMPETITORS, THIS_BOT
from tests.benchmarks.process import interleaved
from tests.benchmarks.report import Options, Report, Spread, ratio

MODES = {"FULL": True, "NORMAL": False}


def measure(options: Options) -> Report:
    """Measure every competitor at synchronous=FULL (a power cut loses nothing) and at NORMAL."""
    runs = [
        (name, {"durable": durable, "chats": options.chats, "seconds": options.seconds})
        for durable in MODES.values()
        for name in COMPETITORS
    ]
    reports, missing = interleaved("dialog", options.rounds, runs)
    report = Report(
        title="Updates per second of a dialog of 7 messages (median, and least to most)",
        columns=["", "FULL", "of this bot", "NORMAL", "of this bot", "CPU ms/update, NORMAL"],
        notes=[
            f"{options.rounds} interleaved rounds, {options.chats} other conversations open.",
            "Telegram's JSON in; a reply to each, and each tap answered, up to the network's edge.",
        ],
    )
    found: dict[str, dict[str, Spread]] = {name: {} for name in COMPETITORS}
    cpu: dict[str, Spread] = {}
    for position, (name, arguments) in enumerate(runs):
        if rounds := reports[position]:
            mode = "FULL" if arguments["durable"] else "NORMAL"
            found[name][mode] = Spread([one["per_second"] for one in rounds])
            cpu[name] = Spread([one["cpu_ms"] for one in rounds])
    for name, modes in found.items():
        report.rows.append(_row(name, modes, found[THIS_BOT], cpu.get(name), missing.get(name)))
        report.figures[name] = _figures(name, modes, found[THIS_BOT], cpu.get(name), missing.get(name))
    return report


def _row(
    name: str, modes: dict[str, Spread], ours: dict[str, Spread], cpu: Spread | None, reason: str | None
) -> list[str]:
    cells = [COMPETITORS[name].title]
    if cpu is None:
        return [*cells, reason or "-"]
    for mode in MODES:
        cells += [str(modes[mode]), ratio(modes[mode].middle, ours[mode].middle if ours else None)]
    return [*cells, f"{cpu.middle:.2f}"]


def _figures(
    name: str, modes: dict[str, Spread], ours: dict[str, Spread], cpu: Spread | None, reason: str | None
) -> dict[str, Any]:
    if cpu is None:
        return {"title": COMPETITORS[name].title, "missing": reason}
    return {
        "title": COMPETITORS[name].title,
        "cpu_ms_per_update_at_normal": round(cpu.middle, 3),
        **{
            mode: {
                **modes[mode].figures(),
                "ratio_to_this_bot": round(modes[mode].middle / ours[mode].middle, 3) if ours else None,
            }
            for mode in MODES
        },
    }
