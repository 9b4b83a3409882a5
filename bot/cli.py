"""`genting`: everything the operator does from a terminal.

Exit codes: 0 done; 1 refused or found wrong, with one line on stderr; 2 the command line itself is wrong.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot import (
    app,
    doctor,
    erasing,
    exporting,
    granted,
    keeping,
    logs,
    message_counts,
    reporting,
    template_check,
)
from bot.console import area_named, bar, errors, month_named, opened_database, out
from bot.settings import Settings
from models.clock import Clock, SystemClock
from models.database import Database, in_session
from models.errors import BadInput, ConfigurationError, GentingError
from models.grants import WHOLE_DISTRICT, Scope, invite
from models.ledger import ledger
from models.migrations import upgrade
from models.months import Month, local_day
from models.programme import Programme
from models.statistics import coverage, history, participation, to_json

# The simulator and the spreadsheet readers are imported by the commands that use them: after a crash `run` must be
# back at once, and they would be a fifth of its start.

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
import_cli = typer.Typer(no_args_is_help=True, help="Import Excel (.xlsx) or CSV: children, staff roster.")
cli.add_typer(import_cli, name="import")

whatsapp_cli = typer.Typer(
    no_args_is_help=True, help="WhatsApp: its templates, and codes for the ASN of an office."
)
cli.add_typer(whatsapp_cli, name="whatsapp")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]


@cli.command()
def run() -> None:
    """Run the bot (long polling, or webhooks when GENTING_PUBLIC_URL is set)."""
    settings = Settings.load()
    logs.configure(settings.log_level, settings.secrets())
    asyncio.run(app.run(settings))


@cli.command()
def demo(
    port: Annotated[
        int | None, typer.Option(help="The page's port (else GENTING_DEMO_PORT, else 8080).")
    ] = None,
) -> None:
    """Start the bot with a local simulator and invented data; open the printed address in a browser."""
    from bot.demo import run as demo_run  # noqa: PLC0415 - kept out of the start of `run`

    settings = Settings.load()
    logs.configure("WARNING", settings.secrets())
    asyncio.run(demo_run.demo(settings, settings.demo_port if port is None else port))


@cli.command()
def chat(
    save: Annotated[Path | None, typer.Option(help="Write the session as a scenario file (a test).")] = None,
) -> None:
    """Talk to the bot in the terminal: no network, invented data, forgotten at the end."""
    from bot.terminal import chat_in_terminal  # noqa: PLC0415 - kept out of the start of `run`

    settings = Settings.load()
    logs.configure("ERROR", settings.secrets())
    chat_in_terminal(settings.load_programme(), save)


@cli.command()
def migrate() -> None:
    """Bring the database's schema up to this version (also done at every start)."""
    with opened_database(migrated=False) as (_, database):
        steps = upgrade(database.engine)
    out.print(f"{len(steps)} step(s) applied." if steps else "Up to date.")


@cli.command()
def grant(
    area: Annotated[str | None, typer.Option(help="A kecamatan; without it, the whole district.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How long the role lasts.")] = 365,
) -> None:
    """Make a one-time code (valid 3 days) for a coordinator; all but the first need a coordinator's approval, too."""
    with opened_database() as (settings, database):
        name = area_named(settings.load_programme(), area) if area else None
        now = SystemClock().now()
        code = database.submit(
            in_session(lambda s: invite(s, database.keys, now, area=name, role_lasts=timedelta(days=days)))
        ).result()
    out.print(f"Code: [bold]{code}[/bold]  ({name or 'whole district'}, role for {days} days)")
    out.print(f"Hand it over in person. In the chat: /kode {code}   or the link …?start=kode-{code}")


