"""Erasing a person or a child: their rows by the index in `erasure`, and what others' messages say of them."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Table
from sqlmodel import Session, col, or_, select

from models.audit import record
from models.children import ON_LIST, Child, ChildStatus, Guardian
from models.database import session_on
from models.erasure import RULES, Blank, Delete, Erasure, Forget, Subject, SubjectKind, Unlink
from models.errors import BadInput
from models.grants import Grant
from models.keys import KeyRing
from models.months import Month, local_day
from models.payouts import waive_due_of
from models.people import FosterParent, Person
from models.pledges import Pledge, PledgeState
from models.programme import Programme
from models.quiet import withdraw_about
from models.tables import metadata
from models.terms import Ending, end_pledge, end_pledges_of

LEAST = 4
"""Letters of a name that are looked for in others' messages; a shorter one would meet everywhere."""

Found = dict[str, set[Any]]
"""Primary keys by table: what belongs to the erased one, or of it what goes altogether."""


@dataclass(slots=True)
class Erased:
    """How many rows of each table went or were emptied."""

    rows: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def erase(
    connection: Connection, keys: KeyRing, programme: Programme, now: datetime, subject: Subject
) -> Erased:
    """Erase somebody in the running transaction; again, when it has been done, changes nothing.

    Pledges of or for them end before this month, unless a transfer of it was reported; what is still due is waived.
    Raises BadInput('unknown') when there is no such row.
    """
    with session_on(connection) as session:
        found, going = _belongings(session, connection, subject)
        spoken = _spoken(connection, found)
        _leave(session, programme, now, subject)
        if _enter(session, now, subject, since=_created_at(session, subject) or now):
            record(session, now, None, "erased", str(subject))
    erased = Erased()
    for table in reversed(metadata.sorted_tables):
        count = _erase_in(connection, keys, table, found, going, spoken)
        if count:
            erased.rows[table.name] = count
    return erased


def erase_again(connection: Connection, keys: KeyRing, programme: Programme, now: datetime) -> int:
    """Erase whom the journal names, after an older backup was restored; return how many there were.

    Who came after the entry is somebody else: a backup that is older than the erased one gives the id again.
    """
    with session_on(connection) as session:
        meant = [
            subject
            for subject, erased_at in journal(session)
            if (created_at := _created_at(session, subject)) is not None and created_at <= erased_at
        ]
    for subject in meant:
        erase(connection, keys, programme, now, subject)
    return len(meant)


def journal(session: Session) -> list[tuple[Subject, datetime]]:
    """Return who was erased and when, oldest first."""
    query = select(Erasure).order_by(col(Erasure.erased_at), col(Erasure.id))
    return [(Subject(SubjectKind(e.kind), e.subject_id), e.erased_at) for e in session.exec(query)]


def enter_all(session: Session, entries: Iterable[tuple[Subject, datetime]]) -> None:
    """Enter what another journal knows; of two erasures of one id the later counts."""
    for subject, at in entries:
        _enter(session, at, subject, since=at)
    session.flush()


# -- what belongs to them -----------------------------------------------------------------------------------------


def _belongings(session: Session, connection: Connection, subject: Subject) -> tuple[Found, Found]:
    """Return the rows that are theirs, table by table, following what refers to what; and those that go."""
    if _row(session, subject) is None:
        raise BadInput("unknown", example="BLT-014")
    found: Found = defaultdict(set)
    going: Found = defaultdict(set)
    found[subject.kind.value].add(subject.id)
    if subject.kind is SubjectKind.CHILD:
        _add_family(session, subject.id, found)
    known = -1
    while known < (known := sum(map(len, found.values()))):  # until nothing new refers to what has been found
        for table in metadata.sorted_tables:
            for rule in RULES.get(table.name, ()):
                if isinstance(rule, Blank | Delete):
                    theirs = set(_referring(connection, table, rule, found))
                    found[table.name] |= theirs
                    if isinstance(rule, Delete):
                        going[table.name] |= theirs
    return found, going


