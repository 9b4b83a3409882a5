"""The demo's children and their guardians."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle

from bot.demo.material import material
from models.children import Child, ChildStatus, Guardian, Severity, Sex
from models.keys import KeyRing
from models.months import Month, whole_months
from models.programme import Programme

CHILDREN = 237
"""Children on the list, as in Belitung on 12 October 2025."""

LEFT = 18
"""Children who graduated or moved in the year before; not on the list."""

SEVERE, MODERATE = 52, 142
"""22 % and 60 % of the list; the rest is at risk."""

INVENTED_REGION = "990101"
"""No province has the code 99."""


@dataclass(frozen=True, slots=True)
class Family:
    """A child with its guardian, not yet written; `number` is that of its code."""

    number: int
    child: Child
    guardian: Guardian


def child_code(programme: Programme, number: int) -> str:
    """Return the public code of the `number`-th child."""
    return f"{programme.district.code_prefix}-{number:03d}"


def invented_phone(number: int) -> str:
    """Return +62 800-0000-xxxx; 1-999 are the cast's."""
    return f"+628000000{number:04d}"


def area_sizes(programme: Programme) -> dict[str, int]:
    """Return how many of the children live in each area.

    An area's population grows faster than its number of desa, because larger ones have larger desa: the square
    of that number comes near Belitung's shares. Every desa has at least one child.
    """
    weights = {area.name: len(area.villages) ** 2 for area in programme.areas}
    sizes = {name: CHILDREN * weight // sum(weights.values()) for name, weight in weights.items()}
    largest = max(sizes, key=lambda name: sizes[name])
    return sizes | {largest: sizes[largest] + CHILDREN - sum(sizes.values())}


def families(programme: Programme, keys: KeyRing, now: datetime, today: date) -> list[Family]:
    """Return 237 children on the list and 18 who left, in the order in which they came onto it."""
    rnd = random.Random("genting demo: families")  # noqa: S311 - invented people, the same every time
    days = _listing_days(rnd, today)
    leaving = _leaving(rnd, len(days))
    places = _places(rnd, programme)
    severities = _severities(rnd)
    names = _names(rnd)
    found = []
    for number, listed_on in enumerate(days, start=1):
        area, village = next(places) if number not in leaving else _somewhere(rnd, programme)
        severity = next(severities) if number not in leaving else Severity.MODERATE
        sex = rnd.choice(list(Sex))
        born_on = _born_on(rnd, listed_on, today)
        child = Child(
            code=child_code(programme, number),
            name=next(names),
            nik=None if rnd.random() < 0.1 else _nik(born_on, sex, number),
            sex=sex,
            born_on=born_on,
            area=area,
            village=village,
            address=f"Jalan Contoh No. {number}",
            status=ChildStatus.AT_RISK if severity is Severity.NONE else ChildStatus.STUNTED,
            severity=severity,
            listed_on=listed_on,
            created_at=min(now, datetime.combine(listed_on, time(10), programme.zone)),
        )
        child.nik_index = child.nik and keys.index(child.nik)
        if number in leaving:
            child.left_on = _first_of_month_before(today, leaving[number])
            child.status = ChildStatus.MOVED if number % 4 == 0 else ChildStatus.GRADUATED
        found.append(Family(number, child, _guardian(rnd, keys, number)))
    return found


def has_joined(family: Family) -> bool:
    """Tell whether a family has joined by chat: the cast's as the cast says, three in five of the others."""
    if family.child.left_on is not None:
        return False
    if family.number in material().member("family").children:
        return True
    return family.number % 5 < 3 and family.number not in material().member("family_invited").children


def _listing_days(rnd: random.Random, today: date) -> list[date]:
    """Return the days of entry: 18 before the year, 60 in its first month, the others until last month."""
    before = [today - timedelta(days=rnd.randint(370, 480)) for _ in range(LEFT)]
    first = [today - timedelta(days=rnd.randint(335, 364)) for _ in range(60)]
    rest = [today - timedelta(days=rnd.randint(today.day + 7, 334)) for _ in range(CHILDREN - len(first))]
    return sorted(before + first + rest)


def _leaving(rnd: random.Random, children: int) -> dict[int, int]:
    """Return who leaves (the first LEFT on the list, but for those whom the cast needs), and months ago."""
    needed = {number for member in material().cast for number in member.children}
    numbers = [number for number in range(1, children + 1) if number not in needed][:LEFT]
    rnd.shuffle(numbers)
    return {number: 1 + index % 10 for index, number in enumerate(numbers)}


def _first_of_month_before(today: date, months: int) -> date:
    return Month.of(today).plus(1 - months).first_day


def _places(rnd: random.Random, programme: Programme) -> Iterator[tuple[str, str]]:
    """Yield a place for each child on the list: every desa of an area in turn, areas shuffled."""
    sizes = area_sizes(programme)
    places = []
    for area in programme.areas:
        villages = cycle(area.villages)
        places += [(area.name, next(villages)) for _ in range(sizes[area.name])]
    rnd.shuffle(places)
    return iter(places)


def _somewhere(rnd: random.Random, programme: Programme) -> tuple[str, str]:
    area = rnd.choice(programme.areas)
    return area.name, rnd.choice(area.villages)


def _severities(rnd: random.Random) -> Iterator[Severity]:
    severities = [Severity.SEVERE] * SEVERE + [Severity.MODERATE] * MODERATE
    severities += [Severity.NONE] * (CHILDREN - len(severities))
    rnd.shuffle(severities)
    return iter(severities)


def _names(rnd: random.Random) -> Iterator[str]:
    """Yield different names: two words of the sea and the wood, and the family name."""
    words, family = material().names.children, material().names.family
    pairs = [f"{one} {other} {family}" for one in words for other in words if one < other]
    rnd.shuffle(pairs)
    return iter(pairs)


def _born_on(rnd: random.Random, listed_on: date, today: date) -> date:
    """Return a birth date: 3 to 59 months ago, and at least a month before the child was listed."""
    youngest = max(3, whole_months(listed_on, today) + 2)
    months = rnd.randint(youngest, 59)
    month = Month.of(today).plus(-months)
    same_day = date(month.year, month.month, min(today.day, 28))
    return same_day - timedelta(days=rnd.randint(0, 27))


def _nik(born_on: date, sex: Sex, number: int) -> str:
    day = born_on.day + (40 if sex is Sex.FEMALE else 0)
    return f"{INVENTED_REGION}{day:02d}{born_on:%m%y}{number:04d}"


def _guardian(rnd: random.Random, keys: KeyRing, number: int) -> Guardian:
    names = material().names
    relation = rnd.choices(["mother", "father", "guardian"], [85, 9, 6])[0]
    first = rnd.choice(names.men if relation == "father" else names.women)
    name, phone = f"{first} {rnd.choice(names.second)} {names.family}", invented_phone(1000 + number)
    for played in (material().member("family"), material().member("family_invited")):
        if number in played.children:
            name, phone, relation = played.name, played.phone, "mother"
    return Guardian(name=name, phone=phone, phone_index=keys.index(phone), relation=relation)
