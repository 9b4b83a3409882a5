"""What the bot stands on beside its database: the key file, the disk, the backups."""

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.finding import Finding
from bot.keeping import SUFFIX
from bot.settings import Settings

FREE_AT_LEAST = 500 * 2**20
"""Bytes: a full disk stops SQLite in the middle of an answer."""

BACKUP_AT_LEAST_EVERY = timedelta(days=2)


def examine_machine(settings: Settings) -> list[Finding]:
    """Look at the key file's rights and the disk's room."""
    return [_key_file(settings), _disk(settings)]


def examine_backups(settings: Settings, now: datetime, data_since: datetime | None) -> Finding:
    """Look how old the last backup is; a database without data, or with no more than today's, needs none yet."""
    times = [path.stat().st_mtime for path in settings.backups.glob(f"*{SUFFIX}")]
    last = datetime.fromtimestamp(max(times), UTC) if times else None
    needed = data_since is not None and now - data_since > BACKUP_AT_LEAST_EVERY
    ok = not needed or (last is not None and now - last <= BACKUP_AT_LEAST_EVERY)
    says = (
        f"the last one is {(now - last).total_seconds() / 3600:.0f} hours old"
        if last
        else f"none in {settings.backups}"
    )
    return Finding("backup", ok=ok, says=says + ("" if ok else "; run `genting backup` by a timer"))


def _key_file(settings: Settings) -> Finding:
    if settings.keys is not None:
        return Finding("key file", ok=True, says="the ring comes from GENTING_KEYS")
    if not settings.key_file.exists():
        return Finding("key file", ok=True, says=f"{settings.key_file} will be made at the first start")
    mode = stat.S_IMODE(settings.key_file.stat().st_mode)
    if mode & 0o077:
        says = f"{settings.key_file} can be read by others ({mode:o}); run `chmod 600 {settings.key_file}`"
        return Finding("key file", ok=False, says=says)
    return Finding("key file", ok=True, says=f"{settings.key_file}, readable by its owner only")


def _disk(settings: Settings) -> Finding:
    folder = _data_folder(settings)
    free = shutil.disk_usage(folder).free
    says = f"{free / 2**30:.1f} GB free in {folder}"
    return Finding(
        "disk", ok=free >= FREE_AT_LEAST, says=says + ("" if free >= FREE_AT_LEAST else "; make room")
    )


def _data_folder(settings: Settings) -> Path:
    """Where the database lies, or the nearest folder above that is there already."""
    url = settings.database_url
    path = Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite:") else Path()
    return next(folder for folder in [path.absolute(), *path.absolute().parents] if folder.exists())