def _add_family(session: Session, child_id: int, found: Found) -> None:
    """A guardian of no other child goes too, and their chat when they are nothing else here."""
    child = session.get_one(Child, child_id)
    guardian = session.get(Guardian, child.guardian_id) if child.guardian_id else None
    if guardian is None or _others(session, Child.guardian_id == guardian.id, Child.id != child_id):
        return
    found["guardian"].add(guardian.id)
    person_id = guardian.person_id
    if person_id is None or _others(session, Guardian.person_id == person_id, Guardian.id != guardian.id):
        return
    if not session.get(FosterParent, person_id) and not _others(session, Grant.person_id == person_id):
        found["person"].add(person_id)


def _others(session: Session, *conditions: Any) -> bool:
    return session.execute(sa.select(sa.literal(1)).where(*conditions).limit(1)).first() is not None


def _referring(connection: Connection, table: Table, rule: Blank | Delete, found: Found) -> Iterator[Any]:
    conditions = [c for name in rule.through if (c := _refers(connection, table, name, found)) is not None]
    if conditions:
        query = sa.select(_key(table)).where(sa.or_(*conditions))
        if isinstance(rule, Delete) and rule.kinds:
            query = query.where(table.c.kind.in_(rule.kinds))
        yield from connection.execute(query).scalars()


def _refers(connection: Connection, table: Table, through: str, found: Found) -> ColumnElement[bool] | None:
    """Return the condition that a row refers to something found, by a foreign key or by an equal value."""
    name, _, other = through.partition("=")
    if other:
        far = metadata.tables[other.partition(".")[0]]
        theirs = sa.select(far.c[other.partition(".")[2]]).where(_key(far).in_(found[far.name]))
        values: list[Any] = [value for value in connection.execute(theirs).scalars() if value is not None]
    else:
        target = next(iter(table.c[name].foreign_keys)).column.table
        values = list(found[target.name])
    return table.c[name].in_(values) if values else None


def _key(table: Table) -> sa.Column[Any]:
    """Return the primary key's first column: enough for every table in which something is anybody's."""
    return next(iter(table.primary_key))


def _row(session: Session, subject: Subject) -> Person | Child | None:
    if subject.kind is SubjectKind.PERSON:
        return session.get(Person, subject.id)
    return session.get(Child, subject.id)


def _created_at(session: Session, subject: Subject) -> datetime | None:
    """Return when somebody was entered, who may not be the first with this id; None when there is nobody."""
    row = _row(session, subject)
    return row.created_at if row is not None else None


# -- what others' messages say ------------------------------------------------------------------------------------


