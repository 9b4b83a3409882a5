"""The bot as a process of its own, which a test may kill as a power cut would."""

import os
import signal
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.simulator.server import RunningSimulator
from tests.processes import start_genting

ROOT = Path(__file__).parent.parent.parent
ALWAYS = 'from = "00:00"\nuntil = "23:59:59.999999"'
"""Waking hours that never end: these tests run by the machine's clock, whatever hour it is."""


class BotProcess:
    """`genting run` against a simulator; every life writes into the same log."""

    def __init__(
        self,
        directory: Path,
        simulator: RunningSimulator,
        database_url: str,
        keys_text: str,
        *,
        per_second: float = 100_000,
        per_chat_second: float = 1_000,
    ) -> None:
        self.directory = directory
        self.log = directory / "bot.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GENTING_")},
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url,
            "GENTING_KEY_FILE": str(directory / "genting.keys"),
            "GENTING_PROGRAMME": str(directory / "programme.toml"),
            "GENTING_TELEGRAM_TOKEN": simulator.token,
            "GENTING_TELEGRAM_API": f"{simulator.url}/telegram",
            "GENTING_MESSAGES_PER_SECOND": str(per_second),
            "GENTING_CHAT_MESSAGES_PER_SECOND": str(per_chat_second),
            "GENTING_LOG_LEVEL": "WARNING",
        }
        programme = (ROOT / "programme.toml").read_text(encoding="utf-8")
        never_night = programme.replace('from = "07:00"\nuntil = "20:00"', ALWAYS)
        assert ALWAYS in never_night, "the quiet hours stand elsewhere now"
        (directory / "programme.toml").write_text(never_night, encoding="utf-8")
        (directory / "genting.keys").write_text(keys_text.replace(";", "\n") + "\n")
        self._process: BaseProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            code = self._ended(20)
            assert code == 0 or error, f"the bot did not stop as it was told ({code}):\n{self.said()}"

    def start(self, crash_at: str = "") -> None:
        """Begin a life, perhaps one that ends at a named crash point."""
        env = {**self.environment, "GENTING_CRASH_AT": crash_at}
        nothing = Path(os.devnull)
        self._process = start_genting(
            "run", cwd=self.directory, env=env, stdin=nothing, stdout=self.log, stderr=self.log
        )

    def kill(self, after: float = 0.0) -> None:
        """Kill it without any chance to tidy up, in so many seconds; it must have been alive until then."""
        assert self._process is not None
        code = self._ended(after)
        if code is None:
            self._process.kill()
            code = self._ended(20)
        self._process = None
        assert code == -signal.SIGKILL, f"the bot ended by itself ({code}):\n{self.said()}"

    def wait_for_crash(self, seconds: float = 60) -> None:
        """Wait until it has killed itself at its crash point."""
        assert self._process is not None
        code = self._ended(seconds)
        self._process = None
        assert code == -signal.SIGKILL, f"the bot ended otherwise ({code}):\n{self.said()}"

    def _ended(self, seconds: float) -> int | None:
        """Return the exit code, None when it still runs after so long."""
        assert self._process is not None
        self._process.join(seconds)
        return self._process.exitcode

    def said(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""