@cli.command()
def stats(
    area: Annotated[str | None, typer.Option(help="One kecamatan.")] = None,
    demo_data: Annotated[bool, typer.Option("--demo", help="Of the demo's invented data.")] = False,
    messages: Annotated[
        bool, typer.Option("--messages", help="Instead: WhatsApp's messages of a month, as they are charged.")
    ] = False,
    month: Annotated[str | None, typer.Option(help="Like 2025-10: as it ended; today, if none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print coverage (how many children are fully, partly, not yet supported) and the month's payouts."""
    if messages:
        message_counts.show(out, month, as_json=as_json)
        return
    with _data(demo=demo_data) as (database, programme, clock):
        figures = _figures(database, programme, area, month, clock)
    _print_statistics(figures, as_json=as_json)


def _figures(
    database: Database, programme: Programme, area: str | None, month: str | None, clock: Clock
) -> dict[str, Any]:
    """Return what `statistics.to_json` makes of today, or of a month's last day."""
    scope = Scope(frozenset({area_named(programme, area)})) if area else WHOLE_DISTRICT
    today = local_day(clock.now(), programme.zone)
    if month is not None:
        today = min(today, month_named(month).last_day)

    def work(session: Session) -> dict[str, Any]:
        found = coverage(session, programme, today, scope)
        points = history(session, programme, today, scope)
        offices = participation(session, programme, today, scope)
        paid = ledger(session, programme, found.month, today, scope.children())
        return to_json(found, points, offices, paid)

    return database.submit(in_session(work)).result()


def _print_statistics(figures: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=2) + "\n")
        return
    share = "" if figures["percent"] is None else f" ({figures['percent']} %)"
    out.print(
        f"[bold]{figures['fully_supported']} of {figures['children']}{share}[/bold] children fully supported"
        f" on {figures['day']}; {figures['partly_supported']} partly, {figures['unsupported']} not yet."
    )
    paid = figures["payouts"]
    out.print(
        f"Payouts of {paid['month']}: {paid['given']} of {paid['expected']} given, {paid['confirmed']} confirmed,"
        f" {paid['late']} late, {paid['disputed_or_short']} disputed or short."
    )
    table = Table("Kecamatan", "Children", "Fully", "Partly", "None")
    for place in figures["by_area"]:
        row = [place["children"], place["fully_supported"], place["partly_supported"], place["unsupported"]]
        table.add_row(place["name"], *[str(value) for value in row])
    out.print(table)


@cli.command()
def plan(
    month: Annotated[str | None, typer.Option(help="Like 2026-01; this month, if none.")] = None,
    demo_data: Annotated[bool, typer.Option("--demo", help="Of the demo's invented data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a month would send: each day, to whom and why. Sends nothing and writes nothing."""
    from bot.plan import print_plan  # noqa: PLC0415 - kept out of the start of `run`

    wanted = month_named(month) if month is not None else None
    with _data(demo=demo_data) as (database, programme, clock):
        now = clock.now()
        this = Month.of(local_day(now, programme.zone))
        print_plan(database, programme, now, wanted or this, as_json=as_json)


@cli.command()
def growth(
    sex: Annotated[str, typer.Option(help="female or male.")],
    age_days: Annotated[str, typer.Option(help="The age in days, 0 to 1856.")],
    weight: Annotated[str | None, typer.Option(help="Kilograms, like 9.8 or 9,8.")] = None,
    length: Annotated[str | None, typer.Option(help="Centimetres, measured lying.")] = None,
    height: Annotated[str | None, typer.Option(help="Centimetres, measured standing.")] = None,
    gestation_weeks: Annotated[str | None, typer.Option(help="Weeks at birth, if born early.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the WHO z-scores, categories and flags of one measurement."""
    from bot.growth import print_growth  # noqa: PLC0415 - kept out of the start of `run`

    print_growth(
        sex=sex,
        age_days=age_days,
        weight=weight,
        length=length,
        height=height,
        gestation_weeks=gestation_weeks,
        as_json=as_json,
    )


@cli.command(name="doctor")
def doctor_(as_json: AsJson = False) -> None:
    """Check settings, database, token, clock, parked updates and the outbox; exit 1 when something is wrong."""
    findings = doctor.examine()
    if as_json:
        rows = [{"check": f.check, "ok": f.ok, "says": f.says} for f in findings]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        for finding in findings:
            mark = "[green]ok[/green]   " if finding.ok else "[red]WRONG[/red]"
            out.print(f"{mark} {finding.check}: {finding.says}", soft_wrap=True)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


DryRun = Annotated[bool, typer.Option("--dry-run", help="Check every row; write nothing.")]
File = Annotated[Path, typer.Argument(help="An .xlsx or .csv file.")]


@import_cli.command()
def children(file: File, dry_run: DryRun = False) -> None:
    """Import the list of children; all rows or none."""
    _import(file, "children", dry_run=dry_run)


@import_cli.command()
def roster(file: File, dry_run: DryRun = False) -> None:
    """Import the staff list of the ASN; all rows or none."""
    _import(file, "roster", dry_run=dry_run)


def _import(file: Path, kind: str, *, dry_run: bool) -> None:
    """Read outside any transaction, then check or apply in one."""
    from models import importing  # noqa: PLC0415 - kept out of the start of `run`

    with opened_database() as (settings, database), bar(f"Checking {file.name}") as progress:
        programme, now, keys = settings.load_programme(), SystemClock().now(), database.keys
        table = importing.read_table(file, importing.ImportKind(kind))

        def work(session: Session) -> importing.ImportReport:
            if dry_run:
                return importing.check(session, programme, keys, now, table, progress=progress)
            return importing.apply(session, programme, keys, now, table, by=None, progress=progress)

        report = database.submit(in_session(work)).result()
    for finding in (*report.warnings, *report.errors):
        errors.print(f"{'note' if finding in report.warnings else 'error'}: {finding}", markup=False)
    if report.errors:
        raise ConfigurationError(
            f"nothing was imported: {len(report.errors)} error(s) in {report.rows} row(s)"
        )
    done = "would be" if dry_run else "were"
    out.print(
        f"{report.rows} row(s): {report.added} {done} added, {report.changed} changed,"
        f" {report.unchanged} unchanged."
    )


@whatsapp_cli.command(name="templates")
def templates_(
    push: Annotated[bool, typer.Option("--push", help="Register what is missing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the templates with what WhatsApp has; exit 1 when one may not be sent. Approved ones are used again."""
    settings = Settings.load()
    differences = asyncio.run(template_check.check(settings, push=push))
    if as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in differences], indent=2) + "\n")
    else:
        table = Table("Template", "Language", "At WhatsApp")
        for one in differences:
            table.add_row(one.name, one.language, one.says)
        out.print(table)
    if not all(one.usable for one in differences):
        raise typer.Exit(1)


@whatsapp_cli.command()
def codes(
    office: Annotated[str, typer.Argument(help="The office's name, as on the staff list.")],
    file: Annotated[
        Path, typer.Argument(help="Where the names and codes are written (CSV). Hand it to the office.")
    ],
) -> None:
    """Make a one-time code (valid 14 days) for each ASN of an office who has not signed up yet."""
    from bot.office_codes import write_codes  # noqa: PLC0415 - only this command needs it

    with opened_database() as (_, database):
        count = write_codes(database, SystemClock().now(), office, file)
    out.print(
        f"{count} code(s) written to {file}. Keep the file secret, and delete it when it is handed over."
    )


cli.command()(granted.grants)
cli.command()(granted.revoke)
cli.command()(keeping.backup)
cli.command()(keeping.restore)
cli.command()(exporting.export)
cli.command()(reporting.report)
cli.add_typer(erasing.cli, name="erase")


@contextmanager
def _data(*, demo: bool) -> Iterator[tuple[Database, Programme, Clock]]:
    """Open the settings' database, or the demo's invented data in one of its own."""
    if not demo:
        with opened_database() as (settings, database):
            yield database, settings.load_programme(), SystemClock()
        return
    from bot.demo.scratch import scratch_database  # noqa: PLC0415 - only this needs it

    programme = Settings.load().load_programme()
    with scratch_database(programme) as (database, context):
        yield database, programme, context.clock


def main() -> None:
    """Run the command line; whatever we raise on purpose is one line, not a traceback."""
    try:
        cli()
    except BadInput as refused:
        from models.importing import explain  # noqa: PLC0415 - kept out of the start of `run`

        errors.print(f"genting: {explain(refused)}", style="red", highlight=False, markup=False)
        sys.exit(1)
    except GentingError as error:
        errors.print(f"genting: {logs.redact(str(error))}", style="red", highlight=False, markup=False)
        sys.exit(1)
    except (OperationalError, OSError) as error:
        # The server is not there, the folder cannot be written, the port is taken: the first line says it.
        said = str(error.orig if isinstance(error, OperationalError) else error).partition("\n")[0]
        errors.print(f"genting: {logs.redact(said)}", style="red", highlight=False, markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as bug:  # noqa: BLE001 - Python would print its words, which may quote what somebody typed
        errors.print(logs.redact(logs.without_words(bug)), highlight=False, markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
