"""What reminders say, written in the moment of sending: so they are true then, or are not sent at all.

A reminder's text is neutral (F7, K2, K3): a child is its code, and what concerns its health is asked inside the
conversation that the button opens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection
from sqlmodel import Session

from handlers.digest import digest, month_start
from handlers.kit.chat import Buttons, Context, rows
from handlers.kit.messages import NEWS, Document, Outbound
from handlers.monthly import report_pdf
from handlers.receipt import answers
from handlers.reporting import Reporting
from handlers.texts import Words, render, t
from models.adoption import longest_wait
from models.children import Child
from models.database import session_on
from models.errors import GentingError
from models.grants import scope_of
from models.ledger import PayoutOf, payout_with, payouts_of_child
from models.months import Month, local_day
from models.payouts import PayoutState, payout_of
from models.pledges import Pledge
from models.reasons import at, reason
from models.reminders import Reminder, ReminderKind, withdraw


class ReasonGone(GentingError):
    """What a reminder would speak of is not so (any more)."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reminder that is about to leave."""

    session: Session
    context: Context
    reminder: Reminder
    today: date

    @property
    def month(self) -> Month:
        """The month that it is about."""
        return Month.parse(self.reminder.period)


Said = tuple[Words, Buttons]


def compose(connection: Connection, context: Context, reminder_id: int, language: str) -> Outbound | None:
    """Write a reminder; None when its reason has gone or its time has passed: it is withdrawn then."""
    now = context.clock.now()
    with session_on(connection) as session:
        reminder = session.get(Reminder, reminder_id)
        if reminder is None:
            return None
        occasion = Occasion(session, context, reminder, local_day(now, context.programme.zone))
        why = _unfounded(connection, occasion)
        if not why:
            try:
                words, buttons = _WORDS[reminder.kind](occasion)
            except ReasonGone:
                why = "reason gone"
            else:
                attached = _DOCUMENTS.get(reminder.kind)
                return Outbound(
                    render(words, language),
                    rows(buttons, language),
                    document=attached(occasion, language) if attached else None,
                    template=template_of(occasion, language),
                )
    withdraw(connection, now, reminder_id, why)
    return None


def _unfounded(connection: Connection, occasion: Occasion) -> str:
    """Return why a reminder must not leave, or nothing."""
    reminder = occasion.reminder
    if reminder.ends_on <= occasion.today:
        return "too late"
    why = reason(reminder.kind, reminder.period)
    stands = why.query.where(why.subject == reminder.subject_id).limit(1)
    found = connection.execute(stands, at(occasion.context.clock.now())).first()
    return "" if found is not None else "reason gone"


# -- to foster parents ----------------------------------------------------------------------------------------------


def _payout_soon(occasion: Occasion) -> Said:
    owed, words = _owed(occasion, t.reminders.payout_soon)
    return words, [_report(owed)]


def _payout_due(occasion: Occasion) -> Said:
    owed, words = _owed(occasion, t.reminders.payout_due)
    return words, [_report(owed)]


def _payout_late(occasion: Occasion) -> Said:
    owed, words = _owed(occasion, t.reminders.payout_late)
    return words, [_report(owed), [(t.reminders.rest(), f"/jeda {owed.child.code}")]]


def _payout_overdue(occasion: Occasion) -> Said:
    owed, words = _owed(occasion, t.reminders.payout_overdue)
    code = owed.child.code
    ways = [(t.reminders.rest(), f"/jeda {code}"), (t.reminders.stop(), f"/berhenti {code}")]
    return words, [_report(owed), ways]


def _owed(occasion: Occasion, words: Callable[..., Words]) -> tuple[PayoutOf, Words]:
    payout = payout_of(occasion.session, occasion.reminder.subject_id, occasion.month)
    if payout is None or payout.state is not PayoutState.DUE:
        raise ReasonGone
    pledge = occasion.session.get_one(Pledge, payout.pledge_id)
    child = occasion.session.get_one(Child, pledge.child_id)
    due = occasion.context.programme.due_on(payout.month)
    said = words(code=child.code, month=payout.month, amount=payout.amount_idr, due=due)
    return PayoutOf(payout, pledge, child), said


def _report(owed: PayoutOf) -> list[tuple[Words, str]]:
    return [(t.reminders.report(), f"/setor {owed.child.code} {owed.payout.month}")]


def _renewal(occasion: Occasion) -> Said:
    return _renewing(occasion, t.reminders.renewal)


def _renewal_last(occasion: Occasion) -> Said:
    return _renewing(occasion, t.reminders.renewal_last)


def _renewing(occasion: Occasion, words: Callable[..., Words]) -> Said:
    pledge = occasion.session.get_one(Pledge, occasion.reminder.subject_id)
    child = occasion.session.get_one(Child, pledge.child_id)
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
    child = occasion.session.get_one(Child, occasion.reminder.subject_id)
    coming = [
        one.payout.amount_idr
        for one in payouts_of_child(occasion.session, child.id or 0, occasion.month)
        if one.payout.state is PayoutState.DUE
    ]
    due = occasion.context.programme.due_on(occasion.month)
    say = t.reminders.family_notice if occasion.today <= due else t.reminders.family_notice_late
    words = say(code=child.code, month=occasion.month, amount=sum(coming), due=due)
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
    child = occasion.session.get_one(Child, occasion.reminder.subject_id)
    answer = [(t.reminders.answer(), f"/pantau {child.code}")]
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
    return session.get_one(Child, session.get_one(Pledge, subject).child_id)
