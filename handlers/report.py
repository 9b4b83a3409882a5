"""C8 /laporan: the month's report as PDF, or as Excel with names for those entitled.

`/laporan` is the month before this one, `/laporan 2025-09` another, and `excel` behind it asks for the file with
names, which wants a second yes and is audited.
"""

from dataclasses import replace

from handlers.kit.chat import Chat, Stopped
from handlers.kit.conversation import Audience, conversation
from handlers.monthly import report_pdf
from handlers.monthly_sheet import report_sheet
from handlers.reporting import Reporting
from handlers.statistics import month_typed
from handlers.texts import render, t
from models.audit import record
from models.errors import BadInput
from models.months import Month
from models.statistics import coverage

SHEET_WORDS = frozenset({"excel", "xlsx", "xls"})


@conversation("laporan", "report", title=t.report.title(), who=Audience.COORDINATOR, menu=60)
def report(chat: Chat) -> None:
    """The file is made when it leaves, and how far it has come is shown meanwhile."""
    words = chat.argument.split()
    sheet = bool(words) and words[-1].casefold() in SHEET_WORDS
    month = _month(chat, " ".join(words[:-1] if sheet else words))
    reporting = Reporting(chat.db, chat.programme, chat.now, month, chat.scope, chat.language)
    if sheet:
        _with_names(chat, reporting)
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


def _with_names(chat: Chat, reporting: Reporting) -> None:
    """Ask once more, record who asked, then make the file."""
    children = coverage(chat.db, chat.programme, reporting.day, chat.scope).total.children
    chat.confirm(t.report.with_names(children=children), yes=t.report.with_names_yes())
    person = chat.person
    subject = "report:" + str(reporting.month)
    record(chat.db, chat.now, chat.person_id, "exported_names", subject, f"children {children}")
    chat.say(
        t.report.caption_sheet(place=reporting.place, month=reporting.month),
        document=replace(
            report_sheet(reporting, person.name if person else "?"), stages=_stages(chat, reporting.month)
        ),
    )


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
        return month_typed(typed, chat.today)
    except BadInput:
        raise Stopped(t.report.unknown(given=typed)) from None
