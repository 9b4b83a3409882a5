"""What the world may call: webhooks, and health and metrics for whoever watches the server."""

import hmac
import json
import logging

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.intake import Intake
from bot.settings import Settings
from jobs.delivery import Delivery
from models.clock import Clock
from models.database import Database
from models.inbox import count_parked
from models.outbox import Backlog, backlog

log = logging.getLogger("genting.web")

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name (Bot API: setWebhook)
LARGEST_BODY = 1_000_000
"""Bytes; an update is a few kilobytes."""


def web_app(
    settings: Settings, database: Database, intake: Intake, delivery: Delivery, clock: Clock
) -> Starlette:
    """Return the web application."""
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""

    async def telegram(request: Request) -> Response:
        """Take one update; answered only when it is committed, so that Telegram repeats what failed."""
        shown = request.headers.get(SECRET_HEADER, "")
        if not secret or not hmac.compare_digest(shown.encode(), secret.encode()):
            return PlainTextResponse("forbidden", status_code=403)
        update = await _update(request)
        if update is None:
            return PlainTextResponse("not an update", status_code=400)
        try:
            await intake.take(update)
        except Exception:  # whatever failed, the update must come again
            log.exception("webhook_failed")
            return PlainTextResponse("try again", status_code=503)
        return PlainTextResponse("ok")

    async def health(_: Request) -> Response:
        """Tell whether the database answers and messages leave."""
        waiting = await run_in_threadpool(_backlog, database, clock)
        state = {"database": "ok", "outbox_due": waiting.due, "sending": delivery.halted or "ok"}
        return JSONResponse(state, status_code=503 if delivery.halted else 200)

    async def metrics(_: Request) -> Response:
        """Figures for Prometheus; no label ever holds personal data."""
        body = await run_in_threadpool(_metrics, database, intake, clock)
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/telegram", telegram, methods=["POST"]),
            Route("/health", health),
            Route("/metrics", metrics),
        ]
    )


async def _update(request: Request) -> dict[str, object] | None:
    """Read the body as a JSON object; None when it is too large or something else."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) else None


def _backlog(database: Database, clock: Clock) -> Backlog:
    return database.submit(lambda connection: backlog(connection, clock.now())).result()


def _metrics(database: Database, intake: Intake, clock: Clock) -> bytes:
    registry = CollectorRegistry()
    waiting = _backlog(database, clock)
    parked = database.submit(count_parked).result()
    updates = Gauge("genting_updates", "Updates handled since the start", ["outcome"], registry=registry)
    for outcome, count in intake.counts.items():
        updates.labels(outcome.value).set(count)
    for name, what, value in (
        ("genting_updates_parked", "Updates that could not be handled", parked),
        ("genting_outbox_waiting", "Messages not sent yet", waiting.waiting),
        ("genting_outbox_due", "Messages that should have left", waiting.due),
        ("genting_outbox_failed_today", "Messages given up in the last day", waiting.failed_today),
    ):
        Gauge(name, what, registry=registry).set(value)
    return generate_latest(registry)
