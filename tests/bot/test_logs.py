"""What is logged says what went wrong and where, never what somebody typed, and no secret."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import logs
from bot.settings import Settings

NAME = "Kenari Rekaan"
SECRET = 'EAA"Rekaan-rahasia'


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged while the test runs, at the deepest level."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure("DEBUG", [SecretStr(SECRET), None])
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def failing(words: str) -> None:
    try:
        int(words)
    except ValueError:
        raise LookupError({"name": words}) from None


def chained(words: str) -> None:
    try:
        int(words)
    except ValueError as error:
        raise ExceptionGroup(words, [TypeError(words), error]) from error


@pytest.mark.parametrize("work", [failing, chained])
def test_a_traceback_has_places_and_kinds_and_no_words(said: io.StringIO, work: object) -> None:
    assert callable(work)
    try:
        work(NAME)
    except Exception:
        logging.getLogger("genting.inbox").exception("update_failed")
    line = json.loads(said.getvalue())
    assert NAME not in said.getvalue()
    assert line["event"] == "update_failed"
    assert "test_logs.py" in line["exception"]
    assert "LookupError" in line["exception"] or "TypeError" in line["exception"]


def test_what_the_machine_says_is_kept(said: io.StringIO) -> None:
    try:
        Path("/nowhere/at/all").read_text(encoding="utf-8")
    except OSError:
        logging.getLogger("genting.delivery").exception("marking_failed")
    assert "No such file or directory" in said.getvalue()


def test_a_secret_of_the_settings_is_in_no_line_whoever_writes_it(said: io.StringIO) -> None:
    """httpcore writes headers, and PTB addresses, when somebody turns them up."""
    for name in ("httpcore.http11", "telegram", "genting.web"):
        logging.getLogger(name).error("send %r", [(b"Authorization", SECRET)], extra={"with": SECRET})
    assert "rahasia" not in said.getvalue()
    assert said.getvalue().count("[secret]") == 6


def test_the_settings_know_their_secrets() -> None:
    settings = Settings.model_construct(
        keys=SecretStr("a"),
        telegram_token=SecretStr("b"),
        database_url="postgresql+psycopg://genting:p%40ss@host/genting",
    )
    assert {secret.get_secret_value() for secret in settings.secrets()} == {"a", "b", "p@ss"}
