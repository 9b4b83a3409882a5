"""Another process at the same database: `python -m tests.models.other_process DEED URL KEYS …`.

It says `ready`, waits for a line, does its deed, and says what came of it in one line of JSON.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmodel import Session

from models.database import Database, in_session, open_database
from models.errors import FullySupported
from models.keys import KeyRing
from models.migrations import upgrade
from models.months import Month
from models.pledges import Term, pledge
from models.programme import Programme
from tests.clock import MONDAY_MORNING

ROOT = Path(__file__).parents[2]


class OtherProcess:
    """A process at the other end of a pipe."""

    def __init__(self, popen: "subprocess.Popen[str]") -> None:
        self._popen = popen

    def hear(self) -> Any:
        """Return what it says next."""
        assert self._popen.stdout is not None
        line = self._popen.stdout.readline()
        assert line, "the other process ended without a word"
        return json.loads(line)

    def go(self) -> None:
        """Let it do its deed."""
        assert self._popen.stdin is not None
        self._popen.stdin.write("go\n")
        self._popen.stdin.flush()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._popen.kill()
        self._popen.wait(30)


@contextmanager
def other_process(deed: str, url: str, keys_text: str, *arguments: str) -> Iterator[OtherProcess]:
    """Start a process and wait until it is ready; kill it at the end."""
    command = [sys.executable, "-m", "tests.models.other_process", deed, url, keys_text, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as popen:
        process = OtherProcess(popen)
        try:
            assert process.hear() == "ready"
            yield process
        finally:
            process.kill()


def _say(something: Any) -> None:
    print(json.dumps(something), flush=True)


def _wait() -> None:
    sys.stdin.readline()


def _pledge(database: Database, giver: str, *children: str) -> None:
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
    _say([future.result() for future in futures if not future.exception()])


def _lead(database: Database, office: str) -> None:
    """Take an office, and hold it until killed."""
    held = database.lead(office)
    if held is None:
        _say("taken")
        return
    with held:
        _say("leading")
        _wait()


def _upgrade(database: Database) -> None:
    _say(upgrade(database.engine))


DEEDS: dict[str, Callable[..., None]] = {"pledge": _pledge, "lead": _lead, "upgrade": _upgrade}


def main(deed: str, url: str, keys_text: str, *arguments: str) -> None:
    """Be the other process."""
    database = open_database(url, KeyRing.parse(keys_text), durable=False)
    _say("ready")
    _wait()
    DEEDS[deed](database, *arguments)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
