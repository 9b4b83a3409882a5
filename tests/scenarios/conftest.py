"""The demo's year for every story: written once a run for each database, and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo.district import seed
from models.database import in_session, open_database
from models.keys import KeyRing
from models.programme import Programme
from tests.clock import MONDAY_MORNING
from tests.postgresql import Server


def _write_year(url: str, programme: Programme, keys: KeyRing, channel: str | None = None) -> None:
    """Write the year; with `channel`, everybody's chats are there."""
    database = open_database(url, keys, durable=False)
    database.submit(in_session(lambda s: seed(s, programme, keys, MONDAY_MORNING, channel))).result()
    database.close()


@pytest.fixture(scope="session")
def _sqlite_year(
    _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, programme: Programme, keys: KeyRing
) -> Path:
    return _year_file(_sqlite_template, tmp_path_factory, programme, keys, "telegram")


@pytest.fixture(scope="session")
def _whatsapp_year(
    _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, programme: Programme, keys: KeyRing
) -> Path:
    return _year_file(_sqlite_template, tmp_path_factory, programme, keys, "whatsapp")


def _year_file(
    template: Path, folders: pytest.TempPathFactory, programme: Programme, keys: KeyRing, channel: str
) -> Path:
    path = folders.mktemp("year") / "genting.db"
    shutil.copyfile(template, path)
    _write_year(f"sqlite:///{path}", programme, keys, channel)
    return path


@pytest.fixture(scope="session")
def _postgresql_year(postgresql_server: Server, programme: Programme, keys: KeyRing) -> str:
    name = postgresql_server.create()
    _write_year(postgresql_server.url(name), programme, keys, "telegram")
    return name


@pytest.fixture
def sqlite_year_url(_sqlite_year: Path, tmp_path: Path) -> str:
    """The URL of a SQLite file with the demo's year, which ends at `MONDAY_MORNING`."""
    path = tmp_path / "year.db"
    shutil.copyfile(_sqlite_year, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_year_url(_postgresql_year: str, postgresql_server: Server) -> Iterator[str]:
    """The URL of a PostgreSQL database with the same."""
    name = postgresql_server.create(template=_postgresql_year)
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture
def whatsapp_year_url(_whatsapp_year: Path, tmp_path: Path) -> str:
    """The URL of a SQLite file with the same year, everybody being on WhatsApp."""
    path = tmp_path / "year.db"
    shutil.copyfile(_whatsapp_year, path)
    return f"sqlite:///{path}"
