"""C8 /laporan: the month's report as PDF, or as Excel with names for those entitled.

`/laporan` is the month before this one, `/laporan 2025-09` another, and `excel` behind it asks for the file with
names, which wants a second yes and a second factor (`handlers.named_files`), and is audited.
"""

from dataclasses import replace

from handlers.kit.chat import Chat, Stopped
from handlers.kit.conversation import Audience, conversation
from handlers.kit.days import parse_month
from handlers.monthly import report_pdf
from handlers.monthly_sheet import report_sheet
from handlers.named_files import FILES, NamedFile, ask_for
from handlers.reporting import Reporting
from handlers.texts import render, t
from models.audit import record
from models.errors import BadInput
from models.months import Month
from models.statistics import coverage

REPORT = "report"
"""The word of these files."""
SHEET_WORDS = frozenset({"excel", "xlsx", "xls"})


@conversation("laporan", "report", title=t.report.title(), who=Audience.COORDINATOR, menu=60)
def report(chat: Chat) -> None:
    """The file is made when it leaves, and how far it has come is shown meanwhile."""
    words = chat.argument.split()
    sheet = bool(words) and words[-1].casefold() in SHEET_WORDS
    month = _month(chat, " ".join(words[:-1] if sheet else words))
    reporting = _reporting(chat, month)
    if sheet:
        chat.confirm(t.report.with_names(children=_children(chat, reporting)), yes=t.report.with_names_yes())
        ask_for(chat, f"{REPORT}:{month}")
        return
    chat.say(
        t.report.caption(place=reporting.place, month=month),
        document=replace(report_pdf(reporting), stages=_stages(chat, month)),
        buttons=[
            [(t.report.button_excel(), f"/laporan {month} excel")],
            [
                (t.report.button_before(month=month.plus(-1)), f"/laporan {month.plus(-1)}"),
                (t.kit.menu(), "/menu"),
            ],
        ],
    )


def _reporting(chat: Chat, month: Month) -> Reporting:
    return Reporting(chat.db, chat.programme, chat.now, month, chat.scope, chat.language)


def _children(chat: Chat, reporting: Reporting) -> int:
    return coverage(chat.db, chat.programme, reporting.day, chat.scope).total.children


def _with_names(chat: Chat, month: str) -> None:
    """Write down who was given the names, then make the file."""
    reporting = _reporting(chat, Month.parse(month))
    children = _children(chat, reporting)
    person = chat.person
    subject = "report:" + str(reporting.month)
    record(chat.db, chat.now, chat.person_id, "exported_names", subject, f"children {children}")
    chat.say(
        t.report.caption_sheet(place=reporting.place, month=reporting.month),
        document=replace(
            report_sheet(reporting, person.name if person else "?"), stages=_stages(chat, reporting.month)
        ),
    )


FILES[REPORT] = NamedFile(title=lambda month: t.files.report(month=Month.parse(month)), send=_with_names)


def _stages(chat: Chat, month: Month) -> dict[str, str]:
    """Say what is being done, in the words that follow each other in one message (`jobs.making`)."""
    stages = {
        "drawing": t.report.drawing(month=month),
        "writing": t.report.writing(month=month),
        "sending": t.report.sending(month=month),
        "done": t.report.done(month=month),
    }
    return {stage: render(words, chat.language) for stage, words in stages.items()}


def _month(chat: Chat, typed: str) -> Month:
    """Return the month that was asked for; without one, the last that is over."""
    if not typed:
        return chat.month.plus(-1)
    try:
        return parse_month(typed, chat.today)
    except BadInput:
        raise Stopped(t.report.unknown(given=typed)) from None
