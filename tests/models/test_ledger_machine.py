"""Invariant 2 beside a model in plain Python: promises, rests, ends, transfers, answers and settlements in any order.

The model knows what each pledge promises month by month and what was said about each month. The ledger's sums must
agree with it to the rupiah after every step, and no state ever moves back.
"""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import true
from sqlmodel import Session, col, select

from models.children import Child
from models.database import Database
from models.errors import AlreadyDecided, AlreadyPledged, BadInput, FullySupported, RuleBroken
from models.ledger import ledger
from models.months import Month, local_day, local_instant
from models.payouts import (
    FORWARD,
    Payout,
    PayoutMove,
    PayoutState,
    confirm_receipt,
    dispute,
    open_month,
    owe,
    report_transfer,
    say_short,
    settle,
    waive,
)
from models.pledges import Pledge, PledgeState, Term, decide_pledge, end_terms, pledge
from models.programme import Programme
from models.terms import Ending, end_pledge, pause_pledge, renew_pledge, resume_pledge
from tests.builders import a_child, a_coordinator, a_foster_parent, id_of
from tests.clock import MONDAY_MORNING
from tests.depth import depth
from tests.models.test_pledges_machine import changing


@dataclass
class Said:
    """What the model remembers of one month of a pledge."""

    reported: int = 0
    given: bool = False
    let_go: bool = False


@dataclass
class Promised:
    """A pledge as the model remembers it."""

    idr: int
    first: Month
    last: Month | None
    rests: list[tuple[Month, Month]] = field(default_factory=list)

    def counts(self, month: Month) -> bool:
        inside = self.first <= month and (self.last is None or month <= self.last)
        return inside and not any(first <= month <= last for first, last in self.rests)


