"""`genting erase`: a person or a child, for good, on request."""

import json
import sys
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import Connection
from sqlmodel import Session, select

from bot.console import errors, opened_database, out
from bot.settings import Settings
from models.children import child_with_code
from models.clock import SystemClock
from models.database import Database, in_session, session_on
from models.erasing import erase
from models.erasure import Subject, SubjectKind
from models.erasure_file import keep_equal
from models.errors import BadInput, ConfigurationError
from models.keys import KeyRing
from models.people import Person, parse_phone

cli = typer.Typer(no_args_is_help=True, help="Erase a person or a child for good, on request.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be erased; erase nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask again.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON for a script to read; needs --yes or --dry-run.")
]


@cli.command()
def child(
    code: Annotated[str, typer.Argument(help="The child's code, like BLT-014.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Erase a child and its family; promises for it end, the books keep bare ids."""
    with opened_database() as (settings, database):
        found = database.submit(in_session(lambda s: child_with_code(s, code))).result()
        if found is None or found.id is None:
            raise ConfigurationError(f"there is no child {code}; like BLT-014")
        subject = Subject(SubjectKind.CHILD, found.id)
        _Erasing(settings, database, subject).run(dry_run=dry_run, yes=yes, as_json=as_json)


@cli.command()
def person(
    who: Annotated[str, typer.Argument(help="Their phone (0812…), or their id (#17) from an export.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person: name, numbers, chats, messages; their promises end, the books keep bare ids."""
    with opened_database() as (settings, database):
        found = database.submit(in_session(lambda s: _person(s, database.keys, who))).result()
        subject = Subject(SubjectKind.PERSON, found)
        _Erasing(settings, database, subject).run(dry_run=dry_run, yes=yes, as_json=as_json)


def _person(session: Session, keys: KeyRing, who: str) -> int:
    """Return whom the operator means. Raises ConfigurationError unless it is exactly one."""
    if who.startswith("#") and who[1:].isascii() and who[1:].isdigit():
        wanted = Person.id == int(who[1:])
    else:
        try:
            wanted = Person.phone_index == keys.index(parse_phone(who))
        except BadInput:
            raise ConfigurationError(
                f"{who} is no phone number; like 0812-3456-7890, or #17 for an id"
            ) from None
    found = [id_ for id_ in session.exec(select(Person.id).where(wanted)) if id_ is not None]
    if len(found) > 1:
        ids = ", ".join(f"#{id_}" for id_ in found)
        raise ConfigurationError(f"several people have this phone: {ids}; name one by the id")
    if not found:
        raise ConfigurationError(f"there is nobody with {who}")
    return found[0]


class _OnlyLooking(Exception):
    """Undoes a look; carries what it found."""

    def __init__(self, rows: dict[str, int]) -> None:
        super().__init__(rows)
        self.rows = rows


class _Erasing:
    """One erasure: looked at first, then done."""

    def __init__(self, settings: Settings, database: Database, subject: Subject) -> None:
        self.settings, self.database, self.subject = settings, database, subject
        self.now = SystemClock().now()
        self.programme = settings.load_programme()

    def run(self, *, dry_run: bool, yes: bool, as_json: bool) -> None:
        """Look, ask, erase, tell."""
        if as_json and not (yes or dry_run):
            raise ConfigurationError("--json cannot ask: add --yes, or --dry-run")
        rows = self._look()
        if not as_json:
            _print_rows(rows)
        if not dry_run:
            if not yes:
                typer.confirm(f"Erase {self.subject} for good?", abort=True, err=True)
            self.database.submit(self._erase_for_good).result()
            if not self.database.scrub():
                errors.print(
                    "note: the bot kept the file busy; its free pages are cleaned at the next erasure"
                )
        if as_json:
            said = {"subject": str(self.subject), "rows": rows, "erased": not dry_run}
            sys.stdout.write(json.dumps(said) + "\n")
        else:
            out.print(f"{self.subject} {'would be erased' if dry_run else 'is erased'}.")

    def _look(self) -> dict[str, int]:
        """Erase, count, and undo it."""

        def look(connection: Connection) -> None:
            raise _OnlyLooking(self._erase(connection))

        try:
            self.database.submit(look).result()
        except _OnlyLooking as looked:
            return looked.rows
        raise AssertionError("a look always ends in being undone")

    def _erase(self, connection: Connection) -> dict[str, int]:
        return erase(connection, self.database.keys, self.programme, self.now, self.subject).rows

    def _erase_for_good(self, connection: Connection) -> None:
        """Erase, and write it down before it counts: whom the file lacks would come back with an older backup."""
        self._erase(connection)
        with session_on(connection) as session:
            keep_equal(session, self.settings.erased_file)


def _print_rows(rows: dict[str, int]) -> None:
    table = Table("Table", "Rows emptied or gone")
    for name, count in rows.items():
        table.add_row(name, str(count))
    out.print(table)
