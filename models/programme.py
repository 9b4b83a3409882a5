"""The programme's settings, read from `programme.toml`: amounts, rounds, areas, hours.

Another district runs the same bot by another file; no rule knows Belitung.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from models.errors import BadInput, ConfigurationError
from models.months import Month
from models.people import FosterKind


def _month(value: Any) -> Month:
    return value if isinstance(value, Month) else Month.parse(str(value))


MonthField = Annotated[Month, BeforeValidator(_month)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class District(_Frozen):
    """Who runs the programme. `code_prefix` begins every child's public code."""

    name: str
    code_prefix: str = Field(pattern=r"^[A-Z]{2,5}$")
    timezone: str
    target_children: int = Field(ge=1)

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"no time zone {name!r}; Indonesia has Asia/Jakarta, Makassar, Jayapura"
            ) from None
        return name


class ContactPoint(_Frozen):
    """Where a person finds a person; empty means there is none."""

    office: str = ""
    phone: str = ""
    privacy: str = ""


class Letterhead(_Frozen):
    """What stands above and below a report on paper; all of it may be left out."""

    lines: tuple[str, ...] = ()
    place: str = ""
    signed_by: str = ""


class QuietHours(_Frozen):
    """Self-started messages leave only from `opens` (included) until `closes` (excluded), local time."""

    opens: time = Field(alias="from")
    closes: time = Field(alias="until")

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("messages leave from the earlier hour until the later one of the same day")
        return self


class Amount(_Frozen):
    """What a child needs each month, in whole rupiah, from `first_month` on."""

    first_month: MonthField = Field(alias="from")
    monthly_idr: int = Field(gt=0)


