"""The village, and a way to work on the database, for every test of this folder that wants them."""

import pytest

from models.database import Database, in_session
from models.keys import KeyRing
from models.programme import Programme
from tests.clock import FixedClock
from tests.handlers.talk import Ask
from tests.handlers.village import Village, a_village


@pytest.fixture
def village(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> Village:
    return a_village(database, programme, keys, clock)


@pytest.fixture
def ask(database: Database) -> Ask[object]:
    """Work on the database."""
    return lambda work: database.submit(in_session(work)).result()
