"""What a competitor is, and the SQLite settings that all of them share."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.edge import Edge
from tests.benchmarks.script import Registration

AT_ONCE = 100
"""Telegram's `getUpdates` brings at most so many updates."""


class Competitor(ABC):
    """A bot that can play the dialog; everything that must last is kept in the directory of `setup`."""

    edge: Edge

    @abstractmethod
    def setup(self, directory: Path, edge: Edge, *, durable: bool) -> None:
        """Start, or start again, on this directory. `durable` asks for synchronous=FULL, else NORMAL."""

    @abstractmethod
    def run(self, updates: list[bytes]) -> None:
        """Handle updates, and send what answers them. When this returns, they are acknowledged."""

    @abstractmethod
    def rows(self) -> list[Registration]:
        """Return the finished registrations."""

    @abstractmethod
    def close(self) -> None:
        """Stop in good order."""

    def seed(self, chats: Iterable[int]) -> None:
        """Leave these chats in the middle of a dialog. Played here; override where it can be loaded."""
        for batch in in_batches(chats, AT_ONCE):
            self.run([self.edge.update(chat_id, 0) for chat_id in batch])


def in_batches(chats: Iterable[int], size: int) -> Iterable[list[int]]:
    """Cut into lists of at most `size`."""
    every = list(chats)
    return (every[start : start + size] for start in range(0, len(every), size))


def prepare(connection: sqlite3.Connection, *, durable: bool) -> None:
    """Set what every database competitor runs with."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.execute("PRAGMA busy_timeout=30000")
