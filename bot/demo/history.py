"""The year's promises, planned: who promised what for which child, for which months.

Nothing here touches a database. Support grows month by month until, in the demo's month, 92 children are fully
and 20 partly supported. The programme's monthly amount must be one and the same over the demo's year.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from bot.demo.families import Family
from bot.demo.material import material
from bot.demo.staff import Asn, Giver, asn_giver, asn_givers, partner_givers
from models.children import SEVERITY_RANK
from models.months import Month
from models.pledges import PledgeState
from models.programme import Programme

STARTS = (4, 5, 6, 7, 8, 8, 9, 9, 10, 9, 9, 8)
"""How many children begin to be fully supported in each month of the year, up to this one."""

FULLY_SUPPORTED = sum(STARTS)
PARTLY_SUPPORTED = 20
SUPPORTED_BEFORE = 8
"""Children whose support has run out."""

PENDING_FOR_DAYS = (1, 2, 3, 5)
"""Pledges that wait for the coordinator, and since how many days (they lapse after seven)."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One pledge to be written."""

    family: Family
    giver: Giver
    monthly_idr: int
    first: Month
    last: Month | None
    state: PledgeState
    pledged_on: date


class Planner:
    """Plans the year that ends on `today`."""

    def __init__(self, programme: Programme, families: list[Family], staff: list[Asn], today: date) -> None:
        self._rnd = random.Random("genting demo: history")  # noqa: S311 - invented, the same every time
        self._programme = programme
        self._today = today
        self._this = Month.of(today)
        self._monthly = programme.monthly_idr(self._this)
        self._step = programme.aid.share_step_idr
        self._families = families
        self._asn = asn_givers(staff)
        self._foster_parent = asn_giver(staff[0])
        self._promises: list[Promise] = []
        self._taken: set[int] = set()

    def plan(self) -> list[Promise]:
        """Return every promise of the year."""
        self._the_casts_children()
        partners = self._partners()
        for offset, starts in enumerate(STARTS, start=1 - len(STARTS)):
            month = self._this.plus(offset)
            already = sum(1 for first in self._cast_starts() if first == month)
            for family in self._choose(month, starts - already):
                self._support_fully(family, month, partners)
        self._those_who_left()
        partly = self._partly()
        self._run_out()
        self._undecided(partly)
        return self._promises

    def _cast_starts(self) -> list[Month]:
        return [self._this.plus(-2), self._this.plus(-1)]

    def _the_casts_children(self) -> None:
        """The cast's foster parent has one whole child by rounds, and shares another with a colleague."""
        whole, shared = (self._family(number) for number in material().member("foster_parent").children)
        first, second = self._cast_starts()
        half = self._monthly // 2 // self._step * self._step
        self._promise_on(whole, self._foster_parent, self._monthly, self._terms("round", first))
        self._promise_on(shared, self._foster_parent, self._monthly - half, self._terms("graduation", second))
        self._promise_on(shared, next(self._asn), half, self._terms("year", second))
        self._taken |= {whole.number, shared.number}

    def _family(self, number: int) -> Family:
        return next(family for family in self._families if family.number == number)

    def _partners(self) -> Iterator[Giver]:
        """Yield a partner for each child that partners support, in a mixed order."""
        givers = [giver for giver, children in partner_givers() for _ in range(children)]
        self._rnd.shuffle(givers)
        return iter(givers)

    def _choose(self, month: Month, count: int) -> list[Family]:
        """Choose children who were on the list in time: severe ones tend to come first, as in /adopsi."""
        waiting = [
            family
            for family in self._families
            if family.child.left_on is None
            and family.number not in self._taken
            and family.child.listed_on < month.last_day - timedelta(days=5)
        ]
        waiting.sort(key=lambda f: (SEVERITY_RANK[f.child.severity] + self._rnd.random() * 6, f.number))
        chosen = waiting[:count]
        self._taken |= {family.number for family in chosen}
        return chosen

    def _support_fully(self, family: Family, month: Month, partners: Iterator[Giver]) -> None:
        """One giver, a partner, or two or three colleagues."""
        way = self._rnd.choices(["one", "partner", "two", "three"], [32, 30, 28, 10])[0]
        if way == "partner" and (partner := next(partners, None)):
            self._promise_on(family, partner, self._monthly, self._terms("year", month))
            return
        parts = {"two": 2, "three": 3}.get(way, 1)
        for share in self._shares(self._monthly, parts):
            self._promise_on(family, next(self._asn), share, self._terms(self._kind(), month))

    def _shares(self, total: int, parts: int) -> list[int]:
        """Split an amount by the programme's step, unevenly."""
        steps = total // self._step
        cuts = sorted(self._rnd.sample(range(2, steps - 1), parts - 1)) if parts > 1 else []
        ends = [0, *(cut * self._step for cut in cuts), total]
        return [after - before for before, after in pairwise(ends)]

    def _kind(self) -> str:
        return self._rnd.choices(["round", "half year", "year", "graduation"], [35, 25, 20, 20])[0]

    def _terms(self, kind: str, first: Month) -> list[tuple[Month, Month | None]]:
        """Return the terms, each renewing the one before, that reach from `first` to this month."""
        if kind == "graduation":
            return [(first, None)]
        terms: list[tuple[Month, Month | None]] = []
        while first <= self._this:
            last = {"half year": first.plus(5), "year": first.plus(11)}.get(kind) or self._round_end(first)
            terms.append((first, last))
            first = last.plus(1)
        return terms

    def _round_end(self, first: Month) -> Month:
        """Return the end of the round in which a month lies; before there were rounds, three months."""
        if round_ := self._programme.round_of(first):
            return round_.last_month
        ahead = [r.first_month.plus(-1) for r in self._programme.rounds if r.first_month > first]
        return min([first.plus(2), *ahead])

    def _promise_on(
        self, family: Family, giver: Giver, monthly_idr: int, terms: list[tuple[Month, Month | None]]
    ) -> None:
        for first, last in terms:
            ended = last is not None and last < self._this
            state = PledgeState.ENDED if ended else PledgeState.ACTIVE
            self._promises.append(
                Promise(family, giver, monthly_idr, first, last, state, self._pledged_on(family, first))
            )

    def _pledged_on(self, family: Family, first: Month) -> date:
        """Return a day shortly before (or early in) the first month, after the child was listed."""
        wanted = first.first_day - timedelta(days=self._rnd.randint(-3, 12))
        latest = min(first.last_day, self._today - timedelta(days=1))
        return min(max(wanted, family.child.listed_on + timedelta(days=1)), latest)

    def _those_who_left(self) -> None:
        """Children who graduated or moved were supported until then."""
        for family in self._families:
            left_on = family.child.left_on
            if left_on is not None:
                first = min(self._this.plus(1 - len(STARTS)), Month.of(left_on).plus(-1))
                for share in self._shares(self._monthly, self._rnd.randint(1, 2)):
                    self._promise_on(family, next(self._asn), share, [(first, Month.of(left_on).plus(-1))])

    def _partly(self) -> list[Family]:
        """Some colleagues have begun, and others are still looked for."""
        families = self._choose(self._this, PARTLY_SUPPORTED)
        for family in families:
            part = self._step * self._rnd.randint(3, self._monthly // self._step - 2)
            latest = Month.of(family.child.listed_on).distance(self._this)
            first = self._this.plus(-self._rnd.randint(0, max(0, min(5, latest - 1))))
            self._promise_on(family, next(self._asn), part, self._terms(self._kind(), first))
        return families

    def _run_out(self) -> None:
        """Some were supported for a while; nobody has renewed yet."""
        for family in self._choose(self._this.plus(-5), SUPPORTED_BEFORE):
            last = self._this.plus(-self._rnd.randint(1, 3))
            self._promise_on(family, next(self._asn), self._step * 4, [(last.plus(-2), last)])

    def _undecided(self, partly: list[Family]) -> None:
        """Pledges that wait for the coordinator, the first filling up a shared child; one refused, one lapsed."""
        waiting = [partly[0], *self._choose(self._this.plus(-2), len(PENDING_FOR_DAYS) + 1)]
        given = sum(
            p.monthly_idr for p in self._promises if p.family is partly[0] and p.state is PledgeState.ACTIVE
        )
        amounts = [self._monthly - given, self._monthly, self._step * 5, self._monthly]
        for family, amount, days in zip(waiting, amounts, PENDING_FOR_DAYS, strict=False):
            self._undecided_on(family, amount, PledgeState.PENDING, days)
        self._undecided_on(waiting[-2], self._monthly, PledgeState.REJECTED, 24)
        self._undecided_on(waiting[-1], self._step * 3, PledgeState.LAPSED, 12)

    def _undecided_on(self, family: Family, monthly_idr: int, state: PledgeState, days: int) -> None:
        day = self._today - timedelta(days=days)
        first = self._this if state is PledgeState.PENDING else Month.of(day)
        self._promises.append(
            Promise(family, next(self._asn), monthly_idr, first, self._round_end(first), state, day)
        )
