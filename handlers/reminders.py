"""What reminders say, written in the moment of sending: so they are true then, or are not sent at all.

A reminder's text is neutral (F7, K2, K3): a child is its code, and what concerns its health is asked inside the
conversation that the button opens. Several of one kind to one person are one message (`handlers.reminder_lists`).
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from handlers.digest import digest, month_start
from handlers.kit.chat import Context, rows
from handlers.kit.messages import NEWS, Document, Outbound
from handlers.monthly import report_pdf
from handlers.occasions import Occasion, ReasonGone, Said, child_of, coming, owed, promised
from handlers.receipt import answers
from handlers.reminder_lists import several
from handlers.reporting import Reporting
from handlers.texts import Words, render, t
from models.adoption import longest_wait
from models.children import Child
from models.database import session_on
from models.grants import scope_of
from models.ledger import PayoutOf, payout_with
from models.months import local_day
from models.reasons import at, reason
from models.reminders import Reminder, ReminderKind, ReminderState, withdraw


def compose(
    connection: Connection, context: Context, reminder_ids: Sequence[int], language: str
) -> tuple[Outbound, frozenset[int]] | None:
    """Write one message of reminders to one person, of one kind and period; return it with the ids that it tells.

    Those whose reason has gone or whose time has passed are withdrawn. None when the first of them is among these.
    """
    now = context.clock.now()
    with session_on(connection) as session:
        found = [session.get(Reminder, reminder_id) for reminder_id in reminder_ids]
        today = local_day(now, context.programme.zone)
        occasions = [Occasion(session, context, one, today) for one in found if one is not None]
        gone = _unfounded(connection, occasions)
        standing = [one for one in occasions if one.reminder.id not in gone]
        told = frozenset(one.reminder.id or 0 for one in standing)
        if reminder_ids[0] in told:
            try:
                words, buttons = (
                    several(standing) if len(standing) > 1 else _WORDS[standing[0].reminder.kind](standing[0])
                )
            except ReasonGone:
                gone[reminder_ids[0]], told = "reason gone", frozenset()
    for reminder_id, why in gone.items():
        withdraw(connection, now, reminder_id, why)
    if reminder_ids[0] not in told:
        return None
    lead = standing[0]
    attached = _DOCUMENTS.get(lead.reminder.kind)
    outbound = Outbound(
        render(words, language),
        rows(buttons, language),
        document=attached(lead, language) if attached else None,
        template=template_of(lead, language),
    )
    return outbound, told


def _unfounded(connection: Connection, occasions: Sequence[Occasion]) -> dict[int, str]:
    """Return which reminders (of one kind and period) must not leave, and why."""
    gone: dict[int, str] = {}
    if not occasions:
        return gone
    first = occasions[0].reminder
    why, now = reason(first.kind, first.period), occasions[0].context.clock.now()
    subjects = [one.reminder.subject_id for one in occasions]
    stands = {tuple(row) for row in connection.execute(why.query.where(why.subject.in_(subjects)), at(now))}
    for one in occasions:
        reminder = one.reminder
        if reminder.state == ReminderState.WITHDRAWN:  # its message came back after that
            gone[reminder.id or 0] = reminder.outcome or "withdrawn"
        elif reminder.ends_on <= one.today:
            gone[reminder.id or 0] = "too late"
        elif (reminder.subject_id, reminder.person_id) not in stands:  # or it concerns somebody else by now
            gone[reminder.id or 0] = "reason gone"
    return gone


# -- to foster parents ----------------------------------------------------------------------------------------------


def _payout_soon(occasion: Occasion) -> Said:
    due, words = _owed(occasion, t.reminders.payout_soon)
    return words, [_report(due)]


def _payout_due(occasion: Occasion) -> Said:
    due, words = _owed(occasion, t.reminders.payout_due)
    return words, [_report(due)]


def _payout_late(occasion: Occasion) -> Said:
    due, words = _owed(occasion, t.reminders.payout_late)
    return words, [_report(due), [(t.reminders.rest(), f"/jeda {due.child.code}")]]


def _payout_overdue(occasion: Occasion) -> Said:
    due, words = _owed(occasion, t.reminders.payout_overdue)
    code = due.child.code
    ways = [(t.reminders.rest(), f"/jeda {code}"), (t.reminders.stop(), f"/berhenti {code}")]
    return words, [_report(due), ways]


def _owed(occasion: Occasion, words: Callable[..., Words]) -> tuple[PayoutOf, Words]:
    due = owed(occasion)
    payout, day = due.payout, occasion.context.programme.due_on(due.payout.month)
    return due, words(code=due.child.code, month=payout.month, amount=payout.amount_idr, due=day)


def _report(due: PayoutOf) -> list[tuple[Words, str]]:
    return [(t.reminders.report(), f"/setor {due.child.code} {due.payout.month}")]


def _visit(occasion: Occasion) -> Said:
    _, child = promised(occasion)
    words = t.reminders.visit(code=child.code, month=occasion.month)
    return words, [[(t.reminders.log_visit(), f"/kunjungan {child.code}")]]


def _renewal(occasion: Occasion) -> Said:
    return _renewing(occasion, t.reminders.renewal)


def _renewal_last(occasion: Occasion) -> Said:
    return _renewing(occasion, t.reminders.renewal_last)


def _renewing(occasion: Occasion, words: Callable[..., Words]) -> Said:
    pledge, child = promised(occasion)
    buttons = [
        [(t.reminders.renew(), f"/lanjutkan {child.code}")],
        [(t.reminders.not_renew(), f"/berhenti {child.code}")],
    ]
    return words(code=child.code, last=occasion.month, amount=pledge.monthly_idr), buttons


def _nudge(occasion: Occasion) -> Said:
    context = occasion.context
    wait = longest_wait(occasion.session, context.programme, context.clock.now())
    if not wait.children:
        raise ReasonGone
    buttons = [[(t.recommend.nudge_button(), "/adopsi")], [(t.recommend.title(), "/ajak")]]
    return t.recommend.nudge(children=wait.children, months=wait.longest_months), buttons


# -- to families ----------------------------------------------------------------------------------------------------


def _family_notice(occasion: Occasion) -> Said:
    due = occasion.context.programme.due_on(occasion.month)
    say = t.reminders.family_notice if occasion.today <= due else t.reminders.family_notice_late
    words = say(code=child_of(occasion).code, month=occasion.month, amount=coming(occasion), due=due)
    return words, [[(t.reminders.ask_us(), "/tanya")]]


def _family_confirm(occasion: Occasion) -> Said:
    given = payout_with(occasion.session, occasion.reminder.subject_id)
    if given is None:
        raise ReasonGone
    words = t.reminders.family_confirm(
        code=given.child.code, month=given.payout.month, amount=given.payout.reported_idr
    )
    return words, answers(given.payout.id or 0)


def _check_in(occasion: Occasion) -> Said:
    return _checking_in(occasion, t.reminders.check_in)


def _check_in_again(occasion: Occasion) -> Said:
    return _checking_in(occasion, t.reminders.check_in_again)


def _checking_in(occasion: Occasion, words: Callable[..., Words]) -> Said:
    child = child_of(occasion)
    answer = [(t.reminders.answer(), f"/pantau {child.code} {occasion.month}")]
    return words(code=child.code, month=occasion.month), [answer]


# -- to coordinators ------------------------------------------------------------------------------------------------


def _digest(occasion: Occasion) -> Said:
    return digest(occasion.session, occasion.context, occasion.reminder.person_id)


def _month_start(occasion: Occasion) -> Said:
    return month_start(occasion.session, occasion.context, occasion.reminder.person_id, occasion.month)


def _month_report(occasion: Occasion) -> Said:
    report = _reporting(occasion, "id")
    buttons = [[(t.report.button_excel(), f"/laporan {report.month} excel")]]
    return t.report.caption(place=report.place, month=report.month), buttons


def _reporting(occasion: Occasion, language: str) -> Reporting:
    """The month before the reminder's, as its reader may see it."""
    now, context = occasion.context.clock.now(), occasion.context
    scope = scope_of(occasion.session, occasion.reminder.person_id, now)
    return Reporting(occasion.session, context.programme, now, occasion.month.plus(-1), scope, language)


