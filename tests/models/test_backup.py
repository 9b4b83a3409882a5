"""Backups: whole, sealed, made beside a writer, and put back on either database."""

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, func, select

from models.backup import Summary, check, make, restore
from models.backup.envelope import BLOCK, HEAD, SealedLines, opened_lines
from models.children import Child, next_code
from models.database import Database, in_session, open_database
from models.errors import BackupRefused
from models.keys import KeyRing
from models.messages import Priority
from models.outbox import Outgoing, queue
from tests.builders import (
    a_child,
    a_consent,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_guardian,
    a_person,
    a_pledge,
    id_of,
)
from tests.clock import MONDAY_MORNING

CANARY = "Kenari Rekaan"


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, keys: KeyRing) -> Iterator[Database]:
    """Another, empty database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('tmp_path') / 'elsewhere.db'}"
    else:
        url = str(request.getfixturevalue("empty_postgresql_url"))
    database = open_database(url, keys, durable=False)
    yield database
    database.close()


def fill(database: Database, keys: KeyRing, children: int = 30) -> None:
    """A bit of everything."""

    def work(session: Session) -> None:
        mother = a_person(session, keys, name=CANARY)
        guardian = a_guardian(session, keys, person=mother)
        a_consent(session, person=mother)
        giver = a_foster_parent(session, keys)
        a_coordinator(session, keys, area="Sijuk")
        contact = a_contact(session, keys, person=mother)
        for _ in range(children):
            a_pledge(session, child=a_child(session, name=CANARY, guardian=guardian), foster_parent=giver)
        body = keys.seal(os.urandom(100_000))  # so that it takes more than one block
        queue(
            session.connection(),
            MONDAY_MORNING,
            [Outgoing("telegram", id_of(contact), Priority.REPLY, body, MONDAY_MORNING)],
        )

    database.submit(in_session(work)).result()


def backed_up(database: Database) -> tuple[bytes, Summary]:
    file = io.BytesIO()
    summary = make(database, MONDAY_MORNING, file)
    return file.getvalue(), summary


def test_what_is_restored_elsewhere_has_the_same_digest(
    database: Database, elsewhere: Database, keys: KeyRing
) -> None:
    fill(database, keys)
    content, summary = backed_up(database)

    restored = restore(elsewhere, io.BytesIO(content))

    assert restored == summary
    assert summary.rows["child"] == 30
    assert backed_up(elsewhere)[1] == summary

    def names(session: Session) -> set[str]:
        return set(session.exec(select(Child.name)))

    assert elsewhere.submit(in_session(names)).result() == {CANARY}


def test_rows_that_are_added_after_a_restore_get_ids_of_their_own(
    database: Database, elsewhere: Database, keys: KeyRing
) -> None:
    fill(database, keys)
    restore(elsewhere, io.BytesIO(backed_up(database)[0]))

    new = elsewhere.submit(in_session(lambda s: id_of(a_person(s, keys)))).result()

    assert new > 3


def test_a_backup_made_while_others_write_is_of_one_moment(
    database: Database, elsewhere: Database, keys: KeyRing
) -> None:
    """A child and its pledge are written together: a backup has both or neither."""
    fill(database, keys, children=100)
    stop = threading.Event()
    written: list[int] = []

    def one_more(session: Session) -> None:
        child = a_child(session, code=next_code(session, "BLT"))
        giver = a_foster_parent(session, keys)
        a_pledge(session, child=child, foster_parent=giver)

    def keep_writing() -> None:
        while not stop.is_set():
            database.submit(in_session(one_more)).result()
            written.append(1)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        summaries = []
        before = 0
        for _ in range(3):
            while len(written) < before + 2:  # the writer is not held up by the reading
                assert writer.is_alive()
            content, summary = backed_up(database)
            summaries.append(summary)
            before = len(written)
    finally:
        stop.set()
        writer.join()
    for summary in summaries:
        assert summary.rows["child"] == summary.rows["pledge"]
    assert summaries[0].rows["child"] < summaries[-1].rows["child"]
    assert restore(elsewhere, io.BytesIO(content)) == summaries[-1]


def test_writers_go_on_while_a_snapshot_is_open(database: Database, keys: KeyRing) -> None:
    with database.snapshot() as snapshot:
        before = snapshot.scalar(text("SELECT count(*) FROM child"))
        database.submit(in_session(a_child)).result(20)
        after = snapshot.scalar(text("SELECT count(*) FROM child"))
    assert (before, after) == (0, 0)
    count = database.submit(in_session(lambda s: s.exec(select(func.count()).select_from(Child)).one()))
    assert count.result() == 1


def test_a_backup_shows_nothing_to_who_lacks_the_keys(database: Database, keys: KeyRing) -> None:
    fill(database, keys)
    content, _ = backed_up(database)

    for readable in (CANARY.encode(), b"person", b"Sijuk", b"BLT-001"):
        assert readable not in content
    with pytest.raises(BackupRefused, match="another key ring"):
        check(KeyRing.generate()[0], io.BytesIO(content))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda c: c[:-1], "cut off"),
        (lambda c: c[: HEAD + BLOCK + 16], "cut off"),
        (lambda c: c[:HEAD], "cut off"),
        (lambda c: c[:10], "not a backup"),
        (lambda c: b"PK\x03\x04" + c[4:], "not a backup"),
        (lambda c: c[:-40] + bytes([c[-40] ^ 1]) + c[-39:], "changed"),
        (lambda c: c[:HEAD] + c[HEAD + BLOCK + 16 :], "changed"),
        (lambda c: c + c[HEAD : HEAD + 200], "changed"),
    ],
)
def test_a_damaged_backup_is_refused_and_the_database_left_alone(
    database: Database, keys: KeyRing, harm: object, says: str
) -> None:
    fill(database, keys)
    content, summary = backed_up(database)
    assert len(content) > HEAD + BLOCK + 16, "more than one block, or blocks cannot be taken out"
    assert callable(harm)

    with pytest.raises(BackupRefused, match=says) as refused:
        restore(database, io.BytesIO(harm(content)), force=True)

    assert "\n" not in str(refused.value)
    assert backed_up(database)[1] == summary


def test_a_database_with_rows_is_overwritten_only_by_force(database: Database, keys: KeyRing) -> None:
    fill(database, keys)
    content, summary = backed_up(database)
    database.submit(in_session(a_child)).result()

    with pytest.raises(BackupRefused, match="--force"):
        restore(database, io.BytesIO(content))
    assert backed_up(database)[1] != summary

    restore(database, io.BytesIO(content), force=True)
    assert backed_up(database)[1] == summary


def test_an_empty_database_is_not_backed_up(empty_database: Database) -> None:
    with pytest.raises(BackupRefused, match="empty"):
        backed_up(empty_database)


def test_a_rotated_ring_still_opens_an_old_backup(sqlite_url: str, keys: KeyRing, keys_text: str) -> None:
    database = open_database(sqlite_url, keys, durable=False)
    fill(database, keys)
    content, summary = backed_up(database)
    database.close()
    index, first = keys_text.split(";")
    second = KeyRing.generate()[1].split(";")[1].replace("1=", "2=")

    assert check(KeyRing.parse(f"{index};{second};{first}"), io.BytesIO(content)) == summary


@pytest.mark.parametrize("lines", [0, 1, 5000])
def test_lines_come_back_as_they_went(keys: KeyRing, tmp_path: Path, lines: int) -> None:
    path = tmp_path / "lines"
    said = [f"{number} ".encode() * (number % 200) for number in range(lines)]
    with path.open("wb") as file:
        sealed = SealedLines(file, keys)
        for line in said:
            sealed.write(line)
        sealed.finish()
    with path.open("rb") as file:
        assert list(opened_lines(file, keys)) == said
