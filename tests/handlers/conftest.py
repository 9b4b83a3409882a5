"""The village for every test of this folder that wants it."""

import pytest

from models.database import Database
from models.keys import KeyRing
from models.programme import Programme
from tests.clock import FixedClock
from tests.handlers.village import Village, a_village


@pytest.fixture
def village(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> Village:
    return a_village(database, programme, keys, clock)
