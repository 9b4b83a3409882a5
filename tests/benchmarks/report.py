"""What a benchmark hands back: a table for people, figures for `bench.json`."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Options:
    """How much to run."""

    rounds: int = 5
    chats: int = 300
    seconds: float = 0.5
    trials: int = 32


@dataclass
class Report:
    """A benchmark's outcome."""

    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def show(self, console: Console) -> None:
        """Print the table."""
        table = Table(title=self.title, title_justify="left")
        table.add_column(self.columns[0])
        for column in self.columns[1:]:
            table.add_column(column, justify="right")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)
        for note in self.notes:
            console.print(f"[dim]{note}[/dim]")


@dataclass(frozen=True)
class Spread:
    """The rounds of one measurement."""

    values: list[float]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    def __str__(self) -> str:
        return f"{self.middle:,.0f} ({min(self.values):,.0f}..{max(self.values):,.0f})"

    def figures(self) -> dict[str, Any]:
        """The same for `bench.json`."""
        return {
            "median": round(self.middle, 1),
            "min": round(min(self.values), 1),
            "max": round(max(self.values), 1),
            "rounds": [round(value, 1) for value in self.values],
        }


def ratio(value: float, reference: float | None) -> str:
    """Say how many times the reference a value is; a hyphen when there is no reference."""
    return f"{value / reference:.2f}" if reference else "-"
