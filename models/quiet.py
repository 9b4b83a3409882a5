"""Taking back what waits to be sent: somebody opted out, a family took its consent back, a child is silent.

What has left cannot be taken back; what is being sent in this moment may still arrive.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select, update
from sqlmodel import Session, and_, col, or_

from models.alerts import Alert
from models.audit import record
from models.children import Child, Guardian
from models.consents import ConsentKind, consents_to
from models.contacts import Contact
from models.grants import scope_of
from models.messages import Outcome, Priority, outbox
from models.outbox import NOT_OVER
from models.payouts import Payout
from models.people import Person
from models.pledges import Pledge
from models.reminders import Reminder, ReminderKind, ReminderState
from models.statements import milliseconds

ABOUT_A_CHILD = (ReminderKind.FAMILY_NOTICE, ReminderKind.CHECK_IN, ReminderKind.CHECK_IN_AGAIN)
ABOUT_A_PAYOUT = (ReminderKind.FAMILY_CONFIRM,)
ABOUT_A_PERSON = (
    ReminderKind.DIGEST,
    ReminderKind.MONTH_START,
    ReminderKind.REPORT,
    ReminderKind.NUDGE,
)


def stop_messages(session: Session, now: datetime, person_id: int) -> int:
    """Start nothing with this person any more, until they want it again (K5).

    Returns how many waiting messages were taken back.
    """
    person = session.get_one(Person, person_id)
    person.messages_off_at = person.messages_off_at or now
    session.add(person)
    record(session, now, person_id, "messages_off", f"person:{person_id}")
    session.flush()
    connection = session.connection()
    chats = select(col(Contact.id)).where(col(Contact.person_id) == person_id)
    self_started = and_(outbox.c.contact_id.in_(chats), outbox.c.priority != int(Priority.REPLY))
    waiting = select(outbox.c.reminder_id).where(self_started, outbox.c.outcome.in_(NOT_OVER))
    connection.execute(
        update(Reminder)
        .where(col(Reminder.id).in_(waiting.where(outbox.c.reminder_id.is_not(None))))
        .values(state=int(ReminderState.WITHDRAWN), outcome="opted out")
    )
    return take_back(connection, now, self_started, "opted out")


def start_messages(session: Session, now: datetime, person_id: int) -> None:
    """The person wants to be told things again."""
    person = session.get_one(Person, person_id)
    person.messages_off_at = None
    session.add(person)
    record(session, now, person_id, "messages_on", f"person:{person_id}")
    session.flush()


def withdraw_about(
    session: Session, now: datetime, child: Child, why: str, *, pledges_go_on: bool = False
) -> int:
    """Take back every message and reminder about a child that its family or foster parents would get.

    Returns how many messages. Coordinators keep theirs: looking after it is their task. `pledges_go_on`: leave the
    foster parents' reminders of what they have promised, which say nothing about the family.
    """
    session.flush()
    connection = session.connection()
    pledges = select(col(Pledge.id)).where(col(Pledge.child_id) == child.id)
    payouts = select(col(Payout.id)).where(col(Payout.pledge_id).in_(pledges))
    to_family = or_(
        and_(col(Reminder.kind).in_(ABOUT_A_CHILD), col(Reminder.subject_id) == child.id),
        and_(col(Reminder.kind).in_(ABOUT_A_PAYOUT), col(Reminder.subject_id).in_(payouts)),
    )
    to_givers = and_(
        col(Reminder.kind).not_in((*ABOUT_A_CHILD, *ABOUT_A_PAYOUT, *ABOUT_A_PERSON)),
        col(Reminder.subject_id).in_(pledges),
    )
    about_it = to_family if pledges_go_on else or_(to_family, to_givers)
    its_reminders = select(col(Reminder.id)).where(about_it)
    waiting = exists().where(outbox.c.reminder_id == col(Reminder.id), outbox.c.outcome.in_(NOT_OVER))
    count = take_back(connection, now, _told_of(connection, child), why)
    connection.execute(
        update(Reminder)
        .where(about_it, or_(col(Reminder.state) == int(ReminderState.PLANNED), waiting))
        .values(state=int(ReminderState.WITHDRAWN), outcome=why[:20])
    )
    return count + take_back(connection, now, outbox.c.reminder_id.in_(its_reminders), why)


def _told_of(connection: Connection, child: Child) -> ColumnElement[bool]:
    """Condition: a message about the child, or about one of its alerts to its family or foster parents."""
    threads = select(col(Alert.id)).where(col(Alert.child_id) == child.id)
    alerts = [f"alert:{number}" for number in connection.execute(threads).scalars()]
    guardian = select(col(Guardian.person_id)).where(col(Guardian.id) == child.guardian_id)
    givers = select(col(Pledge.foster_parent_id)).where(col(Pledge.child_id) == child.id)
    concerned = select(col(Contact.id)).where(
        or_(col(Contact.person_id).in_(guardian), col(Contact.person_id).in_(givers))
    )
    return and_(
        outbox.c.priority != int(Priority.REPLY),
        or_(
            outbox.c.about == f"child:{child.id}",
            and_(outbox.c.about.in_(alerts), outbox.c.contact_id.in_(concerned)),
        ),
    )


def take_back(connection: Connection, now: datetime, which: ColumnElement[bool], why: str) -> int:
    """Withdraw the waiting messages that fulfil a condition on `outbox`; return how many."""
    return connection.execute(
        update(outbox)
        .where(outbox.c.outcome.in_(NOT_OVER), which)
        .values(outcome=int(Outcome.WITHDRAWN), done_ms=milliseconds(now), error=why)
    ).rowcount


def is_hushed(session: Session, about: str, person_id: int, now: datetime) -> bool:
    """Tell whether a message about something (`child:24`) may not go to a person.

    Nobody is told of a silent child (K6), and no family that has taken its consent back; but who coordinates the
    child's area is: looking after it is their task.
    """
    kind, _, number = about.partition(":")
    child = session.get(Child, int(number)) if kind == "child" else None
    if child is None:
        return False
    guardian = session.get(Guardian, child.guardian_id) if child.guardian_id else None
    is_family = guardian is not None and guardian.person_id == person_id
    withdrawn = is_family and not consents_to(session, person_id, ConsentKind.PARENTAL)
    if child.silent_since is None and not withdrawn:
        return False
    return not scope_of(session, person_id, now).covers(child.area)
