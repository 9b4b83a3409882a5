"""C6 /impor: children and staff from Excel, checked first, then whole or not at all.

`/impor` asks which list; `/impor anak` and `/impor pegawai` ask for the file at once. A file with wrong cells comes
back with those cells marked and explained; one without is summed up, and saved after a yes. Sent again, a file changes
nothing.
"""

from collections.abc import Sequence

from handlers.findings import said_of_cell, said_of_file, said_with_place
from handlers.kit.chat import Again, Buttons, Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import SpreadsheetFile
from handlers.kit.messages import Document
from handlers.texts import Plain, Words, join, plain, render, t
from models.errors import BadInput
from models.files import content_of
from models.importing import (
    CellError,
    Finding,
    ImportKind,
    ImportReport,
    Table,
    apply,
    check,
    expected_headings,
    read_table,
    required_headings,
)

ROWS_BY_CHAT = 3_000
"""More would keep other chats waiting; `genting import` takes 20,000."""

SHOWN = 8

TEMPLATE = "template_"
KINDS = {ImportKind.CHILDREN: t.impor.kind_children(), ImportKind.ROSTER: t.impor.kind_roster()}
_WORDS = {"anak": ImportKind.CHILDREN, "children": ImportKind.CHILDREN, "asn": ImportKind.ROSTER}
_WORDS |= {"pegawai": ImportKind.ROSTER, "roster": ImportKind.ROSTER, "staff": ImportKind.ROSTER}


@conversation("impor", "import", title=t.impor.title(), who=Audience.COORDINATOR, menu=70)
def import_list(chat: Chat) -> None:
    """Ask for the list and the file, check it, and save it after a yes.

    The lists hold NIK and NIP: where a platform forbids asking for identity numbers, they are not taken.
    """
    if chat.no_ids:
        raise Stopped(t.impor.not_here())
    wanted = _WORDS.get(chat.argument.casefold())
    chosen = wanted.value if wanted else chat.ask("kind", Choice(t.impor.which(), _lists(chat)))
    if chosen.startswith(TEMPLATE):
        _hand_out(chat, ImportKind(chosen.removeprefix(TEMPLATE)))
        return
    kind = ImportKind(chosen)
    if kind is ImportKind.ROSTER and not chat.scope.whole_district:
        raise Stopped(t.impor.roster_for_district())
    file_id = chat.ask("file", SpreadsheetFile(t.impor.file()))
    table = _read(chat, file_id, kind)
    report = check(chat.db, chat.programme, chat.keys, chat.now, table, scope=chat.scope)
    if report.errors:
        _send_back(chat, table, report, file_id)
        return
    if report.added + report.changed == 0:
        chat.say(t.impor.nothing_new(rows=report.rows), buttons=[[(t.kit.menu(), "/menu")]])
        return
    doubts = _doubts(report)
    if doubts:
        _mark(chat, table, doubts, file_id)
    chat.confirm(_summary(report, doubts), yes=t.impor.yes())
    _save(chat, table)


def _lists(chat: Chat) -> list[Option]:
    children = [Option(ImportKind.CHILDREN, t.impor.children())]
    templates = [Option(TEMPLATE + ImportKind.CHILDREN, t.impor.template_children())]
    if chat.scope.whole_district:  # a kecamatan's coordinator has no staff list
        children.append(Option(ImportKind.ROSTER, t.impor.roster()))
        templates.append(Option(TEMPLATE + ImportKind.ROSTER, t.impor.template_roster()))
    return [*children, *templates]


def _hand_out(chat: Chat, kind: ImportKind) -> None:
    """Give the template: our columns, those that are needed marked, and how they are filled."""
    needed = required_headings(kind)
    titles = [
        _plain(chat, t.impor.template_needed(title=title)) if title in needed else title
        for title in expected_headings(kind)
    ]
    hint = t.impor.hint_children() if kind is ImportKind.CHILDREN else t.impor.hint_roster()
    name = _plain(chat, t.impor.template_name(kind=KINDS[kind]))
    sheet = {
        "name": _plain(chat, KINDS[kind]),
        "head": [_plain(chat, hint)],
        "columns": titles,
        "rows": [],
        "money": [],
    }
    data = {"title": name, "footer": "", "sheets": [sheet]}
    chat.say(
        t.impor.template_caption(),
        document=Document("workbook", data, f"{name}.xlsx", _plain(chat, t.impor.sorry())),
        buttons=[[(t.impor.title(), f"/impor {_plain(chat, KINDS[kind])}"), (t.kit.menu(), "/menu")]],
    )


