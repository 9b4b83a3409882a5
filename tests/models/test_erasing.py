"""Erasing: what was planted of a person or a child is found nowhere afterwards, and old backups forget it too."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, LargeBinary
from sqlmodel import Session, col, select

from models.alerts import Alert, AlertKind, raise_alert
from models.backup import make, restore
from models.checkins import CheckIn
from models.children import Child, ChildStatus
from models.columns import Sealed, SealedBytes
from models.contacts import Contact
from models.conversations import save_state
from models.database import Database, in_session
from models.erasing import enter_all, erase, erase_again, journal
from models.erasure import RULES, Blank, Delete, Forget, Keep, Subject, SubjectKind, Unlink
from models.errors import BadInput
from models.files import FileKind, store_file
from models.grants import WHOLE_DISTRICT
from models.inbox import park
from models.keys import KeyRing
from models.ledger import late_payouts
from models.measurements import Measurement, MeasurementSource, Size, measure
from models.messages import Priority
from models.months import Month
from models.outbox import Outgoing, queue
from models.payouts import Payout, PayoutMove, PayoutState, Via, payout_of
from models.people import FosterParent, Person, RosterEntry
from models.pledges import Pledge, PledgeState
from models.programme import Programme
from models.reasons import at, reason
from models.reminders import ReminderKind
from models.statements import driver
from models.tables import metadata
from models.threads import ask_coordinator
from models.visits import Condition, Visit, VisitKind
from tests.builders import (
    a_child,
    a_consent,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_guardian,
    a_nip,
    a_person,
    a_pledge,
    a_roster_entry,
    id_of,
)
from tests.clock import MONDAY_MORNING
from tests.opened import bytes_at, everything, sealed_of

TODAY = date(2025, 10, 13)
SEPTEMBER, OCTOBER, NOVEMBER = Month(2025, 9), Month(2025, 10), Month(2025, 11)

Erase = Callable[..., int]
"""Erases a subject, by default on Monday morning; returns how many rows that touched."""

GIVER = ["Kenari Pemberi Rekaan", "+628111222333", str(a_nip(77)), "8811111"]
CHILD = [
    "Kenari Anak Rekaan",
    "1902014404240099",
    "Jalan Kenari 7",
    "Kenari Ibu Rekaan",
    "+628444555666",
    "8822222",
]


class Planted:
    """The ids of what a test may erase, and of a bystander."""

    giver: int
    child: int
    mother: int
    bystander: int
    others_child: int


@pytest.fixture
def planted(database: Database, keys: KeyRing) -> Planted:
    """A giver and a child with family, whose names stand in rows, dialogs, messages and parked updates."""
    ids = Planted()

    def plant(session: Session) -> None:
        giver = a_person(session, keys, name=GIVER[0], phone=GIVER[1])
        a_roster_entry(session, keys, nip=a_nip(77), name=GIVER[0], phone=GIVER[1])
        gives = a_foster_parent(session, keys, person=giver, nip=a_nip(77))
        gives.decision_note = f"{GIVER[0]} sudah ditelepon"
        a_consent(session, person=giver)
        chat = a_contact(session, keys, address=GIVER[3], person=giver)
        mother = a_person(session, keys, name=CHILD[3], phone=CHILD[4])
        mothers_chat = a_contact(session, keys, address=CHILD[5], person=mother)
        guardian = a_guardian(session, keys, name=CHILD[3], phone=CHILD[4], person=mother)
        child = a_child(session, name=CHILD[0], guardian=guardian, address=CHILD[2])
        child.nik, child.nik_index = CHILD[1], keys.index(CHILD[1])
        promise = a_pledge(session, child=child, foster_parent=gives, monthly_idr=250_000)
        other = a_foster_parent(session, keys)
        a_pledge(session, child=child, foster_parent=other, monthly_idr=200_000)
        others_child = a_child(session)
        others_pledge = a_pledge(session, child=others_child, foster_parent=other)
        coordinator = a_coordinator(session, keys)
        desk = a_contact(session, keys, person=coordinator)
        ids.giver, ids.child, ids.mother = id_of(giver), id_of(child), id_of(mother)
        ids.bystander, ids.others_child = other.person_id, id_of(others_child)
        picture = b"jpeg " + GIVER[0].encode()
        photo = store_file(session.connection(), keys, MONDAY_MORNING, id_of(chat), FileKind.PHOTO, picture)
        payout = Payout(
            pledge_id=id_of(promise), month=OCTOBER, amount_idr=250_000, state=PayoutState.REPORTED
        )
        session.add(payout)
        session.flush()
        move = PayoutMove(
            payout_id=payout.id or 0,
            at=MONDAY_MORNING,
            by_id=id_of(giver),
            via=Via.CHAT,
            before=PayoutState.DUE,
            after=PayoutState.REPORTED,
            receipt_id=photo,
            note=f"dari {GIVER[0]} untuk {CHILD[0]}",
        )
        session.add(move)
        session.add(
            CheckIn(
                child_id=id_of(child), month=OCTOBER, answered_by=id_of(mother), answered_at=MONDAY_MORNING
            )
        )
        _visited(session, id_of(promise), id_of(child), id_of(giver), photo)
        _visited(session, id_of(others_pledge), id_of(others_child), id_of(giver), None)
        ask_coordinator(
            session, MONDAY_MORNING, id_of(mother), child, f"Saya {CHILD[3]}, kapan bantuan datang?"
        )
        _talk(session.connection(), keys, id_of(chat), id_of(mothers_chat), id_of(desk))

    database.submit(in_session(plant)).result()
    return ids


def _visited(session: Session, pledge_id: int, child_id: int, visitor_id: int, photo_id: int | None) -> None:
    visit = Visit(
        child_id=child_id,
        pledge_id=pledge_id,
        visitor_id=visitor_id,
        visited_on=TODAY,
        kind=VisitKind.HOME,
        condition=Condition.WELL,
        photo_id=photo_id,
        note=f"{GIVER[0]} menimbang {CHILD[0]}",
        created_at=MONDAY_MORNING,
    )
    session.add(visit)
    session.flush()
    child = session.get_one(Child, child_id)
    size, source = Size(weight_g=9_800), MeasurementSource.VISIT
    measure(session, MONDAY_MORNING, child, TODAY, size, source=source, by=visitor_id, visit_id=visit.id)


def _talk(connection: Connection, keys: KeyRing, chat: int, mothers_chat: int, desk: int) -> None:
    for text in (f"*{GIVER[0]}* {GIVER[1]} NIP {GIVER[2]}", f"Kepada {CHILD[3]}: {CHILD[0]}", "Selamat pagi"):
        body = keys.seal(json.dumps({"text": text}).encode())
        row = Outgoing("telegram", desk, Priority.NOTICE, body, MONDAY_MORNING)
        queue(connection, MONDAY_MORNING, [row])
    for contact in (chat, mothers_chat):
        save_state(
            connection, keys, MONDAY_MORNING, contact, b'{"answers": {"phone": "+628111222333"}}', None
        )
    save_state(connection, keys, MONDAY_MORNING, desk, b'{"answers": {"name": "Kenari Anak Rekaan"}}', None)
    payload = json.dumps({"text": GIVER[0], "contact": CHILD[4]})
    park(connection, keys, MONDAY_MORNING, "telegram", "9", payload, f"ValueError: {CHILD[0]}")


@pytest.fixture
def erased(database: Database, keys: KeyRing, programme: Programme) -> Erase:
    def run(subject: Subject, at: datetime = MONDAY_MORNING) -> int:
        return database.submit(lambda c: erase(c, keys, programme, at, subject)).result().total

    return run


@pytest.fixture
def giver(planted: Planted) -> Subject:
    return Subject(SubjectKind.PERSON, planted.giver)


@pytest.fixture
def child(planted: Planted) -> Subject:
    return Subject(SubjectKind.CHILD, planted.child)


def test_nothing_of_an_erased_person_can_be_read(
    database: Database, keys: KeyRing, giver: Subject, erased: Erase
) -> None:
    before = everything(database, keys)
    assert all(canary in before for canary in GIVER)

    erased(giver)

    after = everything(database, keys)
    assert [canary for canary in GIVER if canary in after] == []
    assert all(canary in after for canary in CHILD[1:3]), "the child is not this person's to erase"
    assert "Selamat pagi" in after


def test_nothing_of_an_erased_child_or_its_family_can_be_read(
    database: Database, keys: KeyRing, child: Subject, erased: Erase
) -> None:
    assert all(canary in everything(database, keys) for canary in CHILD)

    erased(child)

    after = everything(database, keys)
    assert [canary for canary in CHILD if canary in after] == []
    assert GIVER[2] in after, "the foster parent stays"


def test_the_file_keeps_no_trace_of_the_sealed_values(
    request: pytest.FixtureRequest,
    database: Database,
    keys: KeyRing,
    giver: Subject,
    child: Subject,
    erased: Erase,
) -> None:
    """The ring would open what lies in a free page."""
    if database.engine.dialect.name != "sqlite":
        pytest.skip("the files of a PostgreSQL server are the server's")
    path = Path(database.engine.url.database or "")
    # Debian's SQLite overwrites what is deleted by itself; others do not.
    database.submit(lambda c: driver(c).execute("PRAGMA secure_delete=OFF")).result()
    secrets = sealed_of(database, keys, GIVER + CHILD)
    assert len(secrets) > 10
    assert any(secret in bytes_at(path) for secret in secrets)

    erased(giver)
    erased(child)
    assert database.scrub()

    assert not any(secret in bytes_at(path) for secret in secrets)


def test_scrubbing_leaves_the_rows_alone(database: Database, keys: KeyRing, giver: Subject) -> None:
    before = everything(database, keys)
    assert database.scrub()
    assert everything(database, keys) == before


def test_the_promises_of_an_erased_person_end_and_those_of_others_go_on(
    database: Database, keys: KeyRing, planted: Planted, giver: Subject, erased: Erase
) -> None:
    erased(giver)

    def look(session: Session) -> list[tuple[bool, PledgeState, Month | None]]:
        rows = session.exec(select(Pledge).order_by(Pledge.id))  # type: ignore[arg-type] # SQLModel's hint
        return [(p.foster_parent_id == planted.giver, p.state, p.last_month) for p in rows]

    states = database.submit(in_session(look)).result()
    assert states[0] == (True, PledgeState.ACTIVE, OCTOBER), "October was reported: it keeps its share of it"
    assert [state for mine, state, _ in states if not mine] == [PledgeState.ACTIVE] * 2


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_nothing_is_due_any_more_and_nobody_is_reminded(
    database: Database, programme: Programme, planted: Planted, erased: Erase, kind: SubjectKind
) -> None:
    """September is owed, October was reported in part, November is entered ahead."""
    in_november = datetime(2025, 11, 20, 3, tzinfo=UTC)

    def owe(session: Session) -> None:
        of_child, of_giver = (
            col(Pledge.child_id) == planted.child,
            col(Pledge.foster_parent_id) == planted.giver,
        )
        theirs = of_child if kind is SubjectKind.CHILD else of_giver
        for pledge in session.exec(select(Pledge).where(theirs)).all():
            for month in (SEPTEMBER, OCTOBER, NOVEMBER):
                if payout_of(session, id_of(pledge), month) is None:
                    session.add(
                        Payout(
                            pledge_id=id_of(pledge),
                            month=month,
                            amount_idr=pledge.monthly_idr,
                            state=PayoutState.DUE,
                        )
                    )

    def open_still(session: Session) -> tuple[int, int]:
        late = late_payouts(session, programme, in_november.date(), WHOLE_DISTRICT.children())
        told = [
            reason(ReminderKind.PAYOUT_LATE, str(month)).query for month in (SEPTEMBER, OCTOBER, NOVEMBER)
        ]
        return len(late), sum(len(session.execute(one, at(in_november)).all()) for one in told)

    database.submit(in_session(owe)).result()
    assert min(database.submit(in_session(open_still)).result()) > 0
    erased(Subject(kind, planted.child if kind is SubjectKind.CHILD else planted.giver))
    assert database.submit(in_session(open_still)).result() == (0, 0)

    def moved(session: Session) -> set[tuple[Month, PayoutState]]:
        return {(one.month, one.state) for one in session.exec(select(Payout))}

    left = database.submit(in_session(moved)).result()
    assert (SEPTEMBER, PayoutState.WAIVED) in left
    assert (OCTOBER, PayoutState.REPORTED) in left, "what was sent stays in the books"
    assert NOVEMBER not in {month for month, _ in left}, "what has not begun is taken out"


def test_with_a_visitor_goes_only_what_is_about_them_and_not_the_childs_alert(
    database: Database, planted: Planted, giver: Subject, erased: Erase
) -> None:
    def raise_them(session: Session) -> None:
        child = session.get_one(Child, planted.others_child)
        for kind, subject, about in (
            (AlertKind.DANGER_SIGN, "visit:2", child),
            (AlertKind.UNREACHABLE, f"person:{planted.giver}", None),
            (AlertKind.QUESTION, f"person:{planted.giver}", child),
        ):
            raise_alert(session, MONDAY_MORNING, kind, subject, child=about, person_id=planted.giver)

    def left(session: Session) -> list[tuple[AlertKind, int | None, int | None]]:
        known = (AlertKind.DANGER_SIGN, AlertKind.UNREACHABLE, AlertKind.QUESTION)
        of_others = select(Alert).where(col(Alert.kind).in_(known), Alert.child_id != planted.child)
        return [(one.kind, one.child_id, one.person_id) for one in session.exec(of_others)]

    database.submit(in_session(raise_them)).result()
    erased(giver)
    still = database.submit(in_session(left)).result()
    assert still == [(AlertKind.DANGER_SIGN, planted.others_child, None)]


def test_a_visitors_erasure_leaves_the_pledge_and_its_books_to_their_giver(
    database: Database, planted: Planted, giver: Subject, erased: Erase
) -> None:
    def entrust(session: Session) -> None:
        pledge = session.exec(select(Pledge).where(Pledge.child_id == planted.others_child)).one()
        pledge.visitor_id, pledge.visitor_approved_at, pledge.note = (
            planted.giver,
            MONDAY_MORNING,
            "tetap ada",
        )
        session.add(pledge)
        payout = Payout(pledge_id=id_of(pledge), month=OCTOBER, amount_idr=450_000, state=PayoutState.DUE)
        session.add(payout)
        session.flush()
        session.add(
            PayoutMove(
                payout_id=payout.id or 0,
                at=MONDAY_MORNING,
                by_id=None,
                via=Via.CHAT,
                before=PayoutState.DUE,
                after=PayoutState.DUE,
                note="catatan orang lain",
            )
        )

    def left(session: Session) -> tuple[int | None, datetime | None, str, list[str]]:
        pledge = session.exec(select(Pledge).where(Pledge.child_id == planted.others_child)).one()
        query = select(PayoutMove.note).join(Payout).where(Payout.pledge_id == pledge.id)
        return pledge.visitor_id, pledge.visitor_approved_at, pledge.note, list(session.exec(query))

    database.submit(in_session(entrust)).result()
    erased(giver)
    assert database.submit(in_session(left)).result() == (None, None, "tetap ada", ["catatan orang lain"])


def test_what_everybody_says_is_not_taken_for_words_about_the_erased_one(
    database: Database, keys: KeyRing, planted: Planted, giver: Subject, erased: Erase
) -> None:
    """A note of theirs that is a common word goes with them, and no other message goes for it."""

    def say(session: Session) -> None:
        for pledge in session.exec(select(Pledge)):
            pledge.note = "Keuangan sedang berat"
            session.add(pledge)

    def left(session: Session) -> set[tuple[bool, str]]:
        return {(p.foster_parent_id == planted.giver, p.note) for p in session.exec(select(Pledge))}

    database.submit(in_session(say)).result()
    erased(giver)
    assert database.submit(in_session(left)).result() == {(True, ""), (False, "Keuangan sedang berat")}


def test_whoever_loses_a_giver_by_an_erasure_is_offered_again(
    database: Database, planted: Planted, giver: Subject, erased: Erase
) -> None:
    erased(giver)
    losing = select(Alert.child_id).where(Alert.kind == AlertKind.LOSING_SUPPORT)
    assert database.submit(in_session(lambda s: list(s.exec(losing)))).result() == [planted.child]


def test_an_erased_child_is_off_the_list_and_its_promises_end(
    database: Database, keys: KeyRing, planted: Planted, child: Subject, erased: Erase
) -> None:
    erased(child)

    def look(session: Session) -> None:
        row = session.get_one(Child, planted.child)
        assert (row.name, row.nik, row.village, row.guardian_id) == ("", None, "", None)
        assert (row.status, row.left_on, row.born_on.day) == (ChildStatus.MOVED, TODAY, 1)
        promises = session.exec(select(Pledge).where(Pledge.child_id == planted.child)).all()
        assert {(p.monthly_idr, p.last_month) for p in promises} == {(250_000, OCTOBER), (200_000, SEPTEMBER)}
        assert session.get_one(Child, planted.others_child).status is ChildStatus.STUNTED

    database.submit(in_session(look)).result()


def test_a_childs_visits_and_sizes_go_with_it_and_with_their_visitor_only_the_words(
    database: Database, keys: KeyRing, planted: Planted, giver: Subject, child: Subject, erased: Erase
) -> None:
    def left(session: Session) -> list[tuple[int, str, int | None, int | None]]:
        sizes = {size.visit_id: size.weight_g for size in session.exec(select(Measurement)).all()}
        visits = session.exec(select(Visit)).all()
        return [(visit.child_id, visit.note, visit.photo_id, sizes.get(visit.id)) for visit in visits]

    erased(child)
    assert [row[0] for row in database.submit(in_session(left)).result()] == [planted.others_child]

    erased(giver)
    assert database.submit(in_session(left)).result() == [(planted.others_child, "", None, 9_800)]


def test_a_mother_of_two_stays_when_one_child_is_erased(
    database: Database, keys: KeyRing, erased: Erase
) -> None:
    def plant(session: Session) -> tuple[int, int]:
        mother = a_person(session, keys, name=CHILD[3])
        guardian = a_guardian(session, keys, name=CHILD[3], person=mother)
        one = a_child(session, name=CHILD[0], guardian=guardian)
        a_child(session, name="Adik Rekaan", guardian=guardian)
        return id_of(one), id_of(mother)

    one, mother = database.submit(in_session(plant)).result()
    erased(Subject(SubjectKind.CHILD, one))

    after = everything(database, keys)
    assert CHILD[0] not in after
    assert database.submit(in_session(lambda s: s.get_one(Person, mother).name)).result() == CHILD[3]
    assert after.count(CHILD[3]) == 2


def test_erasing_again_changes_nothing(
    database: Database, keys: KeyRing, giver: Subject, erased: Erase
) -> None:
    erased(giver)
    before = everything(database, keys)
    erased(giver)
    assert everything(database, keys) == before


def test_nobody_unknown_is_erased(database: Database, keys: KeyRing, erased: Erase) -> None:
    with pytest.raises(BadInput):
        erased(Subject(SubjectKind.PERSON, 4711))
    assert database.submit(in_session(journal)).result() == []


def test_an_id_is_never_given_to_somebody_else(
    database: Database, keys: KeyRing, planted: Planted, giver: Subject, erased: Erase
) -> None:
    erased(giver)
    new = database.submit(in_session(lambda s: id_of(a_person(s, keys)))).result()
    assert new != planted.giver
    assert database.submit(in_session(lambda s: s.get(FosterParent, planted.giver) is not None)).result()


def test_the_staff_list_and_the_chat_are_gone(
    database: Database, keys: KeyRing, giver: Subject, erased: Erase
) -> None:
    erased(giver)

    def look(session: Session) -> tuple[Any, Any]:
        contact = select(Contact).where(Contact.address_index == keys.index(GIVER[3]))
        return session.get(RosterEntry, keys.index(GIVER[2])), session.exec(contact).first()

    assert database.submit(in_session(look)).result() == (None, None)


# --- an older backup ---------------------------------------------------------------------------------------


def test_a_restored_older_backup_forgets_again(
    database: Database, keys: KeyRing, programme: Programme, giver: Subject, child: Subject, erased: Erase
) -> None:
    older = io.BytesIO()
    make(database, MONDAY_MORNING, older)
    erased(giver)
    erased(child)
    entries = database.submit(in_session(journal)).result()
    assert [subject for subject, _ in entries] == [giver, child]

    older.seek(0)
    restore(database, older, force=True)
    assert GIVER[0] in everything(database, keys)
    database.submit(in_session(lambda s: enter_all(s, entries))).result()
    again = database.submit(lambda c: erase_again(c, keys, programme, MONDAY_MORNING)).result()

    assert again == 2
    after = everything(database, keys)
    assert [canary for canary in GIVER + CHILD if canary in after] == []
    assert database.submit(in_session(journal)).result() == entries


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_who_gets_the_id_after_a_restore_is_not_erased_in_the_other_ones_stead(
    database: Database, keys: KeyRing, programme: Programme, erased: Erase, kind: SubjectKind
) -> None:
    """Monday's backup lacks the one who came on Tuesday and was erased on Wednesday; on Thursday another has the id."""

    def enter(day: int) -> Subject:
        at = MONDAY_MORNING + timedelta(days=day)

        def work(session: Session) -> int:
            if kind is SubjectKind.PERSON:
                return id_of(a_person(session, keys, name="Rekaan Baru", created_at=at))
            return id_of(a_child(session, name="Rekaan Baru", created_at=at))

        return Subject(kind, database.submit(in_session(work)).result())

    def back_up() -> io.BytesIO:
        file = io.BytesIO()
        make(database, MONDAY_MORNING, file)
        return file

    def put_back(file: io.BytesIO) -> int:
        known = database.submit(in_session(journal)).result()
        file.seek(0)
        restore(database, file, force=True)
        database.submit(in_session(lambda s: enter_all(s, known))).result()
        return database.submit(lambda c: erase_again(c, keys, programme, MONDAY_MORNING)).result()

    monday = back_up()
    first = enter(day=1)
    erased(first, MONDAY_MORNING + timedelta(days=2))
    assert put_back(monday) == 0
    assert enter(day=3) == first, "the database gives the id again"
    thursday = back_up()
    assert put_back(thursday) == 0
    assert "Rekaan Baru" in everything(database, keys)

    erased(first, MONDAY_MORNING + timedelta(days=4))
    assert put_back(thursday) == 1, "the second one with this id has been erased as well"
    assert "Rekaan Baru" not in everything(database, keys)


