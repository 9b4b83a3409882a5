"""What a report is made from: a month, in a scope, as it stands now, in a language; and how its cells are written."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from handlers.texts import Words, plain, render, t
from models.counting import Figures
from models.grants import Scope
from models.months import Month, local_day
from models.programme import Programme
from models.statistics import Participation, rounded


@dataclass(frozen=True, slots=True)
class Reporting:
    """A report to be made: of a month, in a scope, as it stands now, in a language."""

    session: Session
    programme: Programme
    now: datetime
    month: Month
    scope: Scope
    language: str

    @property
    def today(self) -> date:
        """The programme's calendar day."""
        return local_day(self.now, self.programme.zone)

    @property
    def day(self) -> date:
        """The day whose coverage is told: the month's last, or today while it runs."""
        return min(self.month.last_day, self.today)

    @property
    def place(self) -> str:
        """What is reported on: the district, or the own kecamatan."""
        district = self.programme.district.name
        named = self.scope.named(district)
        return named if self.scope.whole_district else self.say(t.report.areas(areas=named))

    def say(self, words: Words) -> str:
        """Write words in the reader's language, without markup."""
        return plain(render(words, self.language))

    def number(self, count: int) -> str:
        """Write a count."""
        return self.say(t.report.number(n=count))

    def rupiah(self, amount_idr: int) -> str:
        """Write whole rupiah."""
        return self.say(t.report.rupiah(amount=amount_idr))

    def share(self, figures: Figures | Participation) -> str:
        """Write a share, a dash when there is none."""
        found = figures.share
        return "-" if found is None else self.say(t.report.share(share=rounded(found)))