def _read(chat: Chat, file_id: int, kind: ImportKind) -> Table:
    """Read the file; one that cannot be taken is asked for again."""
    content = content_of(chat.db.connection(), file_id)
    try:
        table = read_table(content or b"", kind)
    except BadInput as refused:
        raise Again("file", t.impor.file_refused(words=said_of_file(refused))) from None
    if len(table.rows) > ROWS_BY_CHAT:
        raise Again("file", t.impor.too_many(rows=len(table.rows), limit=ROWS_BY_CHAT))
    return table


def _send_back(chat: Chat, table: Table, report: ImportReport, file_id: int) -> None:
    """Say what is wrong, and give the file back with it marked."""
    wrong_rows = len({finding.row for finding in report.errors})
    lines: list[Words] = [said_with_place(finding) for finding in report.errors[:SHOWN]]
    if (more := len(report.errors) - SHOWN) > 0:
        lines.append(t.impor.more(more=more))
    head = t.impor.refused(rows=report.rows, wrong=wrong_rows)
    chat.say(join([head, join(lines), t.impor.refused_after()], "\n\n"))
    again: Buttons = [
        [(t.impor.again(), f"/impor {_plain(chat, KINDS[table.kind])}"), (t.kit.menu(), "/menu")]
    ]
    _mark(chat, table, [*report.errors, *_doubts(report)], file_id, buttons=again)


def _doubts(report: ImportReport) -> list[Finding]:
    """Return what to look at; a column that nothing is read from is no doubt about a row."""
    return [finding for finding in report.warnings if finding.code != "unknown_column"]


def _mark(
    chat: Chat,
    table: Table,
    findings: Sequence[Finding],
    file_id: int,
    *,
    buttons: Buttons | None = None,
) -> None:
    """Send the file with these cells marked; it is marked when it leaves (`jobs.marking`)."""
    data = {
        "file_id": file_id,
        "header_row": table.header_row,
        "headings": [[heading.column, heading.text] for heading in table.headings.values()],
        "sheet": _plain(chat, t.findings.sheet()),
        "columns": [
            _plain(chat, words)
            for words in (
                t.findings.column_row(),
                t.findings.column_column(),
                t.findings.column_header(),
                t.findings.column_words(),
            )
        ],
        "findings": [
            {
                "row": finding.row,
                "column": finding.column,
                "header": finding.header,
                "wrong": isinstance(finding, CellError),
                "words": _plain(chat, said_of_cell(finding)),
            }
            for finding in findings
        ],
    }
    name = _plain(chat, t.impor.marked_name(kind=KINDS[table.kind]))
    document = Document("marked", data, f"{name}.xlsx", _plain(chat, t.impor.sorry()))
    chat.say(t.impor.marked(), document=document, buttons=buttons)


def _summary(report: ImportReport, doubts: list[Finding]) -> Words:
    lines: list[Words] = [said_with_place(finding) for finding in doubts[:SHOWN]]
    if (more := len(doubts) - SHOWN) > 0:
        lines.append(t.impor.more(more=more))
    return t.impor.summary(
        rows=report.rows,
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        doubts=join([t.impor.doubts(), *lines, Plain("")]) if lines else "",
    )


def _save(chat: Chat, table: Table) -> None:
    try:
        report = apply(
            chat.db, chat.programme, chat.keys, chat.now, table, by=chat.person_id, scope=chat.scope
        )
    except BadInput as refused:
        raise Again("file", t.impor.file_refused(words=said_of_file(refused))) from None
    if not report.applied:  # what is known has changed since the check
        raise Again("file", t.impor.file_refused(words=said_of_file(BadInput("changed_meanwhile"))))
    chat.say(
        t.impor.done(added=report.added, changed=report.changed, unchanged=report.unchanged),
        buttons=[[(t.statistics.title(), "/statistik"), (t.kit.menu(), "/menu")]],
    )


def _plain(chat: Chat, words: Words) -> str:
    return plain(render(words, chat.language))
