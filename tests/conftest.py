"""What every test may ask for: real databases, the shipped programme, keys, a clock; and no way out."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlmodel import Session

from models.database import Database, open_database
from models.keys import KeyRing
from models.migrations import upgrade
from models.programme import Programme, QuietHours
from models.sqlite import SQLite
from tests.clock import FixedClock, RunningClock
from tests.postgresql import Server, running_server

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("wide", settings.get_profile("ci"), derandomize=False, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every worker begin with its share of the long tests: `--dist worksteal` deals the list out in equal parts."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    part = len(items) // workers
    long = [item for item in items if item.get_closest_marker("slow")]
    short = [item for item in items if not item.get_closest_marker("slow")]
    items.clear()
    for worker in range(workers):
        items += long[worker::workers]
        rest = max(0, (worker + 1) * part - len(items))
        items += short[:rest]
        del short[:rest]
    items += short


# --- no way out -------------------------------------------------------------------------------------------


class LeftTheMachine(BaseException):
    """A test tried to reach another host. No `except Exception` in the tested code may hide it."""


def _is_here(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket's path
    host = str(address[0])
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not _is_here(address):
            self.close()  # what catches only `Exception` would leave it open
            raise LeftTheMachine(f"a test reached for {address!r}")
        return call(self, address)

    return connect


@pytest.fixture(scope="session", autouse=True)
def _no_way_out() -> Iterator[None]:
    """Refuse every connection to a host but this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        yield


# --- the programme, its keys and its clock ----------------------------------------------------------------


@pytest.fixture(scope="session")
def programme() -> Programme:
    """Belitung's programme, as it ships."""
    return Programme.load(ROOT / "programme.toml")


@pytest.fixture(scope="session")
def never_night(programme: Programme) -> Programme:
    """The same, awake at every hour: for what runs by the machine's clock, whatever hour it is."""
    hours = QuietHours.model_validate({"from": time.min, "until": time.max})
    return programme.model_copy(update={"quiet_hours": hours})


@pytest.fixture(scope="session")
def keys_text() -> str:
    """A key ring as an operator writes it down, the same in every process (and plainly no secret)."""
    return ";".join(f"{name}={'Q' * 42}{last}=" for name, last in (("index", "A"), ("1", "E")))


@pytest.fixture(scope="session")
def keys(keys_text: str) -> KeyRing:
    """The ring of `keys_text`."""
    return KeyRing.parse(keys_text)


@pytest.fixture
def clock() -> FixedClock:
    """A clock at Monday, 13 October 2025, 10.00 WIB."""
    return FixedClock()


@pytest.fixture
def running_clock() -> RunningClock:
    """A clock that begins there and goes on."""
    return RunningClock()


# --- databases --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgresql_server(keys: KeyRing) -> Iterator[Server]:
    """The run's PostgreSQL."""
    with running_server(keys) as server:
        yield server


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory, keys: KeyRing) -> Path:
    path = tmp_path_factory.mktemp("template") / "genting.db"
    database = SQLite(path, keys, durable=False)
    upgrade(database.engine)
    database.close()  # the last connection folds the WAL back into the file
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite file with the present schema."""
    path = tmp_path / "genting.db"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database with the present schema."""
    name = postgresql_server.lend()
    yield postgresql_server.url(name)
    postgresql_server.take_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database's URL in turn: for tests that open it themselves, or in other processes."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str, keys: KeyRing) -> Iterator[Database]:
    """Each database in turn, open, with the present schema and nothing in it."""
    database = open_database(database_url, keys, durable=False)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """An ORM session on each database in turn, in a transaction that is undone at the end."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        with Session(
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        transaction.rollback()


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def empty_postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The URL of a PostgreSQL database without a table."""
    name = postgresql_server.create(empty=True)
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, keys: KeyRing) -> Iterator[Database]:
    """Each database in turn, before the first migration."""
    url = str(request.getfixturevalue(f"empty_{request.param}_url"))
    database = open_database(url, keys, durable=False)
    yield database
    database.close()
