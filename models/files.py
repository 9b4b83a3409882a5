"""Pictures that people sent: receipts, visits.

They are kept in the database, sealed, and not in a folder beside it: so a backup is consistent with the rows that
point at them, erasing a person is one transaction, and several servers see the same. The bytes stand in a table of
their own that no listing reads.

A file is *in use* when a row of the programme points at it by a foreign key; whichever table does so protects it,
without being named here. One that nothing points at is an unfinished dialog's.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Connection, Exists, delete, exists, insert, select
from sqlmodel import Field, SQLModel

from models.columns import Instant, SealedBytes, words
from models.conversations import IDLE_FOR
from models.keys import KeyRing
from models.messages import conversation
from models.statements import milliseconds


class FileKind(StrEnum):
    """What a file is."""

    PHOTO = "photo"
    SHEET = "sheet"


class StoredFile(SQLModel, table=True):
    """A file. `content` is read by `content_of` only; `size` counts its bytes before sealing.

    `uploaded_by` is the chat it came from; `sha256_index` the blind index of the content's SHA-256.
    """

    __tablename__ = "stored_file"

    id: int | None = Field(default=None, primary_key=True)
    kind: FileKind = Field(sa_type=words(FileKind))
    content: bytes = Field(sa_type=SealedBytes, repr=False)
    size: int
    sha256_index: str = Field(max_length=32, index=True)
    uploaded_by: int = Field(foreign_key="contact.id", index=True)
    created_at: datetime = Field(sa_type=Instant)


_files = StoredFile.__table__  # type: ignore[attr-defined] # SQLModel adds it


def store_file(
    connection: Connection, keys: KeyRing, now: datetime, contact_id: int, kind: FileKind, content: bytes
) -> int:
    """Keep a redrawn picture (`models.pictures`) or a sheet as it came; return its id.

    The same file from the same chat is kept once: people send again what they think was not received.
    """
    index = keys.index(hashlib.sha256(content).hexdigest())
    known = select(_files.c.id).where(_files.c.sha256_index == index, _files.c.uploaded_by == contact_id)
    if (found := connection.execute(known.limit(1)).scalar_one_or_none()) is not None:
        return int(found)
    row = {
        "kind": kind,
        "content": content,
        "size": len(content),
        "sha256_index": index,
        "uploaded_by": contact_id,
        "created_at": now,
    }
    return int(connection.execute(insert(_files).values(row).returning(_files.c.id)).scalar_one())


def content_of(connection: Connection, file_id: int) -> bytes | None:
    """Return a file's bytes; None when it is not there (any more). Who may see it is the caller's question."""
    query = select(_files.c.content).where(_files.c.id == file_id)
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


def sweep_abandoned(connection: Connection, now: datetime) -> int:
    """Delete the files that no row points at and whose dialogs have been closed; return how many.

    A dialog is closed when its chat has been silent for `IDLE_FOR`; until then it may still write its row.
    """
    long_ago = now - IDLE_FOR
    talking = exists().where(
        conversation.c.contact_id == _files.c.uploaded_by,
        conversation.c.moved_ms > milliseconds(long_ago),
    )
    abandoned = delete(_files).where(_files.c.created_at < long_ago, ~talking)
    return connection.execute(abandoned.where(*(~_pointed_at_by(at) for at in _pointers()))).rowcount


def _pointers() -> Iterator[Column[int]]:
    """Every column of the programme that points at a file."""
    for table in SQLModel.metadata.tables.values():
        for column in table.columns:
            if any(key.column is _files.c.id for key in column.foreign_keys):
                yield column


def _pointed_at_by(column: Column[int]) -> Exists:
    return exists().where(column == _files.c.id)
