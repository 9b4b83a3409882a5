"""Invariant 1 beside a model in plain Python: whatever happens in whatever order, the sums agree.

The machine promises, approves, rejects, lapses, ends terms and lets days pass, on both databases. The model knows
only months and sums: what a child is given in each month, one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from models.children import ChildStatus
from models.database import Database
from models.errors import (
    AlreadyDecided,
    AlreadyPledged,
    BadInput,
    FullySupported,
    NotAdoptable,
    NotEntitled,
    RuleBroken,
)
from models.months import Month, local_day
from models.people import Standing
from models.pledges import (
    PENDING_LASTS,
    Pledge,
    PledgeState,
    Term,
    decide_pledge,
    end_terms,
    lapse_pledges,
    pledge,
    still_needed,
)
from models.programme import Amount, Programme
from tests.builders import a_child, a_coordinator, a_foster_parent, id_of
from tests.clock import MONDAY_MORNING
from tests.depth import depth

HORIZON = Month(2025, 10).until(Month(2027, 12))
"""A promise without an end is followed so far; every amount and every end lies well before."""

AMOUNTS = (("2025-10", 450_000), ("2026-01", 500_000), ("2026-04", 400_000))

shares = st.one_of(st.sampled_from([50_000, 150_000, 225_000, 400_000, 450_000]), st.integers(-1, 510_000))
lengths = st.one_of(st.none(), st.integers(1, 12))


def changing(programme: Programme) -> Programme:
    """Return Belitung's programme with an amount that grows and shrinks."""
    amounts = tuple(Amount.model_validate({"from": first, "monthly_idr": idr}) for first, idr in AMOUNTS)
    return programme.model_copy(update={"aid": programme.aid.model_copy(update={"amounts": amounts})})


@dataclass
class Promise:
    """A pledge as the model remembers it."""

    child: int
    giver: int
    idr: int
    months: set[Month]
    last: Month | None
    state: PledgeState
    pledged_at: datetime

    def counts(self, now: datetime) -> bool:
        waits = self.state is PledgeState.PENDING and now < self.pledged_at + PENDING_LASTS
        return waits or self.state is PledgeState.ACTIVE


