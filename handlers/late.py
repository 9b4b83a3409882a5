"""What is added to a message when it leaves: words and a picture that take time to compute.

Each kind has two steps, so that nothing is computed inside a transaction: `read` fetches rows, `write` makes words
and picture of them. What may not be said any more (silence, the child has left) is left out; the message goes
without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from handlers.growth_chart import growth_chart
from handlers.growth_wording import growth_words
from handlers.kit.messages import Outbound
from handlers.texts import render
from models.children import ON_LIST, Child
from models.measurements import Measurement, measurements_of, points_of, usable


@dataclass(frozen=True, slots=True)
class Late:
    """A kind: `read(session, data)` returns what `write(message, rows, language)` needs, or None."""

    read: Callable[[Session, dict[str, Any]], Any]
    write: Callable[[Outbound, Any, str], Outbound]


def read_late(session: Session, message: Outbound) -> Any:
    """Fetch what a message's late part is made of; None when there is none, or it may not be said any more."""
    if message.late is None or message.late[0] not in LATE:
        return None
    kind, data = message.late
    return LATE[kind].read(session, data)


def write_late(message: Outbound, rows: Any) -> Outbound:
    """Return the message with its late part; needs no database."""
    if message.late is None or rows is None:
        return message
    kind, data = message.late
    return LATE[kind].write(message, rows, data["language"])


def _read_growth(session: Session, data: dict[str, Any]) -> tuple[Child, list[Measurement]] | None:
    child = session.get(Child, data["child"])
    if child is None or child.status not in ON_LIST or child.silent_since is not None:
        return None
    found = usable(child, measurements_of(session, [child]).get(data["child"], []))
    return (child, found) if found else None


def _write_growth(message: Outbound, rows: tuple[Child, list[Measurement]], language: str) -> Outbound:
    child, measurements = rows
    points = points_of(child, measurements)
    words = render(growth_words(child, points), language)
    return replace(message, text=f"{message.text}\n\n{words}", picture=growth_chart(child, points, language))


LATE = {"growth": Late(_read_growth, _write_growth)}
"""Every kind."""
