"""Processes of our own program that start at once, because they are forked from one that has imported everything.

Each is a real process, with its own memory, connections, environment and exit code, and can be killed; only the two
seconds in which Python imports the program are spent once a test run instead of once a process.
"""

import importlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent

PROGRAM = ("bot.cli", "bot.app", "models.importing", "models.crashpoints")
"""What is imported before a process is forked."""


@cache
def forking() -> ForkServerContext:
    """Return the `multiprocessing` context whose processes start at once.

    The process that forks is started here, once: what reads the environment while it is imported reads it now.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.processes", *PROGRAM])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("COLUMNS", "200")
        for name in ("NO_COLOR", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        ensure_running()
    return context


def start(target: Callable[..., None], *args: Any) -> tuple[BaseProcess, "Connection[Any, Any]"]:
    """Start a process that runs a function of one of our modules: it gets one end of a pipe, and these arguments.

    Returns the process and the pipe's other end, which raises EOFError when the process has gone.
    """
    ours, theirs = forking().Pipe()
    process = forking().Process(target=target, args=(theirs, *args))
    process.start()
    theirs.close()
    return process, ours


def start_genting(
    *words: str, cwd: Path, env: Mapping[str, str], stdin: Path, stdout: Path, stderr: Path
) -> BaseProcess:
    """Start `genting` with these words; what it says is added to the two files (which may be one)."""
    streams = (str(stdin), str(stdout), str(stderr))
    process = forking().Process(target=_become_genting, args=(words, str(cwd), dict(env), streams))
    process.start()
    return process


def run_genting(
    *words: str, cwd: Path, env: Mapping[str, str], typed: str = "", timeout: float = 60
) -> CompletedProcess[str]:
    """Run `genting` to its end, as `subprocess.run` would."""
    with tempfile.TemporaryDirectory() as folder:
        stdin, stdout, stderr = (Path(folder, name) for name in ("stdin", "stdout", "stderr"))
        stdin.write_text(typed, encoding="utf-8")
        process = start_genting(*words, cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr)
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutExpired(words, timeout)
        said = [path.read_text(encoding="utf-8") for path in (stdout, stderr)]
        return CompletedProcess(words, process.exitcode, *said)


def _become_genting(
    words: tuple[str, ...], cwd: str, env: dict[str, str], streams: tuple[str, str, str]
) -> None:
    """In the forked process: take the place of `python -m bot.cli`."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    stdin, stdout, stderr = streams
    for number, path, how in (
        (0, stdin, os.O_RDONLY),
        (1, stdout, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        descriptor = os.open(path, how, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.argv = ["genting", *words]
    importlib.reload(sys.modules["models.crashpoints"])  # alone it reads the environment when it is imported
    sys.modules["bot.cli"].main()
