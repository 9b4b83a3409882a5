"""`genting report`: the month's report as PDF, or Excel with names, into files."""

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from bot.console import area_named, month_named, opened_database, out, written_whole
from handlers.kit.messages import Document
from handlers.monthly import report_pdf
from handlers.monthly_sheet import report_sheet
from handlers.reporting import Reporting
from handlers.texts import LANGUAGES
from jobs import documents
from models.audit import record
from models.clock import SystemClock
from models.database import in_session
from models.errors import ConfigurationError
from models.grants import WHOLE_DISTRICT, Scope
from models.months import Month, local_day


def report(
    month: Annotated[
        str | None, typer.Option(help="Like 2025-10; without it, the last that is over.")
    ] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the report without names.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write the Excel file with names; audited.")] = None,
    area: Annotated[str | None, typer.Option(help="One kecamatan.")] = None,
    language: Annotated[str, typer.Option(help="id or en.")] = LANGUAGES[0],
) -> None:
    """Write a month's report: --pdf for the Sekda (no child's name), --xlsx for coordinators (with names)."""
    if language not in LANGUAGES:
        raise ConfigurationError(f"{language}: reports are written in {' or '.join(LANGUAGES)}")
    if pdf is None and xlsx is None:
        pdf = Path(f"genting-{month or 'report'}.pdf")
    with opened_database() as (settings, database):
        programme, now = settings.load_programme(), SystemClock().now()
        scope = Scope(frozenset({area_named(programme, area)})) if area else WHOLE_DISTRICT
        wanted = _month(month, Month.of(local_day(now, programme.zone)))

        def work(session: Session) -> list[tuple[Path, Document]]:
            reporting = Reporting(session, programme, now, wanted, scope, language)
            made = [] if pdf is None else [(pdf, report_pdf(reporting))]
            if xlsx is not None:
                record(session, now, None, "exported_names", f"report:{wanted}")
                made.append((xlsx, report_sheet(reporting, "genting report")))
            return made

        for path, document in database.submit(in_session(work)).result():
            with written_whole(path) as file:
                file.write(documents.build(document.kind, document.data))
            out.print(f"{path}: {wanted}", soft_wrap=True)


def _month(typed: str | None, this: Month) -> Month:
    if typed is None:
        return this.plus(-1)
    month = month_named(typed)
    if month > this:
        raise ConfigurationError(f"{month} is still to come; the last month that is over is {this.plus(-1)}")
    return month