_DOCUMENTS: dict[ReminderKind, Callable[[Occasion, str], Document]] = {
    ReminderKind.REPORT: lambda occasion, language: report_pdf(_reporting(occasion, language)),
}
"""Reminders that bring a file."""

_WORDS: dict[ReminderKind, Callable[[Occasion], Said]] = {
    ReminderKind.PAYOUT_SOON: _payout_soon,
    ReminderKind.PAYOUT_DUE: _payout_due,
    ReminderKind.PAYOUT_LATE: _payout_late,
    ReminderKind.PAYOUT_OVERDUE: _payout_overdue,
    ReminderKind.VISIT: _visit,
    ReminderKind.RENEWAL: _renewal,
    ReminderKind.RENEWAL_LAST: _renewal_last,
    ReminderKind.FAMILY_NOTICE: _family_notice,
    ReminderKind.FAMILY_CONFIRM: _family_confirm,
    ReminderKind.CHECK_IN: _check_in,
    ReminderKind.CHECK_IN_AGAIN: _check_in_again,
    ReminderKind.DIGEST: _digest,
    ReminderKind.MONTH_START: _month_start,
    ReminderKind.REPORT: _month_report,
    ReminderKind.NUDGE: _nudge,
}


# -- where free text may not be sent --------------------------------------------------------------------------------

_TEMPLATES = {
    ReminderKind.PAYOUT_SOON: "transfer_reminder",
    ReminderKind.PAYOUT_DUE: "transfer_reminder",
    ReminderKind.PAYOUT_LATE: "transfer_reminder",
    ReminderKind.PAYOUT_OVERDUE: "transfer_reminder",
    ReminderKind.FAMILY_NOTICE: "payout_notice",
    ReminderKind.FAMILY_CONFIRM: "payout_notice",
    ReminderKind.CHECK_IN: "checkin_reminder",
    ReminderKind.CHECK_IN_AGAIN: "checkin_reminder",
    ReminderKind.VISIT: "visit_reminder",
}
"""Kinds with a template of their own: it says the month and the child's code; the words follow when it is opened."""


def template_of(occasion: Occasion, language: str) -> tuple[str, list[str]]:
    """Return what says neutrally that a reminder is there."""
    name = _TEMPLATES.get(occasion.reminder.kind)
    if name is None:
        return NEWS, [occasion.context.programme.district.name]
    code = _child_of(occasion).code
    if name in {"checkin_reminder", "visit_reminder"}:
        return name, [code]
    return name, [render(t.adopt.month(month=occasion.month), language), code]


def _child_of(occasion: Occasion) -> Child:
    """Return the child that a reminder is about, by what its subject is."""
    session, subject = occasion.session, occasion.reminder.subject_id
    match occasion.reminder.kind:
        case ReminderKind.FAMILY_NOTICE | ReminderKind.CHECK_IN | ReminderKind.CHECK_IN_AGAIN:
            return session.get_one(Child, subject)
        case ReminderKind.FAMILY_CONFIRM:
            given = payout_with(session, subject)
            if given is None:
                raise ReasonGone
            return given.child
    return promised(occasion)[1]
