"""Another process at the same database: it says `ready`, waits, does its deed, and says what came of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeAlias

from sqlmodel import Session

from models.database import Database, in_session, open_database
from models.errors import FullySupported
from models.keys import KeyRing
from models.migrations import upgrade
from models.months import Month
from models.pledges import Term, pledge
from models.programme import Programme
from tests.clock import MONDAY_MORNING
from tests.processes import start

ROOT = Path(__file__).parents[2]


Pipe: TypeAlias = "Connection[Any, Any]"


class OtherProcess:
    """A process at the other end of a pipe."""

    def __init__(self, process: BaseProcess, pipe: "Pipe") -> None:
        self._process, self._pipe = process, pipe

    def hear(self) -> Any:
        """Return what it says next."""
        return self._pipe.recv()

    def go(self) -> None:
        """Let it do its deed."""
        self._pipe.send("go")

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._process.kill()
        self._process.join(30)


@contextmanager
def other_process(deed: str, url: str, keys_text: str, *arguments: str) -> Iterator[OtherProcess]:
    """Start a process and wait until it is ready; kill it at the end."""
    started, pipe = start(_be, deed, url, keys_text, *arguments)
    process = OtherProcess(started, pipe)
    try:
        assert process.hear() == "ready"
        yield process
    finally:
        process.kill()
        pipe.close()


def _pledge(pipe: Pipe, database: Database, giver: str, *children: str) -> None:
    """Want the whole of each child, one after the other; say which were won."""
    programme = Programme.load(ROOT / "programme.toml")

    def wanting(child: int) -> Callable[[Session], int]:
        def work(session: Session) -> int:
            promised = pledge(
                session,
                programme,
                MONDAY_MORNING,
                foster_parent_id=int(giver),
                child_id=child,
                monthly_idr=450_000,
                term=Term(Month(2025, 10), Month(2025, 12)),
            )
            return promised.child_id

        return work

    futures = [database.submit(in_session(wanting(int(child))), lane=f"giver:{giver}") for child in children]
    wait(futures)
    lost = [error for future in futures if (error := future.exception())]
    assert all(isinstance(error, FullySupported) and error.still_needed_idr == 0 for error in lost)
    pipe.send([future.result() for future in futures if not future.exception()])


def _lead(pipe: Pipe, database: Database, office: str) -> None:
    """Take an office, and hold it until killed."""
    held = database.lead(office)
    if held is None:
        pipe.send("taken")
        return
    with held:
        pipe.send("leading")
        pipe.recv()


def _upgrade(pipe: Pipe, database: Database) -> None:
    pipe.send(upgrade(database.engine))


DEEDS: dict[str, Callable[..., None]] = {"pledge": _pledge, "lead": _lead, "upgrade": _upgrade}


def _be(pipe: Pipe, deed: str, url: str, keys_text: str, *arguments: str) -> None:
    """Be the other process."""
    database = open_database(url, KeyRing.parse(keys_text), durable=False)
    pipe.send("ready")
    pipe.recv()
    DEEDS[deed](pipe, database, *arguments)
    database.close()