# --- the index ---------------------------------------------------------------------------------------------


def sealed_columns() -> Iterator[tuple[str, str]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed | SealedBytes | LargeBinary):
                yield table.name, column.name


def test_every_table_says_what_of_it_is_erased() -> None:
    assert set(RULES) == set(metadata.tables)


@pytest.mark.parametrize(("table", "column"), list(sealed_columns()))
def test_every_sealed_column_is_emptied_by_some_rule(table: str, column: str) -> None:
    def empties(rule: object) -> bool:
        if isinstance(rule, Blank):
            return column in rule.values
        return isinstance(rule, Delete) or (isinstance(rule, Forget) and column in rule.columns)

    assert any(empties(rule) for rule in RULES[table])


OWNERS = {"person", "child", "guardian", "contact", "foster_parent"}


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_a_table_about_somebody_is_reached_through_them_or_says_why_not(table: str) -> None:
    refers = {
        column.name
        for column in metadata.tables[table].columns
        if any(key.column.table.name in OWNERS for key in column.foreign_keys)
    }
    rules = RULES[table]
    if not refers or any(isinstance(rule, Keep) for rule in rules):
        return
    through = {name for rule in rules if isinstance(rule, Blank | Delete) for name in rule.through}
    own = any(isinstance(rule, Blank) and not rule.through for rule in rules)
    assert own or through, f"{table} refers to somebody by {refers}"


def test_every_rule_names_columns_that_are_there() -> None:
    for name, rules in RULES.items():
        columns = metadata.tables[name].columns
        for rule in rules:
            if isinstance(rule, Blank | Unlink):
                assert set(rule.values) <= set(columns.keys()), name
            if isinstance(rule, Unlink):
                assert columns[rule.through].foreign_keys, name
            if isinstance(rule, Blank):
                assert set(rule.names) <= set(rule.values), name
            if isinstance(rule, Blank | Delete):
                for through in rule.through:
                    assert through.partition("=")[0] in columns, name
                    assert "=" in through or columns[through].foreign_keys, name
            if isinstance(rule, Forget):
                assert set(rule.columns) <= set(columns.keys()), name
