"""C6 /ekspor: the lists of the own scope as Excel, with or without names.

Every file is dated and says who asked; one with names wants a second yes and a second factor
(`handlers.named_files`). Both are audited. The list of children has
the columns that /impor reads, so that it can be corrected and sent back.
"""

from collections.abc import Callable
from typing import Any

from handlers.exported import LISTS, List
from handlers.kit.chat import Chat
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.messages import Document
from handlers.named_files import FILES, NamedFile, ask_for
from handlers.texts import Joined, Text, Words, plain, render, t
from models.audit import record

NAMES, NO_NAMES = "names", "plain"
LIST = "list"
"""The word of these files."""


@conversation("ekspor", "export", title=t.ekspor.title(), who=Audience.COORDINATOR, menu=80)
def export(chat: Chat) -> None:
    """Ask which list, and whether with names; twice when with."""
    which = chat.ask(
        "which", Choice(t.ekspor.which(), [Option(key, one.title) for key, one in LISTS.items()])
    )
    chosen = LISTS[which]
    named = [Option(NO_NAMES, t.ekspor.without_names()), Option(NAMES, t.ekspor.with_names())]
    names = chat.ask("names", Choice(t.ekspor.names(), named, columns=2)) == NAMES
    if not names:
        _send(chat, which, names=False)
        return
    if rows := chosen.rows(chat):
        chat.confirm(t.ekspor.confirm(people=len(rows)), yes=t.ekspor.confirm_yes())
        ask_for(chat, f"{LIST}:{which}")
        return
    _say_empty(chat)


FILES[LIST] = NamedFile(
    title=lambda which: LISTS[which].title, send=lambda chat, which: _send(chat, which, names=True)
)


def _say_empty(chat: Chat) -> None:
    chat.say(t.ekspor.empty(), buttons=[[(t.kit.menu(), "/menu")]])


def _send(chat: Chat, which: str, *, names: bool) -> None:
    """Write down who was given what, and give it."""
    chosen = LISTS[which]
    rows = chosen.rows(chat)
    if not rows:
        _say_empty(chat)
        return
    act = "exported_names" if names else "exported"
    record(chat.db, chat.now, chat.person_id, act, f"list:{which}", f"rows {len(rows)}")
    caption = t.ekspor.caption_names if names else t.ekspor.caption
    place = chat.scope.named(chat.programme.district.name)
    chat.say(t.ekspor.preparing(rows=len(rows)))
    chat.say(
        caption(what=chosen.title, place=place, day=chat.today),
        document=_file(chat, chosen, rows, place, names=names),
    )


def _file(chat: Chat, chosen: List, rows: list[list[Any]], place: str, *, names: bool) -> Document:
    """Return the workbook, without the columns that name somebody unless they are asked for."""

    def say(words: Words) -> str:
        return plain(render(words, chat.language))

    kept = [n for n, column in enumerate(chosen.columns) if names or not column.names]
    person = chat.person
    asked_by = person.name if person else "?"
    mark = t.report.watermark if names else t.ekspor.watermark_plain
    watermark = say(mark(name=asked_by, at=chat.now))
    title = say(chosen.title).partition(",")[0]
    what = "".join(sign for sign in title if sign.isalpha() or sign.isspace()).strip()
    sheet = {
        "name": what,
        "head": [
            say(t.ekspor.head(what=what, place=place, day=chat.today)),
            watermark,
        ],
        "columns": [say(chosen.columns[n].title) for n in kept],
        "rows": [[_cell(row[n], say) for n in kept] for row in rows],
        "money": [at for at, n in enumerate(kept) if chosen.columns[n].money],
    }
    name = say(t.ekspor.file_name(what=what.casefold().replace(" ", "-"), day=chat.today.isoformat()))
    data = {"title": what, "footer": watermark, "sheets": [sheet]}
    return Document("workbook", data, f"{name}.xlsx", say(t.report.sorry()))


def _cell(value: Any, say: Callable[[Words], str]) -> Any:
    return say(value) if isinstance(value, Text | Joined) else value