class Aid(_Frozen):
    """How aid is given. Amounts grow by appending."""

    kinds: tuple[str, ...]
    default_kind: str
    smallest_share_idr: int = Field(gt=0)
    share_step_idr: int = Field(gt=0)
    amounts: tuple[Amount, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.default_kind not in self.kinds:
            raise ValueError(f"default_kind {self.default_kind!r} is not one of the kinds")
        if len({amount.first_month for amount in self.amounts}) != len(self.amounts):
            raise ValueError("two amounts begin in the same month")
        return self


class Timetable(_Frozen):
    """When the month's events fall. A day that a month lacks (the 31st) is its last day.

    `payout_day` is when a month's aid is due; on `checkin_day` families are asked about nutrition, on
    `visit_day` foster parents without a visit this month are reminded. Reminders leave from `remind_at` on;
    pledges are asked for renewal `renew_days` before their term ends.
    """

    payout_day: int = Field(default=10, ge=1, le=31)
    checkin_day: int = Field(default=20, ge=1, le=31)
    visit_day: int = Field(default=15, ge=1, le=31)
    remind_at: time = time(8)
    renew_days: int = Field(default=21, ge=1, le=90)


_DAY = "a day of the month is wanted, 1 to 31, like 10"
_KINDLY = {
    "payout_day": _DAY,
    "checkin_day": _DAY,
    "visit_day": _DAY,
    "remind_at": 'an hour is wanted, like "08:00"',
    "renew_days": "whole days are wanted, 1 to 90, like 21",
}
"""What is said of a wrong line of the timetable."""


class Round(_Frozen):
    """A span of months for which support is promised and then renewed."""

    name: str
    first_month: MonthField
    last_month: MonthField

    @model_validator(mode="after")
    def _begins_first(self) -> Self:
        if self.last_month < self.first_month:
            raise ValueError(f"round {self.name} ends before it begins")
        return self


class Campaign(_Frozen):
    """A promise to find support for so many children among some kinds of foster parent, within some months."""

    name: str
    kinds: tuple[FosterKind, ...] = Field(min_length=1)
    children: int = Field(ge=1)
    first_month: MonthField
    last_month: MonthField

    @model_validator(mode="after")
    def _begins_first(self) -> Self:
        if self.last_month < self.first_month:
            raise ValueError(f"campaign {self.name} ends before it begins")
        return self


class Area(_Frozen):
    """A kecamatan with its desa and kelurahan."""

    name: str
    also: tuple[str, ...] = ()
    villages: tuple[str, ...]


class Programme(_Frozen):
    """Everything that differs between districts."""

    district: District
    contact: ContactPoint = ContactPoint()
    quiet_hours: QuietHours
    aid: Aid
    schedule: Timetable = Timetable()
    rounds: tuple[Round, ...]
    campaigns: tuple[Campaign, ...] = ()
    letterhead: Letterhead = Letterhead()
    message_prices: Mapping[str, Annotated[int, Field(ge=0)]] = {}
    areas: tuple[Area, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _reminds_while_awake(self) -> Self:
        if not self.quiet_hours.opens <= self.schedule.remind_at < self.quiet_hours.closes:
            opens, closes = self.quiet_hours.opens, self.quiet_hours.closes
            raise ValueError(
                f"schedule.remind_at lies in the quiet hours: choose an hour from {opens:%H:%M} until {closes:%H:%M}"
            )
        return self

    @model_validator(mode="after")
    def _places_are_distinct(self) -> Self:
        names = [key for area in self.areas for key in {place_key(name) for name in (area.name, *area.also)}]
        if len(set(names)) != len(names):
            raise ValueError("two areas have the same name")
        for area in self.areas:
            if len({place_key(village) for village in area.villages}) != len(area.villages):
                raise ValueError(f"two villages of {area.name} have the same name")
        return self

    @classmethod
    def load(cls, path: Path) -> "Programme":
        """Read the file. Raises ConfigurationError naming the first line that is wrong."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise ConfigurationError(f"no programme file at {path}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path.name} cannot be read: {error}") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{path.name}: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            if (said := _KINDLY.get(str(first["loc"][-1]) if first["loc"] else "")) and first["loc"][
                0
            ] == "schedule":
                raise ConfigurationError(
                    f"{path.name}: schedule.{first['loc'][-1]}: {said}, not {first['input']!r}"
                ) from None
            where = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise ConfigurationError(f"{path.name}: {where}: {first['msg']}") from None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The district's time zone."""
        return ZoneInfo(self.district.timezone)

    def monthly_idr(self, month: Month) -> int:
        """Return what a child needs in `month` (the first known amount for months before it)."""
        amounts = sorted(self.aid.amounts, key=lambda amount: amount.first_month)
        known = [amount for amount in amounts if amount.first_month <= month]
        return (known[-1] if known else amounts[0]).monthly_idr

    def messages_cost_idr(self, messages: Mapping[str, int]) -> int | None:
        """Return what so many messages cost, by the category that they are charged in; None without a price."""
        if any(category not in self.message_prices for category, count in messages.items() if count):
            return None
        return sum(self.message_prices[category] * count for category, count in messages.items() if count)

    def due_on(self, month: Month) -> date:
        """Return the day on which a month's aid is due."""
        return month.day(self.schedule.payout_day)

    def check_in_on(self, month: Month) -> date:
        """Return the day on which families are asked about nutrition."""
        return month.day(self.schedule.checkin_day)

    def visit_on(self, month: Month) -> date:
        """Return the day by which a month's visit is hoped for."""
        return month.day(self.schedule.visit_day)

    def round_of(self, month: Month) -> Round | None:
        """Return the round in which `month` lies, if any."""
        return next((r for r in self.rounds if r.first_month <= month <= r.last_month), None)

    def area_named(self, text: str) -> Area:
        """Find a kecamatan by a kindly matched name. Raises BadInput('unknown_area')."""
        wanted = place_key(text)
        for area in self.areas:
            if wanted in {place_key(name) for name in (area.name, *area.also)}:
                return area
        raise BadInput("unknown_area", given=text, known=", ".join(area.name for area in self.areas))

    def village_named(self, area: Area, text: str) -> str:
        """Find a desa of an area by a kindly matched name. Raises BadInput('unknown_village')."""
        wanted = place_key(text)
        for village in area.villages:
            if place_key(village) == wanted:
                return village
        raise BadInput("unknown_village", given=text, area=area.name, known=", ".join(area.villages))

    def is_awake(self, now: datetime) -> bool:
        """Whether self-started messages may leave now."""
        return self.quiet_hours.opens <= now.astimezone(self.zone).time() < self.quiet_hours.closes

    def awake_since(self, now: datetime) -> datetime | None:
        """Return when the waking hours began in which `now` lies; None in the quiet hours."""
        if not self.is_awake(now):
            return None
        local = now.astimezone(self.zone)
        return datetime.combine(local.date(), self.quiet_hours.opens, self.zone).astimezone(now.tzinfo)

    def next_waking_hour(self, now: datetime) -> datetime:
        """Return `now` when self-started messages may leave, else the next opening (same zone as given)."""
        if self.is_awake(now):
            return now
        local, hours = now.astimezone(self.zone), self.quiet_hours
        day = local.date() if local.time() < hours.opens else local.date() + timedelta(days=1)
        return datetime.combine(day, hours.opens, self.zone).astimezone(now.tzinfo)


def place_key(text: str) -> str:
    """Fold a place name: `Aik Rayak` meets `air rayak`, `Tanjung Pandan` meets `Tanjungpandan`."""
    folded = re.sub(r"^(kec(amatan)?|desa|kel(urahan)?)\b\.?", "", text.strip().casefold())
    folded = re.sub(r"\b(aik|ayer|aek)\b", "air", folded)
    folded = re.sub(r"\btanjong", "tanjung", folded)
    return re.sub(r"[^a-z0-9]", "", folded)
