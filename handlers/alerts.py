"""C4 /peringatan: what a coordinator must look at, taken in hand, and closed with a note.

`/peringatan 17` goes straight to that alert (the buttons under news).
"""

from collections.abc import Iterator
from datetime import date

from handlers.growth_wording import INDICES
from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText
from handlers.kit.messages import stored_picture
from handlers.texts import Text, Words, join, t
from models.alerts import Alert, AlertKind, alert_in_scope, close_alert, open_alerts, take_alert
from models.children import ON_LIST, Child
from models.entitlement import family_of
from models.errors import AlreadyDecided, NotEntitled
from models.growth_categories import Index
from models.growth_trends import Sign
from models.growth_watch import WASTED
from models.people import Person
from models.pledges import givers_of
from models.visits import Visit

KINDS: dict[AlertKind, Text] = {
    AlertKind.DANGER_SIGN: t.alerts.danger_sign(),
    AlertKind.CONSENT_WITHDRAWN: t.alerts.consent_withdrawn(),
    AlertKind.AID_MISSING: t.alerts.aid_missing(),
    AlertKind.AID_SHORT: t.alerts.aid_short(),
    AlertKind.QUESTION: t.alerts.question(),
    AlertKind.LOSING_SUPPORT: t.alerts.losing_support(),
    AlertKind.FALTERING: t.alerts.faltering(),
    AlertKind.NO_VISIT: t.alerts.no_visit(),
    AlertKind.NO_MEASUREMENT: t.alerts.no_measurement(),
    AlertKind.READY_TO_GRADUATE: t.alerts.ready_to_graduate(),
    AlertKind.UNREACHABLE: t.alerts.unreachable(),
}
TAKE, CLOSE, LEAVE = "take", "close", "leave"
GROWTH = frozenset({AlertKind.FALTERING, AlertKind.READY_TO_GRADUATE, AlertKind.NO_MEASUREMENT})
"""Kinds for which the child's chart helps."""


@conversation("peringatan", "alerts", title=t.alerts.title(), who=Audience.COORDINATOR, menu=54)
def alerts(chat: Chat) -> None:
    """Which alert, what to do, and what was done."""
    alert = _choose(chat)
    child = chat.db.get(Child, alert.child_id) if alert.child_id else None
    action = chat.ask("action", Choice(_card(chat, alert, child), _actions(alert, chat.person_id)))
    if action == LEAVE:
        raise Stopped(t.alerts.left())
    if action == _taking(alert):
        _take(chat, alert, child)
        return
    note = chat.ask("note", FreeText(t.alerts.note(), least=3, most=300))
    _close(chat, alert, note)


def _choose(chat: Chat) -> Alert:
    """Return the alert that was named, or ask; a closed or foreign one is not there."""
    named = chat.argument.strip()
    if not named:
        found = open_alerts(chat.db, chat.scope)
        if not found:
            raise Stopped(t.alerts.none())
        named = chat.ask("alert", Choice(t.alerts.which(count=len(found)), lambda: _options(chat, found)))
    alert = alert_in_scope(chat.db, chat.scope, int(named)) if named.isdecimal() and len(named) < 10 else None
    if alert is None or alert.closed_at is not None:
        raise Stopped(t.alerts.gone())
    return alert


def _options(chat: Chat, found: list[Alert]) -> list[Option]:
    return [Option(str(alert.id), _label(chat, alert)) for alert in found]


def _label(chat: Chat, alert: Alert) -> Words:
    child = chat.db.get(Child, alert.child_id) if alert.child_id else None
    label = t.alerts.label_taken if alert.taken_by else t.alerts.label
    return label(kind=KINDS[alert.kind], code=child.code if child else "-")


def _actions(alert: Alert, person_id: int | None) -> list[Option]:
    take = [] if alert.taken_by == person_id else [Option(_taking(alert), t.alerts.take())]
    return [*take, Option(CLOSE, t.alerts.close()), Option(LEAVE, t.alerts.leave())]


def _taking(alert: Alert) -> str:
    """Say from whom it is taken: a card that shows it free takes it from nobody who has got it since."""
    return f"{TAKE}:{alert.taken_by}" if alert.taken_by else TAKE