class Ledgering(RuleBasedStateMachine):
    """The ledger against the model."""

    def __init__(self, database: Database, programme: Programme) -> None:
        super().__init__()
        self.database, self.programme = database, changing(programme)
        self.now = MONDAY_MORNING
        self.promised: dict[int, Promised] = {}
        self.said: dict[tuple[int, Month], Said] = {}
        self.states: dict[int, PayoutState] = {}

    @initialize()
    def begin(self) -> None:
        """Two children, three who give."""
        self.connection = self.database.engine.connect()
        self.transaction = self.connection.begin()
        self.session = Session(
            bind=self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        keys = self.database.keys
        self.children = [id_of(a_child(self.session)) for _ in range(2)]
        self.givers = [a_foster_parent(self.session, keys).person_id for _ in range(3)]
        self.coordinator = id_of(a_coordinator(self.session, keys))
        self.session.commit()

    def teardown(self) -> None:
        """Leave the database as it was."""
        if hasattr(self, "connection"):
            self.session.close()
            self.transaction.rollback()
            self.connection.close()

    @property
    def month(self) -> Month:
        return Month.of(local_day(self.now))

    def of(self, pledge_id: int, month: Month) -> Said:
        return self.said.setdefault((pledge_id, month), Said())

    def last_given(self, pledge_id: int) -> Month | None:
        months = [month for (id_, month), said in self.said.items() if id_ == pledge_id and said.given]
        return max(months, default=None)

    # --- what people do ---------------------------------------------------------------------------------------

    @rule(
        giver=st.integers(0, 2),
        child=st.integers(0, 1),
        idr=st.sampled_from([50_000, 150_000, 225_000, 450_000]),
        ahead=st.integers(0, 1),
        length=st.one_of(st.none(), st.integers(1, 4)),
    )
    def promise(self, giver: int, child: int, idr: int, ahead: int, length: int | None) -> None:
        first = self.month.plus(ahead)
        last = first.plus(length - 1) if length else None
        try:
            made = pledge(
                self.session,
                self.programme,
                self.now,
                foster_parent_id=self.givers[giver],
                child_id=self.children[child],
                monthly_idr=idr,
                term=Term(first, last),
            )
        except (FullySupported, AlreadyPledged):
            return
        decide_pledge(self.session, self.now, made.id or 0, by=self.coordinator, approved=True)
        owe(self.session, self.programme, made, local_day(self.now))
        self.promised[made.id or 0] = Promised(idr, first, last)

    @precondition(lambda self: self.promised)
    @rule(data=st.data(), ahead=st.integers(0, 1), months=st.integers(0, 4))
    def rest(self, data: st.DataObject, ahead: int, months: int) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.promised)))
        first = self.month.plus(ahead)
        try:
            pause_pledge(
                self.session, self.programme, self.now, id_, by=self.givers[0], first=first, months=months
            )
        except (AlreadyDecided, BadInput):
            return
        assert 1 <= months <= 3
        given = self.last_given(id_)
        assert given is None or given < first
        self.promised[id_].rests.append((first, first.plus(months - 1)))

    @precondition(lambda self: self.promised)
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.promised)))
        try:
            back = resume_pledge(self.session, self.programme, self.now, id_, by=self.givers[0])
        except (AlreadyDecided, FullySupported):
            return
        rests = self.promised[id_].rests
        first, last = next(rest for rest in rests if rest[1] >= self.month)
        rests.remove((first, last))
        if first <= self.month:
            rests.append((first, self.month))
        assert back == (self.month.plus(1) if first <= self.month else first)

    @precondition(lambda self: self.promised)
    @rule(data=st.data(), at_once=st.booleans())
    def end(self, data: st.DataObject, at_once: bool) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.promised)))
        wanted = self.month.plus(-1) if at_once else self.month
        try:
            end_pledge(
                self.session,
                self.programme,
                self.now,
                id_,
                by=self.givers[0],
                why=Ending.STOPPED,
                last_month=wanted,
            )
        except AlreadyDecided:
            return
        mine = self.promised[id_]
        last = max(wanted, self.last_given(id_) or mine.first.plus(-1))
        mine.last = last if mine.last is None else min(mine.last, last)

    @precondition(lambda self: self.promised)
    @rule(data=st.data(), length=st.one_of(st.none(), st.integers(1, 3)))
    def renew(self, data: st.DataObject, length: int | None) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.promised)))
        before = self.promised[id_].last
        first = max(before.plus(1), self.month) if before else self.month
        last = first.plus(length - 1) if length else None
        try:
            made = renew_pledge(self.session, self.programme, self.now, id_, by=self.givers[0], last=last)
        except RuleBroken:
            return
        self.promised[made.id or 0] = Promised(self.promised[id_].idr, first, last)

    # --- what is said about a month ---------------------------------------------------------------------------

    def some_payout(self, data: st.DataObject) -> Payout | None:
        ids = self.session.exec(select(Payout.id).order_by(col(Payout.id))).all()
        return self.session.get(Payout, data.draw(st.sampled_from(ids))) if ids else None

    @rule(data=st.data(), idr=st.integers(-1, 500_000))
    def report(self, data: st.DataObject, idr: int) -> None:
        if (payout := self.some_payout(data)) is None:
            return
        try:
            report_transfer(self.session, self.now, payout.id or 0, by=self.givers[0], amount_idr=idr)
        except (BadInput, AlreadyDecided):
            return
        assert idr > 0
        said = self.of(payout.pledge_id, payout.month)
        said.reported, said.given = said.reported + idr, True

    @rule(data=st.data(), what=st.sampled_from(["came", "missing", "short", "settled", "let go"]))
    def answer(self, data: st.DataObject, what: str) -> None:
        if (payout := self.some_payout(data)) is None:
            return
        id_, by, idr = payout.id or 0, self.coordinator, payout.amount_idr // 2
        before, came = payout.state, payout.received_idr
        try:
            match what:
                case "came":
                    confirm_receipt(self.session, self.now, id_, by=by)
                case "missing":
                    dispute(self.session, self.now, id_, by=by)
                case "short":
                    say_short(self.session, self.now, id_, by=by, received_idr=idr)
                case "settled":
                    settle(self.session, self.now, id_, by=by, received_idr=idr)
                case _:
                    waive(self.session, self.now, id_, by=by)
        except AlreadyDecided:
            return
        assert payout.state in FORWARD[before] or (what in {"missing", "short"} and payout.state is before)
        if what == "missing" and before is PayoutState.SHORT:
            assert payout.received_idr == came  # what came before does not un-come
        if what == "let go":
            self.of(payout.pledge_id, payout.month).let_go = True
        if what in {"came", "short"}:  # perhaps before anybody reported it
            self.of(payout.pledge_id, payout.month).given = True

    @rule(days=st.sampled_from([1, 9, 25, 31]))
    def time_passes(self, days: int) -> None:
        for _ in range(days):
            day = local_day(self.now).toordinal() + 1
            self.now = local_instant(
                datetime.fromordinal(day).date(), datetime.min.time(), self.programme.zone
            )
            if local_day(self.now).day in {1, 28}:
                self.plan()
        self.plan()

    def plan(self) -> None:
        """What the schedule does."""
        end_terms(self.session, self.now, self.month)
        for month in (self.month.plus(-1), self.month, self.month.plus(1)):
            open_month(self.session.connection(), self.programme, month)

    # --- what always holds ------------------------------------------------------------------------------------

    @invariant()
    def a_months_due_is_what_its_pledges_promise(self) -> None:
        if not hasattr(self, "session"):
            return
        for month in Month(2025, 10).until(self.month):
            expected = sum(
                p.idr
                for id_, p in self.promised.items()
                if p.counts(month) and not self.of(id_, month).let_go
            )
            found = ledger(self.session, self.programme, month, local_day(self.now), true())
            assert found.owed_idr == expected, month

    @invariant()
    def every_state_is_the_last_move_and_every_rupiah_was_reported(self) -> None:
        if not hasattr(self, "session"):
            return
        for payout in self.session.exec(select(Payout)):
            query = select(PayoutMove).where(PayoutMove.payout_id == payout.id).order_by(col(PayoutMove.id))
            moves = self.session.exec(query).all()
            assert payout.state is (moves[-1].after if moves else PayoutState.DUE)
            for move in moves:
                assert move.after is move.before or move.after in FORWARD[move.before]
            assert payout.reported_idr == self.of(payout.pledge_id, payout.month).reported
            before = self.states.get(payout.id or 0, PayoutState.DUE)
            assert payout.state is before or _reachable(before, payout.state)
            self.states[payout.id or 0] = payout.state

    @invariant()
    def nothing_is_owed_to_a_child_beyond_what_was_promised(self) -> None:
        if not hasattr(self, "session"):
            return
        for child_id in self.children:
            child = self.session.get_one(Child, child_id)
            living = select(Pledge.id).where(Pledge.child_id == child.id, Pledge.state == PledgeState.ACTIVE)
            ids = [id_ for id_ in self.session.exec(living).all() if id_ in self.promised]
            for month in self.month.until(self.month.plus(4)):
                given = sum(self.promised[id_].idr for id_ in ids if self.promised[id_].counts(month))
                most = max(self.programme.monthly_idr(m) for m in Month(2025, 10).until(month))
                assert given <= most, month


def _reachable(before: PayoutState, after: PayoutState) -> bool:
    return any(step is after or _reachable(step, after) for step in FORWARD[before])


@pytest.mark.slow
def test_the_ledger_agrees_with_its_promises_whatever_happens(
    database: Database, programme: Programme
) -> None:
    class Here(Ledgering):
        def __init__(self) -> None:
            super().__init__(database, programme)

    examples = depth(15, thorough=40)
    run_state_machine_as_test(Here, settings=settings(max_examples=examples, stateful_step_count=30))
