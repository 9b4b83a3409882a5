"""Calendar months, the unit in which the programme promises, pays and asks."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
"""Where the programme lives: UTC+7, no daylight saving."""


def local_day(instant: datetime, zone: ZoneInfo = WIB) -> date:
    """Return the calendar day on which `instant` (aware) falls in `zone`."""
    return instant.astimezone(zone).date()


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; `Month(2026, 1)` reads and writes as `2026-01`.

    Raises ValueError for a year outside 1900-2999 or a month outside 1-12.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1900 <= self.year <= 2999 and 1 <= self.month <= 12):
            raise ValueError(f"no such month: {self.year}-{self.month}")

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month of a calendar day."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-01`. Raises ValueError for anything else, and for years before 2000: there was no programme."""
        if not re.fullmatch(r"2[0-9]{3}-[0-9]{2}", text):
            raise ValueError(f"not a month like 2026-01: {text!r}")
        return cls(int(text[:4]), int(text[5:]))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def plus(self, months: int) -> "Month":
        """Return the month that many months later (earlier when negative)."""
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def until(self, last: "Month") -> list["Month"]:
        """Return every month from this one to `last`, both included (empty when `last` is earlier)."""
        return [self.plus(i) for i in range(self.distance(last) + 1)]

    def distance(self, later: "Month") -> int:
        """Return how many months `later` lies after this one."""
        return (later.year - self.year) * 12 + later.month - self.month

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    def day(self, number: int) -> date:
        """Return the `number`-th day (1-31), or the last one when the month is shorter."""
        return date(self.year, self.month, min(number, self.last_day.day))

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of an hour of a local day."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def whole_months(since: date, until: date) -> int:
    """Return the completed months between two days (an age in months, a wait in months), never below 0."""
    months = (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)
    return max(0, months)
