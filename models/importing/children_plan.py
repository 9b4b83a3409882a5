"""The children's list against the database: who is new, who changed, who is there twice. Writes nothing."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from models.grants import Scope
from models.importing.child_rows import ChildRow, read_child
from models.importing.duplicates import Lookalikes
from models.importing.known_children import (
    ChildValues,
    KnownChild,
    KnownChildren,
    known_children,
    values_of,
)
from models.importing.report import STEP, Findings, ImportReport, Progress
from models.importing.tables import Table
from models.programme import Programme


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child to add; `code` None: the next free one."""

    code: str | None
    values: ChildValues


@dataclass(frozen=True, slots=True)
class ChildrenPlan:
    """What applying would do, and the report of it."""

    report: ImportReport
    added: tuple[NewChild, ...]
    changed: tuple[tuple[KnownChild, ChildValues], ...]


def plan_children(
    session: Session, programme: Programme, today: date, table: Table, scope: Scope, progress: Progress
) -> ChildrenPlan:
    """Read and judge every row; rows with an error are left out of what would be done."""
    findings = Findings(table)
    rows = []
    for done, line in enumerate(table.rows, start=1):
        if (row := read_child(line, programme, today, findings)) is not None:
            rows.append(row)
        if done % STEP == 0 or done == len(table.rows):
            progress(done, len(table.rows))
    known = known_children(session)
    _refuse_repeated(rows, lambda row: row.code, "code", "duplicate_code", findings)
    _refuse_repeated(rows, lambda row: row.nik, "nik", "duplicate_nik", findings)
    matches = _match(rows, known, findings)
    for row in rows:
        _judge(row, matches.get(row.number), known, scope, findings)
    _warn_of_lookalikes(rows, matches, known, scope, findings)
    return _plan(rows, matches, today, table, findings)


def _plan(
    rows: list[ChildRow], matches: dict[int, KnownChild], today: date, table: Table, findings: Findings
) -> ChildrenPlan:
    added, changed = [], []
    for row in rows:
        if findings.is_wrong(row.number):
            continue
        known = matches.get(row.number)
        values = values_of(row, known, today)
        if known is None:
            added.append(NewChild(row.code, values))
        elif known.left:
            findings.doubt(row.number, "name", "left_list", child=known.code)
        elif values != known.values:
            changed.append((known, values))
            if values.guardian and values.guardian.replaces(known.values.guardian):
                findings.doubt(row.number, "guardian", "guardian_replaced", child=known.code)
    report = findings.report(table, added=len(added), changed=len(changed))
    return ChildrenPlan(report, tuple(added), tuple(changed))


def _refuse_repeated(
    rows: list[ChildRow],
    identity: Callable[[ChildRow], Hashable | None],
    field: str,
    code: str,
    findings: Findings,
) -> None:
    first: dict[Hashable, int] = {}
    for row in rows:
        value = identity(row)
        if value is not None and first.setdefault(value, row.number) != row.number:
            findings.wrong(row.number, field, code, other_row=first[value])


def _match(rows: list[ChildRow], known: KnownChildren, findings: Findings) -> dict[int, KnownChild]:
    """Return the known child of each row number: by code, else by NIK, else by name and place.

    Rows that say who they are choose first; of two children with the same name and place, each row gets one.
    """
    matches: dict[int, KnownChild] = {}
    claimed: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: (row.code is None, row.nik is None, row.number)):
        if row.code is not None:
            child = known.by_code.get(row.code)
        elif row.nik is not None:
            child = known.by_nik.get(row.nik)
        else:
            child = next((c for c in known.named_like(row) if c.id not in claimed), None)
        if child is None:
            continue
        if child.id in claimed:
            if not findings.is_wrong(row.number):
                findings.wrong(
                    row.number, "nik", "same_child_twice", other_row=claimed[child.id], child=child.code
                )
            continue
        claimed[child.id], matches[row.number] = row.number, child
    return matches


def _judge(
    row: ChildRow, match: KnownChild | None, known: KnownChildren, scope: Scope, findings: Findings
) -> None:
    """Judge a row beside what is known."""
    if not scope.covers(row.area):
        findings.wrong(row.number, "area", "outside_scope")
    elif match is not None and not scope.covers(match.values.area):
        findings.wrong(row.number, "code" if row.code else "nik", "outside_scope")
        return
    owner = known.by_nik.get(row.nik) if row.nik else None
    if owner is not None and owner is not match and not findings.is_wrong(row.number):
        child = owner.code if scope.covers(owner.values.area) else "?"
        findings.wrong(row.number, "nik", "nik_of_other_child", child=child)
    if (row.phone or row.relation) and not row.guardian and (match is None or match.values.guardian is None):
        findings.wrong(row.number, "guardian", "guardian_missing")
    if match is None or findings.is_wrong(row.number):
        return
    if row.nik and match.values.nik and row.nik != match.values.nik:
        findings.doubt(row.number, "nik", "nik_changed", child=match.code)
    if row.code is None and row.nik is None and not _repeats(row, match):
        findings.doubt(row.number, "name", "matched_by_name", child=match.code)


def _repeats(row: ChildRow, match: KnownChild) -> bool:
    """Whether the row says nothing new of the child."""
    return values_of(row, match, match.values.listed_on) == match.values


def _warn_of_lookalikes(
    rows: list[ChildRow],
    matches: dict[int, KnownChild],
    known: KnownChildren,
    scope: Scope,
    findings: Findings,
) -> None:
    """Compare each row with the rows before it and with the known children of whom no row speaks."""
    in_file = {child.id for child in matches.values()}
    lookalikes = Lookalikes()
    for child in known.all:
        if child.id not in in_file and scope.covers(child.values.area):
            values = child.values
            lookalikes.add(values.born_on, values.area, values.village, values.name, child.code)
    for row in rows:
        if other := lookalikes.find(row.born_on, row.area, row.village, row.name):
            findings.doubt(row.number, "name", "probable_duplicate", other=other)
        lookalikes.add(row.born_on, row.area, row.village, row.name, f"row {row.number}")
