"""The journal of erasures as a file beside the keys, because a restored database is older than it.

A line a person or child, ids only: `2025-10-13T03:00:00+00:00 person:17`. The table and the file are kept equal:
what one knows is entered into the other.
"""

import os
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from models.erasing import enter_all, journal
from models.erasure import Subject, SubjectKind
from models.errors import ConfigurationError


def read_journal(path: Path) -> list[tuple[Subject, datetime]]:
    """Return what the file knows; nothing when there is none. Raises ConfigurationError for one that is no journal."""
    if not path.exists():
        return []
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            at, _, subject = line.partition(" ")
            kind, _, id_ = subject.partition(":")
            entries.append((Subject(SubjectKind(kind), int(id_)), datetime.fromisoformat(at)))
        except ValueError:
            raise ConfigurationError(
                f"{path}, line {number}, is no erasure; like 2025-10-13T03:00:00+00:00 person:17"
            ) from None
    return entries


def keep_equal(session: Session, path: Path) -> None:
    """Enter into the table what only the file knows, then write the file anew, whole."""
    enter_all(session, read_journal(path))
    lines = [f"{at.isoformat()} {subject}\n" for subject, at in journal(session)]
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