def _card(chat: Chat, alert: Alert, child: Child | None) -> Words:
    taker = chat.db.get(Person, alert.taken_by) if alert.taken_by else None
    taken: Words | str = ""
    if taker and alert.taken_at:
        taken = t.alerts.taken(name=taker.name, at=alert.taken_at)
    return t.alerts.card(
        kind=KINDS[alert.kind],
        subject=_about(chat, child),
        at=alert.opened_at,
        details=join(list(_details(chat, alert)), ""),
        taken=taken,
    )


def _about(chat: Chat, child: Child | None) -> Words:
    if child is None:
        return t.alerts.no_child()
    return t.alerts.child(
        code=child.code, age=child.age_months(chat.today), village=child.village, area=child.area
    )


def _details(chat: Chat, alert: Alert) -> Iterator[Words]:
    """Say what an alert's codes mean."""
    if (visit := _visit(chat, alert)) is not None:
        if visit.note:
            yield t.alerts.visit_note(day=visit.visited_on, note=visit.note)
        else:
            yield t.alerts.visit_no_note(day=visit.visited_on)
    if alert.kind is AlertKind.FALTERING:
        for code in alert.details.split():
            yield _sign(*code.split(":"))


def _visit(chat: Chat, alert: Alert) -> Visit | None:
    """Return the visit on which an alert was raised, if it was."""
    number = alert.subject.removeprefix("visit:")
    return chat.db.get(Visit, int(number)) if number.isdecimal() else None


def _sign(sign: str, index: str, since: str) -> Words:
    day = date.fromisoformat(since)
    if sign == WASTED:
        return t.alerts.sign_wasted(since=day)
    if sign == Sign.NO_GAIN:
        return t.alerts.sign_no_gain(since=day)
    words = t.alerts.sign_crossed_line if sign == Sign.CROSSED_LINE else t.alerts.sign_dropped
    return words(index=INDICES[Index(index)], since=day)


def _take(chat: Chat, alert: Alert, child: Child | None) -> None:
    """Take it in hand, and learn whom to call."""
    try:
        take_alert(chat.db, chat.now, alert, by=chat.person_id or 0)
    except AlreadyDecided:
        gone = alert.closed_at is not None
        raise Stopped(t.alerts.gone() if gone else t.alerts.just_taken(id=str(alert.id))) from None
    contacts = join(list(_contacts(chat, child))) if child else t.alerts.no_child()
    shown = child is not None and alert.kind in GROWTH and child.status in ON_LIST
    photo = visit.photo_id if (visit := _visit(chat, alert)) else None
    chat.say(
        t.alerts.now_yours(id=str(alert.id), contacts=contacts),
        picture=stored_picture(photo) if photo else None,
        late=("growth", {"child": child.id}) if shown and child else None,
        buttons=[[(t.alerts.close(), f"/peringatan {alert.id}")], [(t.kit.menu(), "/menu")]],
    )


def _contacts(chat: Chat, child: Child) -> Iterator[Words]:
    givers = givers_of(chat.db, child.id or 0, chat.month)
    if not givers:
        yield t.alerts.no_giver()
    for giver in givers:
        yield t.alerts.giver(name=giver.name, phone=giver.phone or "-")
    try:
        _, guardian = family_of(chat.db, chat.now, chat.month, chat.person_id or 0, child, chat.scope)
    except NotEntitled:
        guardian = None
    if guardian is None:
        yield t.alerts.no_family()
    else:
        yield t.alerts.family(name=guardian.name, phone=guardian.phone or "-")


def _close(chat: Chat, alert: Alert, note: str) -> None:
    try:
        close_alert(chat.db, chat.now, alert, by=chat.person_id or 0, note=note)
    except AlreadyDecided:
        raise Stopped(t.alerts.gone()) from None
    left = len(open_alerts(chat.db, chat.scope))
    more = [[(t.alerts.next(left=left), "/peringatan")]] if left else []
    chat.say(t.alerts.done(), buttons=[*more, [(t.kit.menu(), "/menu")]])
