"""Two who change roles in the same moment: never two first ones, and never none left."""

import threading
from collections.abc import Callable

from sqlmodel import Session, col, select

from models.database import Database, in_session
from models.errors import LastOne, NotEntitled
from models.grants import Grant, GrantState, invite, redeem
from models.keys import KeyRing
from models.roles import revoke_role
from tests.builders import a_coordinator, a_person, id_of
from tests.clock import FixedClock
from tests.models.test_grants import YEAR
from tests.postgresql import waits_for_a_lock

Work = Callable[[Session], object]


def both_at_once(database: Database, first: Work, second: Work) -> list[type[BaseException]]:
    """Begin the second before the first is committed; return what they raised."""
    done, release = threading.Event(), threading.Event()

    def held(session: Session) -> None:
        try:
            first(session)
        finally:
            done.set()
        assert release.wait(30)

    one = database.submit(in_session(held), lane="one")
    assert done.wait(30)
    other = database.submit(in_session(second), lane="other")
    shared = database.engine.dialect.name == "postgresql"  # SQLite has one writer: the second has not begun
    while shared and not (waits_for_a_lock(database.engine) or other.done()):
        pass
    release.set()
    return [type(error) for work in (one, other) if (error := work.exception(30))]


def two_coordinators(database: Database, keys: KeyRing) -> list[tuple[int, int]]:
    """Return two of the district, each with the role."""

    def prepare(session: Session) -> list[tuple[int, int]]:
        people = [id_of(a_coordinator(session, keys)) for _ in range(2)]
        role = select(Grant.id)
        return [(person, session.exec(role.where(Grant.person_id == person)).one() or 0) for person in people]

    return database.submit(in_session(prepare)).result()


def in_force_now(database: Database) -> list[Grant]:
    active = select(Grant).where(Grant.state == GrantState.ACTIVE).order_by(col(Grant.id))
    return list(database.submit(in_session(lambda s: s.exec(active).all())).result())


def test_of_two_very_first_coordinators_one_counts_and_the_other_waits(
    database: Database, keys: KeyRing, clock: FixedClock
) -> None:
    def prepare(session: Session) -> list[tuple[int, str]]:
        return [
            (id_of(a_person(session, keys)), invite(session, keys, clock.now(), area=None, role_lasts=YEAR))
            for _ in range(2)
        ]

    (one, code), (other, other_code) = database.submit(in_session(prepare)).result()
    raised = both_at_once(
        database,
        lambda s: redeem(s, keys, clock.now(), one, code),
        lambda s: redeem(s, keys, clock.now(), other, other_code),
    )
    assert not raised
    assert [grant.person_id for grant in in_force_now(database)] == [one]


def test_of_the_last_two_over_the_district_one_stays(
    database: Database, keys: KeyRing, clock: FixedClock
) -> None:
    (one, of_one), (other, of_other) = two_coordinators(database, keys)
    raised = both_at_once(
        database,
        lambda s: revoke_role(s, clock.now(), of_other, by=one),
        lambda s: revoke_role(s, clock.now(), of_one, by=other),
    )
    assert raised == [NotEntitled], "whose own role has just been taken takes none"
    assert [grant.person_id for grant in in_force_now(database)] == [one]


def test_of_the_last_two_over_the_district_only_one_lays_it_down(
    database: Database, keys: KeyRing, clock: FixedClock
) -> None:
    (one, of_one), (other, of_other) = two_coordinators(database, keys)
    raised = both_at_once(
        database,
        lambda s: revoke_role(s, clock.now(), of_one, by=one),
        lambda s: revoke_role(s, clock.now(), of_other, by=other),
    )
    assert raised == [LastOne]
    assert [grant.person_id for grant in in_force_now(database)] == [other]
