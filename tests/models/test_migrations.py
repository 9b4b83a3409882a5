"""Migrations: they make what the models expect, once, whoever runs them, and carry old data along."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from models.children import Child
from models.contacts import Contact
from models.database import Database, in_session, open_database
from models.errors import ConfigurationError
from models.keys import KeyRing
from models.migrations import configuration, current, head, pending, upgrade
from models.months import Month
from models.pauses import Pause
from models.people import FosterParent, Person, Standing
from models.pledges import Pledge, PledgeState
from models.tables import MODULES, metadata
from tests.models.other_process import other_process

ROOT = Path(__file__).parents[2]
FIRST = "0001"


def test_the_migrations_make_what_the_models_expect(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def shape(connection: Connection) -> list[str]:
    """Describe every table, column, constraint and index as the database itself writes them."""
    if connection.dialect.name == "sqlite":
        # Quotes, spaces and the order of constraints depend on who wrote the statement; what is said does not.
        rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")).scalars()
        parts = (re.split(r", | [(] | [)]", " ".join(str(sql).replace('"', "").split())) for sql in rows)
        return sorted("; ".join(sorted(statement)) for statement in parts)
    columns = """
        SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, character_maximum_length,
                      is_nullable)
          FROM information_schema.columns WHERE table_schema = 'public'
    """
    constraints = """
        SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace
    """
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    return sorted(
        row for sql in (columns, constraints, indexes) for row in connection.execute(text(sql)).scalars()
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrated_schema_is_to_the_letter_the_one_the_models_would_create(
    request: pytest.FixtureRequest, kind: str, keys: KeyRing
) -> None:
    shapes = []
    for url in (f"empty_{kind}_url", f"{kind}_url"):
        database = open_database(str(request.getfixturevalue(url)), keys, durable=False)
        with database.engine.begin() as connection:
            if url.startswith("empty"):
                metadata.create_all(connection)
            shapes.append([line for line in shape(connection) if "alembic_version" not in line])
        database.close()
    created, migrated = shapes
    assert migrated == created


def test_every_module_with_a_table_is_known_to_the_migrations() -> None:
    """In a process of its own, where nothing else has imported a table yet."""
    script = """
import importlib, json, pkgutil, models
from models.tables import metadata
known = set(metadata.tables)
for module in pkgutil.walk_packages(models.__path__, "models."):
    if ".migrations." not in module.name:
        importlib.import_module(module.name)
