"""Logs: one JSON line an event, without personal data and without secrets, tracebacks included.

httpx logs every URL, and a Bot API URL holds the token; an error's text may hold it too. So whatever looks like a
token, and every secret of the settings, is taken out of every line, wherever it came from. An error's own words may
quote what somebody typed, so a traceback in the log has only its places and kinds; an update that could not be
handled is kept, sealed, with all of it.
"""

import json
import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

import psycopg
import structlog
from pydantic import SecretStr

TOKEN = re.compile(r"\b(bot)?\d{6,12}:[A-Za-z0-9_-]{30,}")
LONG_NUMBER = re.compile(r"(?<![\w.-])\+?\d{9,20}(?![\w-])")

SPEAK = (OSError, sqlite3.OperationalError, psycopg.OperationalError)
"""Errors of the machine: their words are about files, sockets and servers, and are what an operator needs."""

Error = tuple[type[BaseException], BaseException, TracebackType | None]

_secrets: set[str] = set()


def redact(text: str) -> str:
    """Return a text without secrets and without numbers long enough to be a NIP, NIK, phone or chat id."""
    for secret in _secrets:
        text = text.replace(secret, "[secret]")
    return LONG_NUMBER.sub("[number]", TOKEN.sub("[token]", text))


def hide(secrets: Iterable[SecretStr | None]) -> None:
    """Take these out of whatever is logged from now on, as they are and as JSON writes them."""
    for secret in secrets:
        if secret is not None and (value := secret.get_secret_value()):
            _secrets.update((value, json.dumps(value, ensure_ascii=False)[1:-1]))


def without_words(error: BaseException) -> str:
    """Return an error's traceback, and those of its causes, without what the errors say."""
    return "\n".join(_traced(error, set())).rstrip()


def configure(level: str, secrets: Iterable[SecretStr | None] = ()) -> None:
    """Send everything that is logged, ours and the libraries', through one redacting formatter."""
    hide(secrets)
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_formatted),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
            _redact_event,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # One line an outgoing request says nothing that the outbox does not say better; in more detail they show what
    # is sent.
    for noisy in ("httpx", "httpcore", "apscheduler", "telegram", "uvicorn.access", "matplotlib"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _redact_event(_logger: object, _method: str, event: Any) -> Any:
    return redact(event)


def _formatted(exc_info: Error) -> str:
    return without_words(exc_info[1])


def _traced(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _traced(before, seen)
        yield "… which led to:"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _traced(part, seen)
            yield "… which is a part of:"
    yield from (line.rstrip() for line in traceback.format_tb(error.__traceback__))
    words = f": {error}" if isinstance(error, SPEAK) else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{words}"
