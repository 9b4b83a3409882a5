"""All there is to run, and all that runs: the one place to add a benchmark or a competitor."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tests.benchmarks.competitor import Competitor

PROJECT = Path(__file__).parents[2]

BENCHMARKS = {
    "dialog": "tests.benchmarks.dialog",
    "kill": "tests.benchmarks.kill",
    "chats": "tests.benchmarks.chats",
    "replay": "tests.benchmarks.replay",
    "growth": "tests.benchmarks.growth",
    "planning": "tests.benchmarks.planning",
    "statistics": "tests.benchmarks.statistics",
}
"""Name → a module with `measure(options) -> Report`, run in this order."""


@dataclass(frozen=True)
class Entry:
    """Where a competitor is found, and which environment's Python runs it."""

    title: str
    found_at: str
    environment: str = ".venv-bench"

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return PROJECT / self.environment / "bin" / "python"

    def make(self) -> Competitor:
        """Import and make it; ImportError when this environment cannot."""
        module, _, name = self.found_at.partition(":")
        competitor = getattr(import_module(f"tests.benchmarks.competitors.{module}"), name)()
        if not isinstance(competitor, Competitor):
            raise TypeError(f"{self.found_at} is no Competitor")
        return competitor


THIS_BOT = "this-bot"

COMPETITORS = {
    THIS_BOT: Entry("this bot", "this_bot:ThisBot", ".venv"),
    "raw": Entry("raw sqlite3, one update a commit", "raw_sqlite:RawSQLite"),
    "raw-batched": Entry("raw sqlite3, 16 updates a commit", "raw_sqlite:RawSQLiteBatched"),
    "ptb-sync": Entry("python-telegram-bot, SQLModel", "ptb_sync:PTBSync"),
    "ptb-async": Entry("python-telegram-bot, AsyncSession", "ptb_async:PTBAsync"),
    "ptb-pickle": Entry("python-telegram-bot, SQLModel + pickle", "ptb_pickle:PTBPickle"),
    "aiogram": Entry("aiogram FSM in SQLite, SQLModel", "aiogram_fsm:AiogramFSM"),
}
