"""`genting backup` and `genting restore`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from sqlalchemy import Connection

from bot.console import bar, opened_database, out, written_whole
from bot.settings import Settings
from models.audit import record
from models.clock import SystemClock
from models.database import Database, in_session, session_on
from models.errors import BackupRefused, ConfigurationError
from models.key_check import check_keys
from models.migrations import current

# Backups are imported by the commands that make them: `run` must be back at once after a crash.

SUFFIX = ".genting"
OFFICES = ("telegram:poll", "telegram:send", "whatsapp:send", "schedule")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where to; without it, a dated file in GENTING_BACKUPS.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Make none; read FILE through and check it.")
    ] = False,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Afterwards keep only so many of the newest in GENTING_BACKUPS.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Back up the database while the bot runs: one sealed file, read again and checked after writing."""
    from models import backup as backups  # noqa: PLC0415 - see above

    if verify:
        if file is None:
            raise ConfigurationError("--verify wants the backup's file")
        keys = Settings.load().key_ring()
        with _open(file) as source, bar(f"Checking {file.name}") as progress:
            summary = backups.check(keys, source, progress)
        _tell(file, summary, "is whole", as_json=as_json)
        return
    with opened_database(migrated=False) as (settings, database):
        if current(database.engine) is not None:
            database.submit(check_keys).result()
        now = SystemClock().now()
        path = file or settings.backups / f"genting-{now:%Y%m%d-%H%M%S}{SUFFIX}"
        with written_whole(path) as draft:
            with bar("Backing up") as progress:
                summary = backups.make(database, now, draft, progress)
            draft.seek(0)
            with bar("Checking") as progress:
                if backups.check(database.keys, draft, progress) != summary:
                    raise BackupRefused("what was written is not what was read; is the disk full or broken?")
        if keep is not None:
            _keep_newest(settings.backups, keep)
    _tell(path, summary, "written and checked", as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `genting backup` made.")],
    force: Annotated[bool, typer.Option("--force", help="Throw away what is in the database.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back into an empty database, then erase again whoever was erased since it was made."""
    from models import backup as backups  # noqa: PLC0415 - see above
    from models.erasing import enter_all, erase_again, journal  # noqa: PLC0415 - see above
    from models.erasure_file import keep_equal  # noqa: PLC0415 - see above
    from models.migrations import current, head  # noqa: PLC0415 - see above

    with opened_database(migrated=False) as (settings, database), _nobody_else(database):
        programme = settings.load_programme()
        known = []
        if current(database.engine) == head():
            known = database.submit(in_session(journal)).result()
        with _open(file) as source, bar(f"Restoring {file.name}") as progress:
            summary = backups.restore(database, source, force=force, progress=progress)
        now = SystemClock().now()

        def again(connection: Connection) -> int:
            with session_on(connection) as session:
                enter_all(session, known)
                keep_equal(session, settings.erased_file)
                record(session, now, None, "restored", f"backup:{summary.digest}")
            return erase_again(connection, database.keys, programme, now)

        erased = database.submit(again).result()
        if erased:
            database.scrub()
    _tell(file, summary, "restored", as_json=as_json, erased_again=erased)


@contextmanager
def _nobody_else(database: Database) -> Iterator[None]:
    """Hold the offices of the running bot. Raises BackupRefused when it runs."""
    held = []
    try:
        for office in OFFICES:
            if (lead := database.lead(office)) is None:
                raise BackupRefused("the bot is running on this database: stop `genting run` first")
            lead.__enter__()
            held.append(lead)
        yield
    finally:
        for lead in held:
            lead.__exit__(None, None, None)


def _open(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except FileNotFoundError:
        raise BackupRefused(f"there is no file {file}") from None


def _keep_newest(folder: Path, keep: int) -> None:
    for old in sorted(folder.glob(f"genting-*{SUFFIX}"))[:-keep]:
        old.unlink()


def _tell(path: Path, summary: Any, what: str, *, as_json: bool, **more: int) -> None:
    if as_json:
        said = {
            "file": str(path),
            "made_at": summary.made_at.isoformat(),
            "revision": summary.revision,
            "digest": summary.digest,
            "rows": summary.rows,
            **more,
        }
        sys.stdout.write(json.dumps(said, indent=2) + "\n")
        return
    out.print(
        f"{path}: {what}; {summary.total} rows, made {summary.made_at:%Y-%m-%d %H:%M} UTC", soft_wrap=True
    )
    out.print(f"digest {summary.digest}, schema {summary.revision}", highlight=False)
    if more.get("erased_again"):
        out.print(f"{more['erased_again']} erased again, as since this backup was made.")
