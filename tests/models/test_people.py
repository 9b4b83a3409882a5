"""Signing up: phones, names, the roster, taken numbers, decisions."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from models.audit import AuditEntry
from models.database import Database, in_session, open_database
from models.errors import AlreadyDecided, AlreadyRegistered, BadInput
from models.keys import KeyRing
from models.nip import Nip, parse_nip
from models.people import (
    FosterKind,
    FosterParent,
    Person,
    Standing,
    decide_person,
    foster_parent_with_nip,
    name_key,
    parse_phone,
    people_waiting,
    register,
)
from tests.builders import a_coordinator, a_foster_parent, a_person, a_roster_entry, an_organisation, id_of
from tests.clock import FixedClock
from tests.postgresql import waits_for_a_lock

NIP = parse_nip("198503152010012003")


@pytest.mark.parametrize(
    ("given", "phone"),
    [
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("(0812) 3456.7890", "+6281234567890"),
        ("81234567890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("+62 812-3456-7890", "+6281234567890"),
        ("+62 0812 3456 7890", "+6281234567890"),
        ("+62 (0)812 3456 7890", "+6281234567890"),
        ("006281234567890", "+6281234567890"),
        ("0719 21234", "+6271921234"),
        ("+60123456789", "+60123456789"),
        ("0060 12-345 6789", "+60123456789"),
    ],
)
def test_a_phone_is_read_however_it_is_written(given: str, phone: str) -> None:
    assert parse_phone(given) == phone
    assert parse_phone(phone) == phone


@pytest.mark.parametrize(
    "given",
    [
        *("", "0812", "12345", "telepon saya", "0812-3456-789O", "+0812345678", "++6281234567890", "+62"),
        *("0812345678901234567", "\u0660\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668"),
    ],
)
def test_anything_else_is_no_phone_and_an_example_is_shown(given: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_phone(given)
    assert refusal.value.code == "phone"
    assert parse_phone(refusal.value.details["example"]) == "+6281234567890"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Drs. H. Budi  Santoso, M.Si", "budi santoso"),
        ("BUDI SANTOSO", "Budi Santoso, S.Pd."),
        ("dr. Siti Aminah", "Siti Aminah, Sp.A(K)"),
        ("Ir. Hj. Ratna Dewi, M.M., Ph.D", " ratna   dewi"),
        ("Prof. Dr. Ir. Agus Salim", "Agus Salim"),
        ("Siti-Nurbaya", "Siti Nurbaya"),
        ("Ma'ruf Amin", "Ma\u2019ruf Amin"),
        ("Ma'ruf Amin", "Ma`ruf Amin"),
        ("Andr\u00e9 Wijaya", "Andre Wijaya"),
        ("Sri Mulyani\n", "Sri\tMulyani"),
    ],
)
def test_titles_capitals_and_spaces_do_not_make_another_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Budi Santoso", "Budi Susanto"),
        ("Budi Santoso", "Santoso Budi"),
        ("Budi", "Budi Santoso"),
        ("Siti Aminah", "Siti Aminah Zahra"),
    ],
)
def test_other_names_stay_other_names(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def sign_up(
    session: Session,
    keys: KeyRing,
    clock: FixedClock,
    *,
    name: str = "Budi Rekaan",
    nip: Nip | None = NIP,
    known_as: Person | None = None,
) -> FosterParent:
    kind = FosterKind.ASN if nip else FosterKind.INDIVIDUAL
    return register(
        session, keys, clock.now(), name=name, phone="+6280012345678", kind=kind, nip=nip, known_as=known_as
    )


def test_who_is_on_the_roster_is_verified_at_once(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    a_roster_entry(session, keys, nip=NIP, name="BUDI REKAAN, S.Pd")
    foster_parent = sign_up(session, keys, clock, name="Drs. Budi Rekaan")
    assert foster_parent.standing is Standing.VERIFIED
    assert foster_parent.decided_at == clock.now()
    assert people_waiting(session) == []


@pytest.mark.parametrize(
    ("roster_name", "born_on"),
    [
        pytest.param("Budi Susanto", date(1985, 3, 15), id="another name"),
        pytest.param("Budi Rekaan", date(1985, 3, 16), id="another birth date"),
        pytest.param(None, None, id="not on it"),
    ],
)
def test_who_does_not_agree_with_the_roster_waits(
    session: Session, keys: KeyRing, clock: FixedClock, roster_name: str | None, born_on: date | None
) -> None:
    if roster_name:
        a_roster_entry(session, keys, nip=NIP, name=roster_name, born_on=born_on)
    foster_parent = sign_up(session, keys, clock)
    assert foster_parent.standing is Standing.PENDING
    assert foster_parent.decided_at is None
    assert [waiting.person_id for waiting, _, _ in people_waiting(session)] == [foster_parent.person_id]


def test_who_has_no_nip_waits(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    assert sign_up(session, keys, clock, nip=None).standing is Standing.PENDING


def test_a_taken_nip_is_refused_and_nothing_is_left_of_the_attempt(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    sign_up(session, keys, clock)
    people = len(session.exec(select(Person)).all())
    with pytest.raises(AlreadyRegistered):
        sign_up(session, keys, clock, name="Orang Lain")
    assert len(session.exec(select(Person)).all()) == people


def test_a_refused_sign_up_does_not_rename_who_was_known(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    sign_up(session, keys, clock)
    coordinator = a_coordinator(session, keys, name="Koordinator Rekaan", phone="+6280011112222")
    with pytest.raises(AlreadyRegistered):
        sign_up(session, keys, clock, name="Nama Lain", known_as=coordinator)
    session.flush()
    session.refresh(coordinator)
    assert (coordinator.name, coordinator.phone) == ("Koordinator Rekaan", "+6280011112222")


def test_nobody_signs_up_twice(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    first = sign_up(session, keys, clock)
    person = session.get(Person, first.person_id)
    for nip in (NIP, None, parse_nip("199207042022211012")):
        with pytest.raises(AlreadyRegistered):
            sign_up(session, keys, clock, nip=nip, known_as=person)


def test_a_coordinator_may_give_too(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    coordinator = a_coordinator(session, keys)
    assert sign_up(session, keys, clock, known_as=coordinator).person_id == coordinator.id


def rejected(session: Session, keys: KeyRing, clock: FixedClock, name: str = "Budi Rekaan") -> FosterParent:
    coordinator = id_of(a_coordinator(session, keys))
    waiting = sign_up(session, keys, clock, name=name)
    return decide_person(
        session, clock.now(), waiting.person_id, by=coordinator, verified=False, note="nama tidak cocok"
    )


def test_who_was_rejected_may_try_again_and_begins_afresh(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    first = rejected(session, keys, clock)
    person = session.get(Person, first.person_id)
    clock.advance(timedelta(days=1))
    again = sign_up(session, keys, clock, known_as=person)
    assert again.person_id == first.person_id
    assert again.standing is Standing.PENDING
    assert (again.decided_at, again.decided_by, again.decision_note) == (None, None, "")
    assert again.registered_at == clock.now()


def test_a_rejected_impostor_does_not_lock_the_owner_out(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    impostor = rejected(session, keys, clock, name="Penyaru Rekaan")
    a_roster_entry(session, keys, nip=NIP, name="Budi Rekaan")
    owner = sign_up(session, keys, clock)
    assert owner.standing is Standing.VERIFIED
    session.refresh(impostor)
    assert (impostor.nip, impostor.nip_index) == (None, None)
    assert foster_parent_with_nip(session, keys, NIP) is owner


def test_the_impostor_cannot_come_back_once_the_owner_is_in(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    impostor = rejected(session, keys, clock, name="Penyaru Rekaan")
    sign_up(session, keys, clock)
    with pytest.raises(AlreadyRegistered):
        sign_up(session, keys, clock, known_as=session.get(Person, impostor.person_id))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_a_person_is_decided_once(
    session: Session, keys: KeyRing, clock: FixedClock, first: bool, second: bool
) -> None:
    coordinator = id_of(a_coordinator(session, keys))
    waiting = sign_up(session, keys, clock)
    decide_person(session, clock.now(), waiting.person_id, by=coordinator, verified=first)
    with pytest.raises(AlreadyDecided):
        decide_person(session, clock.now(), waiting.person_id, by=coordinator, verified=second)
    assert waiting.standing is (Standing.VERIFIED if first else Standing.REJECTED)


def test_nobody_is_decided_who_does_not_wait(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    coordinator = id_of(a_coordinator(session, keys))
    verified = a_foster_parent(session, keys)
    bystander = a_person(session, keys)
    for person_id in (verified.person_id, id_of(bystander), 999_999):
        with pytest.raises(AlreadyDecided):
            decide_person(session, clock.now(), person_id, by=coordinator, verified=True)


def test_a_decision_is_audited_without_personal_data(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    found = rejected(session, keys, clock)
    session.flush()
    entries = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()  # type: ignore[arg-type]
    assert [entry.act for entry in entries] == ["signed_up", "rejected"]
    assert entries[-1].subject == f"person:{found.person_id}"
    assert entries[-1].actor_id == found.decided_by
    for entry in entries:
        assert "Rekaan" not in entry.note
        assert NIP not in entry.note


def test_those_who_wait_are_shown_oldest_first(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    office = an_organisation(session, name="Dinas Uji")
    later = a_foster_parent(session, keys, standing=Standing.PENDING, registered_at=clock.now())
    sooner = a_foster_parent(
        session,
        keys,
        standing=Standing.PENDING,
        organisation=office,
        registered_at=clock.now() - timedelta(hours=1),
    )
    a_foster_parent(session, keys)
    a_foster_parent(session, keys, standing=Standing.REJECTED)
    waiting = people_waiting(session)
    assert [found.person_id for found, _, _ in waiting] == [sooner.person_id, later.person_id]
    assert waiting[0][2] is office


def test_of_people_signing_up_with_one_nip_at_once_exactly_one_gets_it(
    database: Database, keys: KeyRing, clock: FixedClock
) -> None:
    together = threading.Barrier(8)

    def attempt(number: int) -> bool:
        together.wait(30)
        work = in_session(lambda s: sign_up(s, keys, clock, name=f"Orang {chr(65 + number)}").person_id)
        try:
            database.submit(work, lane=str(number)).result(30)
        except AlreadyRegistered:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(attempt, range(8)))
    assert sorted(outcomes) == [False] * 7 + [True]
    assert len(database.submit(in_session(lambda s: s.exec(select(Person)).all())).result()) == 1


def test_who_signs_up_a_moment_later_does_not_take_the_number_away(
    postgresql_url: str, keys: KeyRing, clock: FixedClock
) -> None:
    """The second has looked for the NIP before the first commits, and goes on after it (PostgreSQL only)."""
    database = open_database(postgresql_url, keys)
    signed_up, commit = threading.Event(), threading.Event()

    def first(session: Session) -> int:
        found = sign_up(session, keys, clock).person_id
        session.execute(text("LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE"))
        signed_up.set()
        assert commit.wait(30)
        return found

    try:
        one = database.submit(in_session(first))
        assert signed_up.wait(30)
        two = database.submit(in_session(lambda s: sign_up(s, keys, clock, name="Orang Lain").person_id))
        while not (waits_for_a_lock(database.engine) or two.done()):
            pass
        commit.set()
        assert isinstance(two.exception(30), AlreadyRegistered)
        holder = database.submit(in_session(lambda s: s.get(FosterParent, one.result(30)))).result(30)
        assert holder is not None
        assert holder.nip == NIP
    finally:
        commit.set()
        database.close()


def test_two_coordinators_deciding_at_once_decide_once_even_after_having_looked(
    database: Database, keys: KeyRing, clock: FixedClock
) -> None:
    coordinator, waiting = database.submit(
        in_session(lambda s: (id_of(a_coordinator(s, keys)), sign_up(s, keys, clock).person_id))
    ).result()
    # PostgreSQL lets both look at the same time; SQLite's one writer lets one after the other.
    looked = threading.Barrier(2 if database.engine.dialect.name == "postgresql" else 1)

    def decide(session: Session) -> None:
        seen = people_waiting(session)
        looked.wait(30)
        decide_person(session, clock.now(), waiting, by=coordinator, verified=True)
        assert len(seen) == 1, "and what was seen is still held while deciding"

    both = [database.submit(in_session(decide), lane=lane) for lane in "ab"]
    wait(both, 30)
    errors = [future.exception() for future in both]
    assert sorted(type(error).__name__ for error in errors) == ["AlreadyDecided", "NoneType"]
