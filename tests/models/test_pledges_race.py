"""The last share goes to exactly one, however many reach for it, from however many processes."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from models.database import Database, in_session, open_database
from models.errors import FullySupported
from models.keys import KeyRing
from models.months import Month
from models.pledges import PENDING_LASTS, Pledge, PledgeState, Term, decide_pledge, pledge
from models.programme import Programme
from tests.builders import a_child, a_coordinator, a_foster_parent, a_pledge, id_of
from tests.clock import FixedClock
from tests.models.other_process import other_process
from tests.postgresql import waits_for_a_lock

ROUND = Term(Month(2025, 10), Month(2025, 12))


def promise(
    database: Database, programme: Programme, now: datetime, giver: int, child: int, idr: int = 450_000
) -> "Future[int]":
    def work(session: Session) -> int:
        promised = pledge(
            session, programme, now, foster_parent_id=giver, child_id=child, monthly_idr=idr, term=ROUND
        )
        return id_of(promised)

    return database.submit(in_session(work), lane=f"giver:{giver}")


def taken(database: Database, child: int) -> int:
    """Return the sum of what is promised for a child."""
    rows = database.submit(in_session(lambda s: s.exec(select(Pledge).where(Pledge.child_id == child)).all()))
    return sum(row.monthly_idr for row in rows.result())


@pytest.mark.parametrize(
    ("already", "wanted", "winners"),
    [
        pytest.param(0, 450_000, 1, id="the whole"),
        pytest.param(300_000, 150_000, 1, id="the last share"),
        pytest.param(0, 150_000, 3, id="three shares"),
        pytest.param(0, 200_000, 2, id="shares that do not fit"),
    ],
)
def test_of_fifty_at_once_as_many_win_as_there_is_room_for(
    database: Database,
    programme: Programme,
    keys: KeyRing,
    clock: FixedClock,
    already: int,
    wanted: int,
    winners: int,
) -> None:
    def prepare(session: Session) -> tuple[int, list[int]]:
        child = a_child(session)
        if already:
            a_pledge(session, child=child, foster_parent=a_foster_parent(session, keys), monthly_idr=already)
        return id_of(child), [a_foster_parent(session, keys).person_id for _ in range(50)]

    child, givers = database.submit(in_session(prepare)).result()
    together = threading.Barrier(50)

    def reach(giver: int) -> int | None:
        together.wait(60)
        lost: FullySupported | None = None
        try:
            return promise(database, programme, clock.now(), giver, child, wanted).result(60)
        except FullySupported as refusal:
            lost = refusal
        assert lost.still_needed_idr < wanted
        return None

    with ThreadPoolExecutor(50) as threads:
        won = [number for number in threads.map(reach, givers) if number is not None]
    assert len(won) == winners
    assert taken(database, child) == already + winners * wanted


def test_of_two_processes_exactly_one_gets_each_child(
    database_url: str, keys: KeyRing, keys_text: str
) -> None:
    database = open_database(database_url, keys, durable=False)
    try:
        children, givers = database.submit(
            in_session(
                lambda s: (
                    [id_of(a_child(s)) for _ in range(30)],
                    [a_foster_parent(s, keys).person_id for _ in range(2)],
                )
            )
        ).result()
        wanted = [str(child) for child in children]
        with (
            other_process("pledge", database_url, keys_text, str(givers[0]), *wanted) as one,
            other_process("pledge", database_url, keys_text, str(givers[1]), *wanted) as two,
        ):
            one.go()
            two.go()
            won = one.hear() + two.hear()
        assert sorted(won) == sorted(children)
        assert {taken(database, child) for child in children} == {450_000}
    finally:
        database.close()


def test_a_promise_waits_for_the_decision_on_the_one_whose_week_is_ending(
    postgresql_url: str, keys: KeyRing, programme: Programme, clock: FixedClock
) -> None:
    """Approve just in time, while somebody whose clock is a moment later wants the share (PostgreSQL only)."""
    database = open_database(postgresql_url, keys)
    approved, release = threading.Event(), threading.Event()
    try:
        child, old, coordinator, other = database.submit(
            in_session(lambda s: prepare_last_moment(s, keys, clock.now()))
        ).result()
        just_in_time = clock.advance(PENDING_LASTS - timedelta(microseconds=1))

        def approving(session: Session) -> None:
            decide_pledge(session, just_in_time, old, by=coordinator, approved=True)
            approved.set()
            assert release.wait(30)

        decision = database.submit(in_session(approving))
        assert approved.wait(30)
        too_late = promise(database, programme, clock.advance(timedelta(seconds=1)), other, child)
        while not (waits_for_a_lock(database.engine) or too_late.done()):
            pass
        release.set()
        decision.result(30)
        with pytest.raises(FullySupported):
            too_late.result(30)
        assert taken(database, child) == 450_000
    finally:
        release.set()
        database.close()


def prepare_last_moment(session: Session, keys: KeyRing, now: datetime) -> tuple[int, int, int, int]:
    child, giver = a_child(session), a_foster_parent(session, keys)
    waits = a_pledge(session, child=child, foster_parent=giver, state=PledgeState.PENDING, pledged_at=now)
    coordinator = id_of(a_coordinator(session, keys))
    return id_of(child), id_of(waits), coordinator, a_foster_parent(session, keys).person_id
