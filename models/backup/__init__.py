"""Backups: every row of a database in one sealed file, made while the bot runs, put back on either database.

    with path.open("wb") as file:
        summary = make(database, now, file)
    assert check(database.keys, file) == summary
    restore(other_database, file, force=False)

The file holds what the tables hold, sealed columns still sealed, so it is worthless without the key ring twice
over; and it names every table and column by itself, so an older one goes back too: into the schema it was made
from, which is then brought up to date.
"""

from models.backup.making import check, make
from models.backup.restoring import restore
from models.backup.rows import Progress, Summary

__all__ = ["Progress", "Summary", "check", "make", "restore"]
