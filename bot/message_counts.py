"""`genting stats --messages`: how many messages WhatsApp counted and charged in a month, and about what they cost."""

import json
import sys
from dataclasses import asdict
from datetime import datetime, time

from rich.console import Console
from rich.table import Table

from bot.console import month_named, opened_database
from bot.settings import Settings
from handlers.texts import rupiah
from models.clock import SystemClock
from models.dispatches import Volume, volume
from models.months import Month, local_day
from models.programme import Programme


def show(out: Console, month: str | None, *, as_json: bool) -> None:
    """Print a month's messages by WhatsApp's own categories. Raises GentingError for what is no month."""
    programme = Settings.load().load_programme()
    zone = programme.zone
    wanted = month_named(month) if month else Month.of(local_day(SystemClock().now(), zone))
    first, behind = (datetime.combine(m.first_day, time(), zone) for m in (wanted, wanted.plus(1)))
    with opened_database() as (_, database):
        found = database.submit(lambda connection: volume(connection, first, behind)).result()
    if as_json:
        rows = [asdict(one) | {"cost_idr": _cost(programme, one)} for one in found]
        sys.stdout.write(json.dumps({"month": str(wanted), "categories": rows}, indent=2) + "\n")
        return
    _print(out, wanted, programme, found)


def _cost(programme: Programme, one: Volume) -> int | None:
    """Return what a category's messages cost by the programme's prices; None when it has no price."""
    return programme.messages_cost_idr({one.category.lower(): one.billable})


def _print(out: Console, month: Month, programme: Programme, found: list[Volume]) -> None:
    table = Table(
        "Category", "Messages", "Charged", "Cost", "People", "Charged a person", "Failed", title=str(month)
    )
    for one in found:
        each = f"{one.billable / one.chats:.1f}" if one.chats else "-"
        cost = _cost(programme, one)
        about = "-" if cost is None else rupiah(cost, "id")
        table.add_row(
            one.category, str(one.messages), str(one.billable), about, str(one.chats), each, str(one.failed)
        )
    out.print(table)
