"""Coordinators' roles: whose areas, until when, and the one-time codes that give them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models.audit import AuditEntry
from models.children import Child
from models.codes import CODE_ALPHABET
from models.database import Database, in_session
from models.errors import CodeRefused
from models.grants import (
    GUESSES_PER_HOUR,
    NOTHING,
    WHOLE_DISTRICT,
    Grant,
    Invitation,
    Scope,
    coordinators_of,
    invite,
    may_guess,
    note_wrong_code,
    redeem,
    scope_of,
)
from models.keys import KeyRing
from tests.builders import a_child, a_contact, a_coordinator, a_person, id_of
from tests.clock import FixedClock

YEAR = timedelta(days=365)
MOMENT = timedelta(microseconds=1)


def test_a_role_counts_from_its_grant_until_its_end(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    start, end = clock.now(), clock.now() + YEAR
    person = id_of(a_coordinator(session, keys, area="Sijuk", granted_at=start, expires_at=end))
    sijuk = Scope(frozenset({"Sijuk"}))
    assert scope_of(session, person, start - MOMENT) == NOTHING
    assert scope_of(session, person, start) == sijuk
    assert scope_of(session, person, end - MOMENT) == sijuk
    assert scope_of(session, person, end) == NOTHING


def test_roles_add_up_and_the_district_holds_every_area(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    person = a_coordinator(session, keys, area="Sijuk")
    a_coordinator(session, keys, area="Badau", person=person)
    a_coordinator(session, keys, area="Membalong", person=person, expires_at=clock.now())
    assert scope_of(session, person.id, clock.now()) == Scope(frozenset({"Sijuk", "Badau"}))
    a_coordinator(session, keys, area=None, person=person)
    assert scope_of(session, person.id, clock.now()) == WHOLE_DISTRICT


@pytest.mark.parametrize(
    ("scope", "anything", "whole", "sijuk", "badau"),
    [
        (WHOLE_DISTRICT, True, True, True, True),
        (Scope(frozenset({"Sijuk"})), True, False, True, False),
        (NOTHING, False, False, False, False),
    ],
)
def test_a_scope_covers_its_areas_and_no_other(
    session: Session, scope: Scope, anything: bool, whole: bool, sijuk: bool, badau: bool
) -> None:
    a_child(session, area="Sijuk")
    a_child(session, area="Badau", village="Badau")
    assert (scope.anything, scope.whole_district) == (anything, whole)
    assert (scope.covers("Sijuk"), scope.covers("Badau")) == (sijuk, badau)
    seen = set(session.exec(select(Child.area).where(scope.children())))
    assert seen == {area for area, covered in (("Sijuk", sijuk), ("Badau", badau)) if covered}


def test_somebody_unknown_or_without_role_coordinates_nothing(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    assert scope_of(session, None, clock.now()) == NOTHING
    assert scope_of(session, a_person(session, keys).id, clock.now()) == NOTHING


def test_an_area_is_looked_after_by_its_own_and_the_districts_coordinators(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    district = id_of(a_coordinator(session, keys))
    sijuk = id_of(a_coordinator(session, keys, area="Sijuk"))
    a_coordinator(session, keys, area="Badau")
    a_coordinator(session, keys, area="Sijuk", expires_at=clock.now())
    assert coordinators_of(session, "Sijuk", clock.now()) == [district, sijuk]
    assert coordinators_of(session, None, clock.now()) == [district]


def invited(session: Session, keys: KeyRing, clock: FixedClock, area: str | None = "Sijuk") -> str:
    return invite(session, keys, clock.now(), area=area, role_lasts=YEAR)


def test_a_code_gives_its_role_once(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    first, second = id_of(a_person(session, keys)), id_of(a_person(session, keys))
    code = invited(session, keys, clock)
    grant = redeem(session, keys, clock.now(), first, code)
    assert (grant.area, grant.expires_at) == ("Sijuk", clock.now() + YEAR)
    for person in (first, second):
        with pytest.raises(CodeRefused):
            redeem(session, keys, clock.now(), person, code)
    assert scope_of(session, first, clock.now()).covers("Sijuk")
    assert not scope_of(session, second, clock.now()).anything


@pytest.mark.parametrize("respell", [str.lower, lambda c: c.replace("-", ""), lambda c: f" {c[:4]} {c[5:]} "])
def test_a_code_is_read_however_it_is_typed(
    session: Session, keys: KeyRing, clock: FixedClock, respell: Callable[[str], str]
) -> None:
    person = id_of(a_person(session, keys))
    redeem(session, keys, clock.now(), person, respell(invited(session, keys, clock)))
    assert scope_of(session, person, clock.now()).covers("Sijuk")


def test_a_code_lives_three_days(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    person = id_of(a_person(session, keys))
    late, just = invited(session, keys, clock), invited(session, keys, clock)
    clock.advance(timedelta(days=3) - MOMENT)
    redeem(session, keys, clock.now(), person, just)
    clock.advance(MOMENT)
    with pytest.raises(CodeRefused):
        redeem(session, keys, clock.now(), person, late)


def test_an_unknown_a_used_and_an_old_code_are_refused_alike(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    person = id_of(a_person(session, keys))
    old = invited(session, keys, clock)
    clock.advance(timedelta(days=4))
    used = invited(session, keys, clock)
    redeem(session, keys, clock.now(), person, used)
    refusals = []
    for code in ("ABCD-2345", "", old, used):
        with pytest.raises(CodeRefused) as refusal:
            redeem(session, keys, clock.now(), person, code)
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1


def test_codes_are_readable_and_never_stored(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    codes = {invited(session, keys, clock) for _ in range(50)}
    assert len(codes) == 50
    assert set("".join(codes)) <= {*CODE_ALPHABET, "-"}
    assert not set(CODE_ALPHABET) & set("01ILO")
    stored = set(session.exec(select(Invitation.code_index)))
    assert not stored & codes
    assert stored == {keys.index(code.replace("-", "")) for code in codes}


def test_guesses_are_bounded_by_the_hour_and_by_the_contact(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    guesser, other = id_of(a_contact(session, keys)), id_of(a_contact(session, keys))
    for _ in range(GUESSES_PER_HOUR):
        assert may_guess(session, clock.now(), guesser)
        note_wrong_code(session, clock.now(), guesser)
    assert not may_guess(session, clock.now(), guesser)
    assert may_guess(session, clock.now(), other)
    assert not may_guess(session, clock.advance(timedelta(hours=1) - MOMENT), guesser)
    assert may_guess(session, clock.advance(MOMENT), guesser)


def test_a_role_leaves_a_trace(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    person = id_of(a_person(session, keys))
    redeem(session, keys, clock.now(), person, invited(session, keys, clock, area=None))
    trace = session.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()
    assert [(entry.act, entry.actor_id, entry.note) for entry in trace] == [
        ("invited", None, ""),
        ("granted", person, "area:*"),
    ]


def test_of_two_redeeming_a_code_at_once_exactly_one_gets_the_role(
    database: Database, keys: KeyRing, clock: FixedClock
) -> None:
    code, people = database.submit(
        in_session(lambda s: (invited(s, keys, clock), [id_of(a_person(s, keys)) for _ in range(2)]))
    ).result()
    # PostgreSQL lets both look at the code before either takes it.
    looked = threading.Barrier(2 if database.engine.dialect.name == "postgresql" else 1)

    def work(person: int) -> Future[int]:
        def redeeming(session: Session) -> int:
            seen = session.get(Invitation, keys.index(code.replace("-", "")))
            looked.wait(30)
            grant = redeem(session, keys, clock.now(), person, code)
            assert seen is not None, "and what was seen is still held while redeeming"
            return grant.person_id

        return database.submit(in_session(redeeming), lane=str(person))

    futures = [work(person) for person in people]
    errors = [type(future.exception(30)).__name__ for future in futures]
    assert sorted(errors) == ["CodeRefused", "NoneType"]
    grants = database.submit(in_session(lambda s: s.exec(select(Grant)).all())).result()
    assert len(grants) == 1
