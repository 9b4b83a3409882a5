"""The command line in a process of its own, on a database of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.demo.district import seed
from models.clock import SystemClock
from models.database import in_session, open_database
from models.keys import KeyRing
from models.programme import Programme
from tests.bot.terminal import ROOT, Run
from tests.processes import run_genting


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
        return run_genting(*words, cwd=tmp_path, env=inherited | ours | more, typed=typed)

    return run


@pytest.fixture(scope="module")
def _seeded_template(
    _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, keys: KeyRing, programme: Programme
) -> Path:
    path = tmp_path_factory.mktemp("seeded") / "genting.db"
    shutil.copyfile(_sqlite_template, path)
    database = open_database(f"sqlite:///{path}", keys, durable=False)
    now = SystemClock().now()
    database.submit(in_session(lambda s: seed(s, programme, keys, now))).result()
    database.close()
    return path


@pytest.fixture
def seeded(_seeded_template: Path, sqlite_url: str) -> None:
    """The demo's year, ending now by the machine's clock, which is the commands' clock."""
    shutil.copyfile(_seeded_template, sqlite_url.removeprefix("sqlite:///"))
