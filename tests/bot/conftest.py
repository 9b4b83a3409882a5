"""The command line in a process of its own, on a database of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.demo.district import seed
from models.clock import SystemClock
from models.database import in_session, open_database
from models.keys import KeyRing
from models.programme import Programme
from tests.bot.terminal import ROOT, Run


@pytest.fixture
def genting(sqlite_url: str, keys_text: str, tmp_path: Path) -> Run:
    """Runs a command; keyword arguments are further environment variables."""

    def run(*words: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GENTING_") and name not in {"NO_COLOR", "FORCE_COLOR"}
        }
        ours = {
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": sqlite_url,
            "GENTING_KEYS": keys_text,
            "GENTING_PROGRAMME": str(ROOT / "programme.toml"),
            "COLUMNS": "200",
        }
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *words],
            cwd=tmp_path,
            env=inherited | ours | more,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def seeded(sqlite_url: str, keys: KeyRing, programme: Programme) -> None:
    """The demo's year, ending now by the machine's clock, which is the commands' clock."""
    database = open_database(sqlite_url, keys, durable=False)
    now = SystemClock().now()
    database.submit(in_session(lambda s: seed(s, programme, keys, now))).result()
    database.close()
