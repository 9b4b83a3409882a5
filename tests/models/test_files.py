"""Kept pictures: sealed, in use as long as a row points at them, swept when their dialog came to nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Column, ForeignKey, Integer, Table, insert, text
from sqlmodel import SQLModel

from models.conversations import IDLE_FOR, save_state
from models.database import Database, in_session
from models.files import FileKind, content_of, store_file, sweep_abandoned
from tests.builders import a_contact, id_of
from tests.clock import FixedClock
from tests.pictures import a_photo

PICTURE = a_photo((64, 48))


@pytest.fixture
def contact_id(database: Database) -> int:
    return database.submit(in_session(lambda s: id_of(a_contact(s, database.keys)))).result()


@pytest.fixture
def receipts(database: Database) -> Iterator[Table]:
    """A table that points at files, as a payout's receipt does."""
    table = Table(
        "receipt_rekaan", SQLModel.metadata, Column("file_id", Integer, ForeignKey("stored_file.id"))
    )
    with database.engine.begin() as connection:
        table.create(connection)
    yield table
    SQLModel.metadata.remove(table)


def keep(database: Database, clock: FixedClock, contact_id: int, picture: bytes = PICTURE) -> int:
    now, kind = clock.now(), FileKind.PHOTO
    return database.submit(lambda c: store_file(c, database.keys, now, contact_id, kind, picture)).result()


def kept(database: Database, file_id: int) -> bytes | None:
    return database.submit(lambda c: content_of(c, file_id)).result()


def sweep(database: Database, clock: FixedClock) -> int:
    return database.submit(lambda c: sweep_abandoned(c, clock.now())).result()


def test_a_kept_picture_comes_back_as_it_was(database: Database, clock: FixedClock, contact_id: int) -> None:
    file_id = keep(database, clock, contact_id)
    assert kept(database, file_id) == PICTURE
    assert kept(database, file_id + 1) is None


def test_no_byte_of_a_picture_can_be_read_in_the_database(
    database: Database, clock: FixedClock, contact_id: int
) -> None:
    keep(database, clock, contact_id)
    raw = text("SELECT content FROM stored_file")
    stored = bytes(database.submit(lambda c: c.execute(raw).scalar_one()).result())
    assert len(stored) > len(PICTURE)
    assert not any(PICTURE[at : at + 16] in stored for at in range(0, len(PICTURE) - 16, 16))


def test_a_picture_that_is_sent_again_is_kept_once_but_each_chat_has_its_own(
    database: Database, clock: FixedClock, contact_id: int
) -> None:
    other = database.submit(in_session(lambda s: id_of(a_contact(s, database.keys, address="2")))).result()
    first = keep(database, clock, contact_id)
    assert keep(database, clock, contact_id) == first
    assert keep(database, clock, contact_id, a_photo((48, 64))) != first
    assert keep(database, clock, other) != first


def test_an_abandoned_picture_is_swept_when_its_dialog_is_closed_and_not_before(
    database: Database, clock: FixedClock, contact_id: int
) -> None:
    file_id = keep(database, clock, contact_id)
    clock.advance(IDLE_FOR)
    assert sweep(database, clock) == 0
    clock.advance(timedelta(seconds=1))
    assert sweep(database, clock) == 1
    assert kept(database, file_id) is None


def test_a_picture_waits_for_its_dialog_as_long_as_somebody_answers_in_it(
    database: Database, clock: FixedClock, contact_id: int
) -> None:
    file_id = keep(database, clock, contact_id)
    for _ in range(4):
        clock.advance(IDLE_FOR - timedelta(hours=1))
        now = clock.now()
        database.submit(lambda c: save_state(c, database.keys, now, contact_id, b"[]", None)).result()  # noqa: B023 - awaited
        assert sweep(database, clock) == 0
    assert kept(database, file_id) == PICTURE
    clock.advance(IDLE_FOR + timedelta(seconds=1))
    assert sweep(database, clock) == 1


def test_what_a_row_points_at_is_never_swept_and_lost_with_its_last_pointer(
    database: Database, clock: FixedClock, contact_id: int, receipts: Table
) -> None:
    used, abandoned = (keep(database, clock, contact_id, a_photo((n, n))) for n in (40, 50))
    database.submit(lambda c: c.execute(insert(receipts).values(file_id=used))).result()
    clock.advance(timedelta(days=400))
    assert sweep(database, clock) == 1
    assert kept(database, used) is not None
    assert kept(database, abandoned) is None
    database.submit(lambda c: c.execute(receipts.delete())).result()
    assert sweep(database, clock) == 1