print(json.dumps(sorted(set(metadata.tables) - known)))
"""
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(said) == []
    assert len(MODULES) == len(set(MODULES))


def test_an_empty_database_is_brought_to_the_head_step_by_step(empty_database: Database) -> None:
    engine = empty_database.engine
    assert current(engine) is None
    steps = pending(engine)
    assert steps[0] == FIRST
    assert steps[-1] == head()
    assert upgrade(engine) == steps
    assert (current(engine), pending(engine)) == (head(), [])


def test_upgrading_twice_is_harmless(database: Database) -> None:
    assert upgrade(database.engine) == []
    assert current(database.engine) == head()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_processes_that_start_at_once_one_upgrades_and_the_others_wait(
    request: pytest.FixtureRequest, kind: str, keys: KeyRing, keys_text: str
) -> None:
    url = str(request.getfixturevalue(f"empty_{kind}_url"))
    with (
        other_process("upgrade", url, keys_text) as one,
        other_process("upgrade", url, keys_text) as two,
        other_process("upgrade", url, keys_text) as three,
    ):
        for process in (one, two, three):
            process.go()
        done = [process.hear() for process in (one, two, three)]
    database = open_database(url, keys, durable=False)
    assert current(database.engine) == head()
    database.close()
    assert sorted(done, key=len)[:2] == [[], []]
    assert max(done, key=len)[0] == FIRST


def test_a_step_that_fails_leaves_nothing_behind(empty_database: Database) -> None:
    engine = empty_database.engine
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE pledge (id integer)")
        )  # in the way of the first step's last table
    with pytest.raises(DBAPIError, match="pledge"):
        upgrade(engine)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["pledge"]
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE pledge"))
    assert upgrade(engine)[0] == FIRST


def test_a_database_of_a_newer_program_is_refused_and_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for ask in (pending, upgrade):
        with pytest.raises(ConfigurationError, match="newer version") as refusal:
            ask(database.engine)
        assert "\n" not in str(refusal.value)
    assert current(database.engine) == "9999"


def test_references_are_checked_again_after_an_upgrade(empty_database: Database) -> None:
    upgrade(empty_database.engine)

    def orphan(connection: Connection) -> None:
        connection.execute(
            text(
                "INSERT INTO consent (person_id, kind, version, subject, given_at) VALUES (7, 'x', '', '', :at)"
            ),
            {"at": "2025-10-13 03:00:00+00:00"},
        )

    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        empty_database.submit(orphan).result(30)


AT = "2025-10-13 03:00:00+00:00"

FIRST_RELEASE = Path(__file__).with_name("first_release.sql").read_text(encoding="utf-8")
"""Every table of the first release with a row in it: what districts have, not what models say."""


def fill_first_release(database: Database, keys: KeyRing) -> None:
    sealed = {
        name: keys.seal(plain.encode())
        for name, plain in {
            "giver": "Budi Rekaan",
            "mother": "Ibu Rekaan",
            "child": "Anak Rekaan",
            "phone": "+6280012345678",
            "nip": "198503152010012003",
            "chat": "700000001",
            "empty": "",
        }.items()
    }
    with database.engine.begin() as connection:
        command.upgrade(configuration(connection), FIRST)
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        for statement in FIRST_RELEASE.split(";\n"):
            wanted = {name: value for name, value in {**sealed, "at": AT}.items() if f":{name}" in statement}
            connection.execute(text(statement), wanted)
        connection.execute(text("UPDATE pledge SET note = 'Ibu Rekaan pindah'"))
        filled = {table for table in tables if connection.scalar(text(f'SELECT count(*) FROM "{table}"'))}  # noqa: S608
        assert filled == tables


def test_the_data_of_the_first_release_comes_along(empty_database: Database, keys: KeyRing) -> None:
    fill_first_release(empty_database, keys)
    upgrade(empty_database.engine)

    def read(session: Session) -> None:
        assert session.exec(select(Person.name).order_by(Person.name)).all()
        giver = session.get(FosterParent, 1)
        assert giver is not None
        assert (giver.standing, giver.nip) == (Standing.VERIFIED, "198503152010012003")
        child, promised = session.get(Child, 1), session.get(Pledge, 1)
        assert child is not None
        assert promised is not None
        assert (child.name, child.code, child.severity) == ("Anak Rekaan", "BLT-001", "severe")
        assert (promised.state, promised.monthly_idr) == (PledgeState.ACTIVE, 450_000)
        assert (promised.first_month, promised.last_month) == (Month(2025, 10), Month(2025, 12))
        assert promised.note == "Ibu Rekaan pindah"
        assert promised.pledged_at.isoformat() == "2025-10-13T03:00:00+00:00"
        contact = session.get(Contact, 1)
        assert contact is not None
        assert contact.address == "700000001"

    empty_database.submit(in_session(read)).result(30)
    with empty_database.engine.connect() as connection:
        kept = bytes(connection.scalar(text("SELECT note FROM pledge")))
    assert b"Rekaan" not in kept


def test_why_a_pledge_rests_is_sealed_and_what_was_a_code_becomes_words(
    empty_database: Database, keys: KeyRing
) -> None:
    fill_first_release(empty_database, keys)
    upgrade(empty_database.engine, "0016")
    with empty_database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO pause (id, pledge_id, first_month, last_month, reason, created_at)"
                " VALUES (1, 1, '2025-11', '2025-11', 'money', :at), (2, 1, '2025-12', '2025-12', '', :at)"
            ),
            {"at": AT},
        )
    upgrade(empty_database.engine)
    with Session(empty_database.engine) as session:
        kept = session.exec(select(Pause.reason).order_by(col(Pause.id))).all()
        assert kept == ["Keuangan sedang berat", ""]
        assert b"Keuangan" not in bytes(session.connection().scalar(text("SELECT reason FROM pause")))


def test_a_migration_does_not_lean_on_the_models() -> None:
    """It must mean the same when the models have changed."""
    for script in (ROOT / "models" / "migrations" / "versions").glob("*.py"):
        source = script.read_text(encoding="utf-8").replace("from models.migrations.", "")
        assert "import models" not in source, script.name
        assert "from models" not in source, script.name
        assert "sqlmodel" not in source, script.name
