"""How tests call the command line."""

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]
"""Runs `genting` with words; keyword arguments are further environment variables, `typed` is its input."""


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It said one line on stderr, with these words, and ended with 1."""
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("genting: ")
    for word in words:
        assert word in lines[0]
