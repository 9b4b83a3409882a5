"""Logs: one JSON line an event, without personal data and without secrets, tracebacks included.

httpx logs every URL, and a Bot API URL holds the token; an error's text may hold it too. So whatever looks like a
token is taken out of every line, wherever it came from.
"""

import logging
import re
import sys
from typing import Any

import structlog

TOKEN = re.compile(r"\b(bot)?\d{6,12}:[A-Za-z0-9_-]{30,}")
LONG_NUMBER = re.compile(r"(?<![\w.-])\+?\d{9,20}(?![\w-])")


def redact(text: str) -> str:
    """Return a text without tokens and without numbers long enough to be a NIP, NIK, phone or chat id."""
    return LONG_NUMBER.sub("[number]", TOKEN.sub("[token]", text))


def _redact_event(_logger: object, _method: str, event: Any) -> Any:
    return redact(event)


def configure(level: str) -> None:
    """Send everything that is logged, ours and the libraries', through one redacting formatter."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
    # One line an outgoing request says nothing that the outbox does not say better.
    for noisy in ("httpx", "httpcore", "apscheduler", "telegram", "uvicorn.access", "matplotlib"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
