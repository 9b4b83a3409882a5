"""When nothing arrives in a chat any more: what waited for it goes elsewhere, and a coordinator hears of it."""

from datetime import datetime

from sqlalchemy import Connection
from sqlmodel import Session, select

from models.alerts import AlertKind, raise_alert
from models.children import Child, Guardian
from models.contacts import Contact, contacts_of, mark_unreachable
from models.database import session_on
from models.held import reroute
from models.outbox import fail_contact
from models.people import FosterParent
from models.reminders import queue_elsewhere


def give_up_chat(connection: Connection, now: datetime, contact_id: int, why: str) -> None:
    """Write to a chat no more. What waited goes to the person's other chats; without one it is an alert."""
    mark_unreachable(connection, now, contact_id)
    for outbox_id in fail_contact(connection, now, contact_id, why):
        reroute(connection, now, outbox_id)
    queue_elsewhere(connection, contact_id)
    with session_on(connection) as session:
        _tell_coordinators(session, now, contact_id)


def _tell_coordinators(session: Session, now: datetime, contact_id: int) -> None:
    contact = session.get(Contact, contact_id)
    person_id = contact.person_id if contact else None
    if person_id is None or contacts_of(session, person_id):
        return
    child = session.exec(
        select(Child).join(Guardian).where(Guardian.person_id == person_id).order_by(Child.code)
    ).first()
    if child is not None or session.get(FosterParent, person_id) is not None:
        subject = f"person:{person_id}"
        raise_alert(session, now, AlertKind.UNREACHABLE, subject, child=child, person_id=person_id)
