"""One message for several reminders of a kind: it names the children, and one button starts.

A button says no child: the conversation that it opens asks, and offers the next one at its end.
"""

from collections.abc import Callable, Sequence
from typing import Any

from handlers.kit.chat import Buttons
from handlers.occasions import Occasion, Said, child_of, coming, owed, promised
from handlers.texts import Words, join, t
from models.reminders import ReminderKind

SHOWN = 40
"""So many children are named, the others counted: a message has an end (4,096 characters on both platforms)."""

Line = tuple[str, int]
"""A child's code, and rupiah."""


def several(occasions: Sequence[Occasion]) -> Said:
    """Write several reminders to one person, of one kind and period. Raises ReasonGone."""
    first = occasions[0]
    lines_of, words, buttons = _LISTS[first.reminder.kind]
    lines = sorted(lines_of(one) for one in occasions)
    listed: list[Words] = [_line(code, amount) for code, amount in lines[:SHOWN]]
    if len(lines) > SHOWN:
        listed.append(t.reminders.more(count=len(lines) - SHOWN))
    facts: dict[str, Any] = {"count": len(lines), "month": first.month, "lines": join(listed)}
    if first.reminder.kind in _WITH_MONEY:
        facts["total"] = sum(amount for _, amount in lines)
        facts["due"] = first.context.programme.due_on(first.month)
        if first.today > facts["due"]:
            words = _AFTER_THE_DAY.get(first.reminder.kind, words)
    return words(**facts), buttons(first)


def _line(code: str, amount_idr: int) -> Words:
    return t.reminders.line(code=code, amount=amount_idr) if amount_idr else t.reminders.line_code(code=code)


def _due(occasion: Occasion) -> Line:
    due = owed(occasion)
    return due.child.code, due.payout.amount_idr


def _pledged(occasion: Occasion) -> Line:
    pledge, child = promised(occasion)
    return child.code, pledge.monthly_idr


def _visited(occasion: Occasion) -> Line:
    return promised(occasion)[1].code, 0


def _expected(occasion: Occasion) -> Line:
    return child_of(occasion).code, coming(occasion)


def _asked(occasion: Occasion) -> Line:
    return child_of(occasion).code, 0


def _report(_: Occasion) -> Buttons:
    return [[(t.reminders.report(), "/setor")]]


def _report_or_rest(_: Occasion) -> Buttons:
    return [[(t.reminders.report(), "/setor")], [(t.reminders.rest(), "/jeda")]]


def _report_rest_or_stop(_: Occasion) -> Buttons:
    ways = [(t.reminders.rest(), "/jeda"), (t.reminders.stop(), "/berhenti")]
    return [[(t.reminders.report(), "/setor")], ways]


def _renew(_: Occasion) -> Buttons:
    return [[(t.reminders.renew(), "/lanjutkan")], [(t.reminders.not_renew(), "/berhenti")]]


def _log(_: Occasion) -> Buttons:
    return [[(t.reminders.log_visit(), "/kunjungan")]]


def _ask(_: Occasion) -> Buttons:
    return [[(t.reminders.ask_us(), "/tanya")]]


def _answer(occasion: Occasion) -> Buttons:
    return [[(t.reminders.answer(), f"/pantau {occasion.month}")]]


_LISTS: dict[
    ReminderKind, tuple[Callable[[Occasion], Line], Callable[..., Words], Callable[[Occasion], Buttons]]
] = {
    ReminderKind.PAYOUT_SOON: (_due, t.reminders.payouts_soon, _report),
    ReminderKind.PAYOUT_DUE: (_due, t.reminders.payouts_due, _report),
    ReminderKind.PAYOUT_LATE: (_due, t.reminders.payouts_late, _report_or_rest),
    ReminderKind.PAYOUT_OVERDUE: (_due, t.reminders.payouts_overdue, _report_rest_or_stop),
    ReminderKind.RENEWAL: (_pledged, t.reminders.renewals, _renew),
    ReminderKind.RENEWAL_LAST: (_pledged, t.reminders.renewals_last, _renew),
    ReminderKind.VISIT: (_visited, t.reminders.visits, _log),
    ReminderKind.FAMILY_NOTICE: (_expected, t.reminders.family_notices, _ask),
    ReminderKind.CHECK_IN: (_asked, t.reminders.check_ins, _answer),
    ReminderKind.CHECK_IN_AGAIN: (_asked, t.reminders.check_ins_again, _answer),
}
"""For each kind in `TOLD_TOGETHER`: what a line says, the words around the lines, the buttons."""

_AFTER_THE_DAY = {ReminderKind.FAMILY_NOTICE: t.reminders.family_notices_late}
"""What says something else when the day on which the aid is due is over."""

_WITH_MONEY = {
    ReminderKind.PAYOUT_SOON,
    ReminderKind.PAYOUT_DUE,
    ReminderKind.PAYOUT_LATE,
    ReminderKind.PAYOUT_OVERDUE,
    ReminderKind.FAMILY_NOTICE,
}
