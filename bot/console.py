"""What the terminal's commands share: where they write, a progress bar, the settings' database."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.settings import Settings
from models.database import Database, open_database
from models.errors import BadInput, GentingError
from models.key_check import check_keys
from models.migrations import upgrade
from models.months import Month
from models.programme import Programme

out = Console()
errors = Console(stderr=True, soft_wrap=True)


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr; give the function that moves it."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def opened_database(*, migrated: bool = True) -> Iterator[tuple[Settings, Database]]:
    """Open the settings' database, its schema up to date. Raises ConfigurationError."""
    settings = Settings.load()
    database = open_database(settings.database_url, settings.key_ring())
    try:
        if migrated:
            upgrade(database.engine)
            database.submit(check_keys).result()
        yield settings, database
    finally:
        database.close()


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file that stands under its name only when all of it is on the disk; readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def month_named(given: str) -> Month:
    """Read `2026-01`. Raises GentingError with an example."""
    try:
        return Month.parse(given.strip())
    except ValueError:
        raise GentingError(f"--month wants a month like 2026-01, not {given!r}") from None


def area_named(programme: Programme, given: str) -> str:
    """Read a kecamatan, kindly matched. Raises GentingError with those that there are."""
    try:
        return programme.area_named(given).name
    except BadInput as error:
        known = error.details["known"]
        raise GentingError(f"--area wants a kecamatan, not {given!r}; the district has: {known}") from None
