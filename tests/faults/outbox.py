"""How the outbox of a bot stands that runs, or has died, in another process."""

from sqlalchemy import ColumnElement, func, select

from jobs.delivery import IN_FLIGHT
from models.database import open_database
from models.keys import KeyRing
from models.messages import Outcome, outbox


def count(url: str, keys: KeyRing, which: ColumnElement[bool]) -> int:
    """Return how many messages are like this."""
    database = open_database(url, keys)
    try:
        query = select(func.count()).select_from(outbox).where(which)
        return int(database.submit(lambda connection: connection.execute(query).scalar_one()).result())
    finally:
        database.close()


def left_in_flight(url: str, keys: KeyRing) -> int:
    """Return how many messages a dead bot had claimed without marking them: they may go twice."""
    found = count(url, keys, (outbox.c.outcome == int(Outcome.WAITING)) & (outbox.c.leased_until_ms > 0))
    assert found <= IN_FLIGHT
    return found
