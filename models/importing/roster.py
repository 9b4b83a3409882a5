"""The ASN staff list: who works where. It is what a sign-up is verified against, so it must be right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, insert
from sqlmodel import Session, col, select, update

from models.importing import cells
from models.importing.report import STEP, Findings, ImportReport, Progress, RowReader
from models.importing.tables import Row, Table
from models.keys import KeyRing
from models.nip import Nip, birth_date_in
from models.organisations import Organisation, OrganisationKind, organisation_named
from models.people import RosterEntry


@dataclass(frozen=True, slots=True)
class StaffRow:
    """What a row says; `phone` None: the cell is empty, which leaves what is known as it is."""

    number: int
    nip: Nip
    name: str
    born_on: date
    office: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class _KnownStaff:
    name: str
    born_on: date
    phone_index: str | None
    organisation_id: int


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """What applying would do, and the report of it."""

    report: ImportReport
    added: tuple[StaffRow, ...]
    changed: tuple[StaffRow, ...]


def plan_roster(session: Session, keys: KeyRing, table: Table, progress: Progress) -> RosterPlan:
    """Read and judge every row. Offices that are new are warned of once each: they are often slips."""
    findings = Findings(table)
    known = _known_staff(session)
    offices = _offices(session)
    seen: dict[Nip, int] = {}
    new_offices: set[str] = set()
    added, changed = [], []
    for done, line in enumerate(table.rows, start=1):
        row = _read_staff(line, findings, seen)
        if row is not None:
            office = row.office.casefold()
            if office not in offices and office not in new_offices:
                new_offices.add(office)
                findings.doubt(row.number, "office", "new_office")
            before = known.get(keys.index(row.nip))
            if before is None:
                added.append(row)
            elif _differs(row, before, offices.get(office), keys):
                changed.append(row)
        if done % STEP == 0 or done == len(table.rows):
            progress(done, len(table.rows))
    report = findings.report(table, added=len(added), changed=len(changed))
    return RosterPlan(report, tuple(added), tuple(changed))


def _read_staff(line: Row, findings: Findings, seen: dict[Nip, int]) -> StaffRow | None:
    """Read a row; None when anything in it is wrong (noted in `findings`)."""
    reader = RowReader(line, findings)
    nip = reader.take("nip", cells.read_nip, required=True)
    name = reader.take("name", cells.read_name, required=True)
    born_on = reader.take("born_on", cells.read_date)
    office = reader.take("office", cells.read_name, required=True)
    phone = reader.take("phone", cells.read_phone)
    if nip and seen.setdefault(nip, line.number) != line.number:
        reader.wrong("nip", "duplicate_nip", other_row=seen[nip])
    if nip is None or name is None or office is None or findings.is_wrong(line.number):
        return None
    if born_on is not None and born_on != birth_date_in(nip):
        reader.doubt("born_on", "nip_and_birth_date")
    return StaffRow(line.number, nip, name, born_on or birth_date_in(nip), office, phone)


def _known_staff(session: Session) -> dict[str, _KnownStaff]:
    """Return who is on the list, by the blind index of their NIP (the NIP itself is not opened)."""
    query = select(  # type: ignore[call-overload] # SQLModel types at most four columns
        RosterEntry.nip_index,
        RosterEntry.name,
        RosterEntry.born_on,
        RosterEntry.phone_index,
        RosterEntry.organisation_id,
    )
    return {nip_index: _KnownStaff(*values) for nip_index, *values in session.exec(query)}


def _offices(session: Session) -> dict[str, int | None]:
    return {office.name.casefold(): office.id for office in session.exec(select(Organisation))}


def _differs(row: StaffRow, before: _KnownStaff, office_id: int | None, keys: KeyRing) -> bool:
    after = _KnownStaff(
        row.name,
        row.born_on,
        keys.index(row.phone) if row.phone else before.phone_index,
        office_id or 0,  # 0: an office still to be added, which is a change
    )
    return after != before


def write_roster(session: Session, keys: KeyRing, plan: RosterPlan, progress: Progress) -> None:
    """Write what the plan says, in the running transaction."""
    rows = [*plan.added, *plan.changed]
    offices = _offices(session)
    for row in rows:
        if row.office.casefold() not in offices:
            office = organisation_named(session, OrganisationKind.OPD, row.office)
            offices[row.office.casefold()] = office.id
    for start in range(0, len(rows), STEP):
        batch = rows[start : start + STEP]
        _write(session, keys, offices, batch, new=max(0, len(plan.added) - start))
        progress(start + len(batch), len(rows))
    _count_staff(session)


def _count_staff(session: Session) -> None:
    """The staff list says how many ASN an office has: the denominator of its participation."""
    counted = select(RosterEntry.organisation_id, func.count()).group_by(col(RosterEntry.organisation_id))
    for organisation_id, count in session.exec(counted):
        session.get_one(Organisation, organisation_id).staff_count = count


def _write(
    session: Session,
    keys: KeyRing,
    offices: dict[str, int | None],
    batch: Sequence[StaffRow],
    *,
    new: int,
) -> None:
    """Add the first `new` of a batch, change the others."""
    added = [_entry(row, keys, offices) | {"phone_index": _index(row, keys)} for row in batch[:new]]
    if added:
        session.exec(insert(RosterEntry), params=added)
    # A row without a phone keeps the known one: the two kinds are updated apart.
    with_phone = [row for row in batch[new:] if row.phone]
    if with_phone:
        changed = [_entry(row, keys, offices) | {"phone_index": _index(row, keys)} for row in with_phone]
        session.exec(update(RosterEntry), params=changed)
    without = [row for row in batch[new:] if not row.phone]
    if without:
        session.exec(update(RosterEntry), params=[_entry(row, keys, offices) for row in without])


def _entry(row: StaffRow, keys: KeyRing, offices: dict[str, int | None]) -> dict[str, Any]:
    return {
        "nip_index": keys.index(row.nip),
        "nip": row.nip,
        "name": row.name,
        "born_on": row.born_on,
        "organisation_id": offices[row.office.casefold()],
    }


def _index(row: StaffRow, keys: KeyRing) -> str | None:
    return keys.index(row.phone) if row.phone else None
