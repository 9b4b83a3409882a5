"""Writing a plan of the children's list, in batches: 20,000 children take seconds."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, update

from models.children import Child, Guardian, next_code
from models.importing.children_plan import ChildrenPlan, NewChild
from models.importing.known_children import ChildValues, GuardianValues, KnownChild, lock_unchanged
from models.importing.report import STEP, Progress
from models.joining import let_go
from models.keys import KeyRing
from models.programme import Programme


def write_children(
    session: Session,
    programme: Programme,
    keys: KeyRing,
    now: datetime,
    plan: ChildrenPlan,
    progress: Progress,
) -> None:
    """Write what the plan says, in the running transaction; new children get the next codes in file order.

    Raises BadInput('changed_meanwhile') when a child is not any more what the plan was made with.
    """
    total = len(plan.added) + len(plan.changed)
    codes = _codes(session, programme, plan.added)
    for start in range(0, len(plan.added), STEP):
        _add(session, keys, now, plan.added[start : start + STEP], codes[start : start + STEP])
        progress(min(start + STEP, len(plan.added)), total)
    changed = sorted(plan.changed, key=lambda pair: pair[0].id)  # rows are locked in one order
    for start in range(0, len(changed), STEP):
        _change(session, keys, now, changed[start : start + STEP])
        progress(min(len(plan.added) + start + STEP, total), total)


def _codes(session: Session, programme: Programme, added: Sequence[NewChild]) -> list[str]:
    """Return a code for each new child: the given one, or one above every code in use and in the file."""
    prefix = programme.district.code_prefix
    given = [_number(child.code) for child in added if child.code]
    free = max([_number(next_code(session, prefix)), *(number + 1 for number in given)])
    codes = []
    for child in added:
        codes.append(child.code or f"{prefix}-{free:03d}")
        free += child.code is None
    return codes


def _number(code: str) -> int:
    return int(code.rpartition("-")[2])


def _add(
    session: Session, keys: KeyRing, now: datetime, added: Sequence[NewChild], codes: Sequence[str]
) -> None:
    guardian_ids = _add_guardians(session, keys, [child.values.guardian for child in added])
    rows = [
        _child_row(child.values, keys) | {"code": code, "guardian_id": guardian_id, "created_at": now}
        for child, code, guardian_id in zip(added, codes, guardian_ids, strict=True)
    ]
    session.exec(insert(Child), params=rows)


def _change(
    session: Session, keys: KeyRing, now: datetime, changed: Sequence[tuple[KnownChild, ChildValues]]
) -> None:
    lock_unchanged(session, [known for known, _ in changed])
    new = [None if known.guardian_id else values.guardian for known, values in changed]
    guardian_ids = _add_guardians(session, keys, new)
    corrected = [
        _guardian_row(values.guardian, keys) | {"id": known.guardian_id}
        for known, values in changed
        if known.guardian_id and values.guardian and values.guardian != known.values.guardian
    ]
    if corrected:
        session.exec(update(Guardian), params=corrected)
    let_go(session, now, [known.guardian_id for known, values in changed if _is_replaced(known, values)])
    rows = [
        _child_row(values, keys) | {"id": known.id, "guardian_id": known.guardian_id or guardian_id}
        for (known, values), guardian_id in zip(changed, guardian_ids, strict=True)
    ]
    session.exec(update(Child), params=rows)


def _is_replaced(known: KnownChild, values: ChildValues) -> bool:
    return values.guardian is not None and values.guardian.replaces(known.values.guardian)


def _add_guardians(
    session: Session, keys: KeyRing, guardians: Iterable[GuardianValues | None]
) -> list[int | None]:
    """Add those who are there; return their ids in order, None for each who is not."""
    wanted = list(guardians)
    rows = [_guardian_row(guardian, keys) for guardian in wanted if guardian]
    if not rows:
        return [None] * len(wanted)
    statement = insert(Guardian).returning(col(Guardian.id), sort_by_parameter_order=True)
    ids = iter(session.exec(statement, params=rows).scalars().all())
    return [next(ids) if guardian else None for guardian in wanted]


def _child_row(values: ChildValues, keys: KeyRing) -> dict[str, Any]:
    return {
        "name": values.name,
        "nik": values.nik,
        "nik_index": keys.index(values.nik) if values.nik else None,
        "sex": values.sex,
        "born_on": values.born_on,
        "area": values.area,
        "village": values.village,
        "address": values.address,
        "status": values.status,
        "severity": values.severity,
        "listed_on": values.listed_on,
    }


def _guardian_row(guardian: GuardianValues, keys: KeyRing) -> dict[str, Any]:
    return {
        "name": guardian.name,
        "relation": guardian.relation,
        "phone": guardian.phone,
        "phone_index": keys.index(guardian.phone) if guardian.phone else None,
    }