class Pledging(RuleBasedStateMachine):
    """The rules against the model."""

    def __init__(self, database: Database, programme: Programme) -> None:
        super().__init__()
        self.database, self.programme = database, changing(programme)
        self.now = MONDAY_MORNING
        self.promises: dict[int, Promise] = {}

    @initialize()
    def begin(self) -> None:
        """Two children who wait, one who graduated; four who may give, one who may not."""
        self.connection = self.database.engine.connect()
        self.transaction = self.connection.begin()
        self.session = Session(
            bind=self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        keys = self.database.keys
        self.waiting = [id_of(a_child(self.session)) for _ in range(2)]
        self.gone = id_of(a_child(self.session, status=ChildStatus.GRADUATED))
        self.givers = [a_foster_parent(self.session, keys).person_id for _ in range(4)]
        self.unverified = a_foster_parent(self.session, keys, standing=Standing.PENDING).person_id
        self.coordinator = id_of(a_coordinator(self.session, keys))
        self.session.commit()

    def teardown(self) -> None:
        """Leave the database as it was."""
        if hasattr(self, "connection"):
            self.session.close()
            self.transaction.rollback()
            self.connection.close()

    # --- the model ------------------------------------------------------------------------------------------

    @property
    def month(self) -> Month:
        return Month.of(local_day(self.now))

    def amount(self, month: Month) -> int:
        return [idr for first, idr in AMOUNTS if first <= str(month) or first == AMOUNTS[0][0]][-1]

    def given(self, child: int, month: Month) -> int:
        return sum(
            p.idr
            for p in self.promises.values()
            if p.child == child and month in p.months and p.counts(self.now)
        )

    def free(self, child: int, months: set[Month]) -> int:
        return max(0, min(self.amount(month) - self.given(child, month) for month in months))

    def expected(
        self, child: int, giver: int, idr: int, months: set[Month]
    ) -> type[RuleBroken | BadInput] | None:
        mine = [p for p in self.promises.values() if (p.child, p.giver) == (child, giver)]
        refusals: list[tuple[bool, type[RuleBroken | BadInput]]] = [
            (child == self.gone, NotAdoptable),
            (giver == self.unverified, NotEntitled),
            (idr <= 0 or min(months) < self.month, BadInput),
            (any(p.counts(self.now) and p.months & months for p in mine), AlreadyPledged),
            (idr > self.free(child, months), FullySupported),
        ]
        return next((refusal for refused, refusal in refusals if refused), None)

    # --- what happens ---------------------------------------------------------------------------------------

    @rule(
        who=st.integers(0, 4),
        which=st.integers(0, 9),
        idr=shares,
        start=st.integers(-1, 6),
        length=lengths,
    )
    def promise(self, who: int, which: int, idr: int, start: int, length: int | None) -> None:
        giver = [*self.givers, self.unverified][who]
        child = self.gone if which == 9 else self.waiting[which % 2]
        first = self.month.plus(start)
        last = None if length is None else first.plus(length - 1)
        months = {month for month in [first, *HORIZON] if first <= month and (last is None or month <= last)}
        expected = self.expected(child, giver, idr, months)
        refusal: RuleBroken | BadInput | None = None
        try:
            with self.session.begin_nested():
                promised = pledge(
                    self.session,
                    self.programme,
                    self.now,
                    foster_parent_id=giver,
                    child_id=child,
                    monthly_idr=idr,
                    term=Term(first, last),
                )
        except (RuleBroken, BadInput) as refused:
            refusal = refused
        assert (type(refusal) if refusal else None) is expected
        if isinstance(refusal, FullySupported):
            assert refusal.still_needed_idr == self.free(child, months)
        if refusal is None:
            self.promises[id_of(promised)] = Promise(
                child, giver, idr, months, last, PledgeState.PENDING, self.now
            )

    @rule(which=st.integers(0, 1000), approved=st.booleans())
    def decide(self, which: int, approved: bool) -> None:
        if not self.promises:
            return
        number = sorted(self.promises)[which % len(self.promises)]
        mine = self.promises[number]
        decidable = mine.state is PledgeState.PENDING and mine.counts(self.now)
        try:
            with self.session.begin_nested():
                decide_pledge(self.session, self.now, number, by=self.coordinator, approved=approved)
        except AlreadyDecided:
            assert not decidable
        else:
            assert decidable
            mine.state = PledgeState.ACTIVE if approved else PledgeState.REJECTED

    @rule()
    def lapse(self) -> None:
        old = {
            number
            for number, p in self.promises.items()
            if p.state is PledgeState.PENDING and not p.counts(self.now)
        }
        assert {found.id for found in lapse_pledges(self.session, self.now)} == old
        self.session.flush()
        for number in old:
            self.promises[number].state = PledgeState.LAPSED

    @rule()
    def end(self) -> None:
        over = [
            p
            for p in self.promises.values()
            if p.state is PledgeState.ACTIVE and p.last is not None and p.last < self.month
        ]
        assert end_terms(self.session, self.now, self.month) == len(over)
        for p in over:
            p.state = PledgeState.ENDED

    @rule(days=st.sampled_from([1, 6, 7, 31]), seconds=st.integers(-1, 1))
    def wait(self, days: int, seconds: int) -> None:
        if self.month < Month(2026, 10):  # the horizon stays far away
            self.now += timedelta(days=days, seconds=seconds)

    # --- what always holds ----------------------------------------------------------------------------------

    @invariant()
    def no_month_is_promised_more_than_the_programme_gives(self) -> None:
        for child in getattr(self, "waiting", []):
            rows = self.session.exec(select(Pledge).where(Pledge.child_id == child)).all()
            for month in HORIZON:
                promised = sum(
                    row.monthly_idr
                    for row in rows
                    if row.first_month <= month
                    and (row.last_month is None or month <= row.last_month)
                    and (
                        row.state is PledgeState.ACTIVE
                        or (row.state is PledgeState.PENDING and (row.expires_at or self.now) > self.now)
                    )
                )
                assert promised <= self.amount(month)
                assert promised == self.given(child, month)

    @invariant()
    def what_is_still_needed_agrees_to_the_rupiah(self) -> None:
        for child in getattr(self, "waiting", []):
            for term in (Term(self.month, self.month), Term(self.month.plus(1), self.month.plus(4))):
                assert term.last is not None
                needed = still_needed(self.session, self.programme, self.now, child, term)
                assert needed == self.free(child, set(term.first.until(term.last)))

    @invariant()
    def every_pledge_stands_where_the_model_has_it(self) -> None:
        if hasattr(self, "session"):
            self.session.expire_all()
            rows = self.session.exec(select(Pledge.id, Pledge.state).order_by(col(Pledge.id))).all()
            assert dict(rows) == {number: p.state for number, p in self.promises.items()}


@pytest.mark.slow
def test_no_order_of_events_overbooks_a_child(database: Database, programme: Programme) -> None:
    class Here(Pledging):
        def __init__(self) -> None:
            super().__init__(database, programme)

    run_state_machine_as_test(
        Here, settings=settings(max_examples=depth(20, thorough=60), stateful_step_count=50)
    )
