"""Two servers that queue the planned reminders at once queue each of them once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session

from models.database import Database, in_session, open_database
from models.keys import KeyRing
from models.messages import outbox
from models.reminders import Reminder, ReminderKind, queue_planned
from tests.builders import a_contact, a_person, id_of
from tests.clock import MONDAY_MORNING
from tests.postgresql import waits_for_a_lock

MANY = 20


def plan(session: Session, keys: KeyRing) -> None:
    person = a_person(session, keys)
    a_contact(session, keys, address="1", person=person)
    for subject in range(MANY):
        session.add(
            Reminder(
                kind=ReminderKind.CHECK_IN,
                subject_id=subject,
                period="2025-10",
                person_id=id_of(person),
                ends_on=date(2025, 10, 30),
                planned_ms=0,
            )
        )


def test_two_at_once_queue_each_reminder_once(postgresql_url: str, keys: KeyRing) -> None:
    here, there = open_database(postgresql_url, keys), open_database(postgresql_url, keys)
    here.submit(in_session(lambda s: plan(s, keys))).result()

    def queue(database: Database) -> int:
        today = MONDAY_MORNING.date()
        return database.submit(lambda c: queue_planned(c, MONDAY_MORNING, today, MANY)).result()

    with here.engine.begin() as connection, ThreadPoolExecutor(1) as pool:
        queue_planned(connection, MONDAY_MORNING, MONDAY_MORNING.date(), MANY)
        other = pool.submit(queue, there)
        while not other.done() and not waits_for_a_lock(here.engine):
            pass
        connection.commit()
        other.result(30)
    count = here.submit(lambda c: c.execute(select(func.count()).select_from(outbox)).scalar_one()).result()
    assert count == MANY
    here.close()
    there.close()