def _spoken(connection: Connection, found: Found) -> re.Pattern[str] | None:
    """Return what finds the erased one's names and numbers in a text; None when nothing is known any more."""
    needles: set[str] = set()
    for table in metadata.sorted_tables:
        for rule in RULES.get(table.name, ()):
            if not isinstance(rule, Blank) or not found[table.name]:
                continue
            named = [table.c[name] for name in rule.names]
            if named:
                rows = connection.execute(sa.select(*named).where(_key(table).in_(found[table.name])))
                needles.update(value for row in rows for value in row if value and len(value) >= LEAST)
    needles |= {"0" + needle.removeprefix("+62") for needle in needles if needle.startswith("+62")}
    needles |= {
        json.dumps(needle)[1:-1] for needle in needles
    }  # bodies are JSON, letters beyond ASCII escaped
    if not needles:
        return None
    either = "|".join(re.escape(needle) for needle in sorted(needles, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


def _forget(
    connection: Connection, keys: KeyRing, table: Table, rule: Forget, spoken: re.Pattern[str]
) -> int:
    """Take out the sealed texts that speak of the erased one."""
    columns = [table.c[name] for name in rule.columns]
    some = sa.or_(*[column.is_not(None) for column in columns])
    query = sa.select(*table.primary_key, *columns).where(some).execution_options(yield_per=500)
    width = len(table.primary_key)
    with connection.execute(query) as result:
        telling = [
            tuple(row[:width])
            for row in result
            if any(spoken.search(_said(keys, text)) for text in row[width:] if text is not None)
        ]
    for key in telling:
        this = sa.and_(*[column == value for column, value in zip(table.primary_key, key, strict=True)])
        empty = {column.name: None if column.nullable else "" for column in columns}
        connection.execute(
            sa.delete(table).where(this) if rule.row_goes else sa.update(table).where(this).values(empty)
        )
    return len(telling)


def _said(keys: KeyRing, text: str | bytes | memoryview) -> str:
    """Open what the engine's tables keep as bytes; a sealed column has opened itself."""
    return text if isinstance(text, str) else keys.open(bytes(text)).decode()


# -- erasing ------------------------------------------------------------------------------------------------------


def _erase_in(
    connection: Connection,
    keys: KeyRing,
    table: Table,
    found: Found,
    going: Found,
    spoken: re.Pattern[str] | None,
) -> int:
    count = 0
    gone = going[table.name]
    staying = found[table.name] - gone
    for rule in RULES.get(table.name, ()):
        if isinstance(rule, Delete) and gone:
            count += connection.execute(sa.delete(table).where(_key(table).in_(gone))).rowcount
        elif isinstance(rule, Blank) and rule.values and staying:
            emptied = sa.update(table).where(_key(table).in_(staying)).values(dict(rule.values))
            count += connection.execute(emptied).rowcount
        elif isinstance(rule, Unlink):
            refers = _refers(connection, table, rule.through, found)
            if refers is not None:
                unlinked = sa.update(table).where(refers).values(dict(rule.values))
                count += connection.execute(unlinked).rowcount
        elif isinstance(rule, Forget) and spoken is not None:
            count += _forget(connection, keys, table, rule, spoken)
    return count


def _leave(session: Session, programme: Programme, now: datetime, subject: Subject) -> None:
    """They leave the programme: the child its list, and what was promised of or for them ends as it does otherwise."""
    if subject.kind is SubjectKind.CHILD:
        _child_leaves(session, programme, now, session.get_one(Child, subject.id))
        theirs = col(Pledge.child_id) == subject.id
    else:
        theirs = col(Pledge.foster_parent_id) == subject.id
        _giver_leaves(session, programme, now, subject.id)
    waive_due_of(session, now, [id_ or 0 for id_ in session.exec(select(Pledge.id).where(theirs))], by=None)


def _child_leaves(session: Session, programme: Programme, now: datetime, child: Child) -> None:
    """Nothing is said of the child any more, neither what waits to be sent nor what would be."""
    if child.status in ON_LIST:
        child.status, child.left_on = ChildStatus.MOVED, local_day(now, programme.zone)
    child.born_on = child.born_on.replace(month=1, day=1)  # the age in years stays for the figures
    session.add(child)
    if child.silent_since is None:  # or all this has been done
        child.silent_since = now
        session.flush()
        end_pledges_of(session, programme, now, child, by=None, why=Ending.MOVED)
        withdraw_about(session, now, child, "erased")


def _giver_leaves(session: Session, programme: Programme, now: datetime, person_id: int) -> None:
    """What they promised ends before this month, of which they can report nothing any more."""
    this = Month.of(local_day(now, programme.zone))
    living = select(Pledge.id).where(
        Pledge.foster_parent_id == person_id,
        col(Pledge.state).in_([PledgeState.ACTIVE, PledgeState.PENDING]),
        or_(col(Pledge.last_month).is_(None), col(Pledge.last_month) > this, Pledge.ending == ""),
    )
    in_order = living.order_by(col(Pledge.child_id), col(Pledge.id))  # children are locked in one order
    for pledge_id in session.exec(in_order).all():
        end_pledge(
            session, programme, now, pledge_id or 0, by=None, why=Ending.STOPPED, last_month=this.plus(-1)
        )


def _enter(session: Session, at: datetime, subject: Subject, *, since: datetime) -> bool:
    """Enter somebody into the journal, once, and tell whether that was done.

    An entry from before `since` is about another who had the id, and takes this one's moment.
    """
    known = session.exec(
        select(Erasure).where(Erasure.kind == subject.kind, Erasure.subject_id == subject.id)
    ).first()
    if known is None:
        known = Erasure(kind=subject.kind, subject_id=subject.id, erased_at=at)
    elif known.erased_at >= since:
        return False
    known.erased_at = at
    session.add(known)
    session.flush()
    return True
