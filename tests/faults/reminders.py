"""A month's batch: one reminder to each of many people."""

from sqlalchemy import Connection, insert

from bot.simulator.people import Person
from models.clock import SystemClock
from models.contacts import Contact
from models.database import open_database
from models.keys import KeyRing
from models.messages import Priority
from models.outbox import Outgoing, queue

FIRST = 7_300_000_000


def recipients(number: int) -> list[Person]:
    """People who have talked with the bot before."""
    return [Person(FIRST + n, f"Rekaan {n}", started=True) for n in range(number)]


def queue_batch(url: str, keys: KeyRing, people: list[Person]) -> None:
    """Let a reminder to each of them be due now."""
    now = SystemClock().now()
    body = keys.seal(b'{"text":"Pengingat bulan ini"}')

    def work(connection: Connection) -> None:
        rows = [
            {
                "id": number,
                "channel": "telegram",
                "address": str(person.id),
                "address_index": keys.index(str(person.id)),
                "language": "id",
                "created_at": now,
            }
            for number, person in enumerate(people, start=1)
        ]
        connection.execute(insert(Contact), rows)
        numbers = range(1, len(people) + 1)
        queue(connection, now, [Outgoing("telegram", n, Priority.REMINDER, body, now) for n in numbers])
        if connection.dialect.name == "postgresql":  # the next chat gets the next number
            connection.exec_driver_sql(f"ALTER SEQUENCE contact_id_seq RESTART WITH {len(people) + 1}")

    database = open_database(url, keys)
    try:
        database.submit(work).result()
    finally:
        database.close()
