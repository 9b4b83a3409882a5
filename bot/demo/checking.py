"""The demo's check-ins: what families that have joined answered in the past half year.

A child that is supported eats more kinds of food as the months go by, one that waits stays where it was; every fifth
family lets a month pass.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot.demo.material import material
from models.checkins import CheckIn
from models.children import Child
from models.months import Month, local_day, whole_months
from models.nutrition import DIVERSITY_BELOW, EXCLUSIVE_BELOW, FoodGroup, Illness
from models.pledges import Pledge, PledgeState
from models.programme import Programme

MONTHS_ASKED = 6
ANSWERED = 0.8
ILL = {Illness.DIARRHOEA: 0.08, Illness.COUGH: 0.2, Illness.FEVER: 0.1}
POSYANDU = 0.8

BESIDE_RICE = (
    FoodGroup.OTHER_PRODUCE,
    FoodGroup.FLESH,
    FoodGroup.VITAMIN_A,
    FoodGroup.PULSES,
    FoodGroup.EGGS,
    FoodGroup.DAIRY,
)
"""What is eaten beside rice and breast milk, the usual first."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A family that has joined: its child, the person who answers, and since when."""

    child: Child
    person_id: int
    since: date


def write_check_ins(
    session: Session, programme: Programme, joined: list[Joined], pledges: list[Pledge], now: datetime
) -> None:
    """Write the answers of the months in which a family had joined and was asked, this one's too if it has been."""
    rnd = random.Random("genting demo: check-ins")  # noqa: S311 - invented, the same every time
    this = Month.of(local_day(now, programme.zone))
    helped = _months_of_help(pledges, this)
    for family in joined:
        mine = helped[family.child.id or 0]
        always = family.child.code.endswith(f"-{material().member('family').children[0]:03d}")
        for ago in range(MONTHS_ASKED, -1, -1):
            month = this.plus(-ago)
            asked = datetime.combine(month.day(programme.schedule.checkin_day), time(8), programme.zone)
            answered_at = asked + timedelta(hours=rnd.randint(0, 60), minutes=rnd.randint(1, 59))
            answers = rnd.random() < ANSWERED or always
            if answers and answered_at < now and family.since < asked.date():
                session.add(_check_in(rnd, family, month, answered_at, mine))
    session.flush()


def _months_of_help(pledges: list[Pledge], this: Month) -> defaultdict[int, set[Month]]:
    """Return the months in which somebody gave, by child."""
    helped: defaultdict[int, set[Month]] = defaultdict(set)
    for pledge in pledges:
        if pledge.state in {PledgeState.ACTIVE, PledgeState.ENDED}:
            last = min(this, pledge.last_month) if pledge.last_month else this
            helped[pledge.child_id].update(pledge.first_month.until(last))
    return helped


def _check_in(
    rnd: random.Random, family: Joined, month: Month, answered_at: datetime, months_of_help: set[Month]
) -> CheckIn:
    """Make one month's answers."""
    age = whole_months(family.child.born_on, answered_at.date())
    helped = len([one for one in months_of_help if one <= month]) if month in months_of_help else 0
    row = CheckIn(
        child_id=family.child.id or 0,
        month=month,
        answered_by=family.person_id,
        answered_at=answered_at,
        illnesses=",".join(illness for illness in Illness if rnd.random() < ILL[illness]),
        posyandu=rnd.random() < POSYANDU,
        bought="food,milk" if helped > 1 else "food" if helped else "",
    )
    if age < EXCLUSIVE_BELOW:
        row.food_groups, row.exclusive_breastfeeding = FoodGroup.BREAST_MILK.value, rnd.random() < 0.6
    else:
        eaten = {FoodGroup.GRAINS, *_eaten(rnd, age, helped)}
        row.food_groups = ",".join(group for group in FoodGroup if group in eaten)
    return row


def _eaten(rnd: random.Random, age: int, helped: int) -> Iterator[FoodGroup]:
    """What is eaten beside rice: two or three groups without help, one more with every second month of it."""
    count = rnd.choice((2, 2, 3)) + min(helped, 6) // 2
    if age < DIVERSITY_BELOW:
        yield FoodGroup.BREAST_MILK
        count -= 1
    usual = sorted(BESIDE_RICE, key=lambda group: BESIDE_RICE.index(group) + rnd.random() * 3)
    yield from usual[:count]
