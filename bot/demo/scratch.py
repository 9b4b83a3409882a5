"""The demo's data in a database of its own that is forgotten at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from sqlmodel import Session

from bot.channels.faces import FACES
from bot.demo.clock import DemoClock
from bot.demo.district import seed
from handlers.kit.chat import Context
from models.database import Database, in_session, open_database
from models.keys import KeyRing
from models.migrations import upgrade
from models.programme import Programme


@contextmanager
def scratch_database(programme: Programme) -> Iterator[tuple[Database, Context]]:
    """Give a filled database and the context (keys, clock) that belongs to it."""
    with TemporaryDirectory(prefix="genting-demo-") as folder:
        ring, _ = KeyRing.generate()
        context = Context(programme, ring, DemoClock(), faces=FACES)

        def fill(session: Session) -> None:
            seed(session, programme, ring, context.clock.now())

        database = open_database(f"sqlite:///{folder}/demo.db", ring, durable=False)
        try:
            upgrade(database.engine)
            database.submit(in_session(fill)).result()
            yield database, context
        finally:
            database.close()
