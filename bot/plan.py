"""`genting plan`: what a month would send, for somebody who wants to know before it does."""

import json
import sys
from collections import Counter
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from jobs.preview import Line, preview
from models.database import Database
from models.months import Month, local_day
from models.programme import Programme


def print_plan(
    database: Database, programme: Programme, now: datetime, month: Month, *, as_json: bool
) -> None:
    """Print what a month would send. Nothing is sent, and nothing is written."""
    lines = database.submit(lambda c: preview(c, programme, now, month)).result()
    figures = to_json(lines, month, local_day(now, programme.zone).isoformat())
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=2) + "\n")
    else:
        _print_table(lines, figures)


def to_json(lines: list[Line], month: Month, today: str) -> dict[str, Any]:
    """Return the month's days with what each says to whom, and why."""
    days: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        days.setdefault(line.day.isoformat(), []).append(
            {
                "kind": line.kind.value,
                "period": line.period,
                "to": line.to,
                "reminders": line.reminders,
                "messages": line.messages,
                "channels": line.channels,
                "unreachable": line.unreachable,
                "already_planned": line.is_planned,
                "why": line.why,
            }
        )
    return {
        "month": str(month),
        "as_of": today,
        "reminders": sum(line.reminders for line in lines),
        "messages": sum(line.messages for line in lines),
        "days": [{"day": day, "says": says} for day, says in days.items()],
    }


def _print_table(lines: list[Line], figures: dict[str, Any]) -> None:
    out = Console()
    out.print(
        f"[bold]{figures['month']}[/bold]: {figures['reminders']} reminders in {figures['messages']} messages,"
        f" as things stand on {figures['as_of']}. What is reported or answered before is not said.",
        soft_wrap=True,
        highlight=False,
    )
    if not lines:
        return
    table = Table("Day", "To", "Messages", "Children", "No chat", "Because", box=box.SIMPLE_HEAD)
    for column in table.columns[2:5]:
        column.justify = "right"
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    before = None
    for line in lines:
        day = "" if line.day == before else f"{line.day:%d %b}" + ("*" if line.is_planned else "")
        children = str(line.reminders) if line.to != "coordinator" else ""
        about = "" if line.period == figures["month"] or line.to == "coordinator" else f" ({line.period})"
        table.add_row(
            day, line.to, str(line.messages), children, str(line.unreachable or ""), line.why + about
        )
        before = line.day
    out.print(table)
    channels: Counter[str] = Counter()
    for line in lines:
        channels.update(line.channels)
    out.print("By channel: " + ", ".join(f"{channel} {count}" for channel, count in channels.items()))
    if any(line.is_planned for line in lines):
        out.print("* planned already")
