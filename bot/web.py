"""What the world may call: webhooks, and health and metrics for whoever watches the server."""

import hmac
import json
import logging
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.whatsapp.channel import signed
from bot.intake import Intake
from bot.settings import Settings
from bot.whatsapp_intake import WhatsAppIntake
from jobs.delivery import Delivery
from models.clock import Clock
from models.database import Database
from models.inbox import count_parked
from models.outbox import Backlog, backlog

log = logging.getLogger("genting.web")

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name (Bot API: setWebhook)
LARGEST_BODY = 1_000_000
"""Bytes; an update is a few kilobytes."""

SIGNATURE_HEADER = "X-Hub-Signature-256"
LARGEST_CALL = 3_500_000
"""Bytes; WhatsApp puts up to 3 MB of messages and reports into one call."""


def web_app(
    settings: Settings,
    database: Database,
    intake: Intake,
    delivery: Delivery,
    clock: Clock,
    whatsapp: WhatsAppIntake | None = None,
    also: Sequence[Delivery] = (),
) -> Starlette:
    """Return the web application; `also` are other channels' deliveries, for `/health`."""
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
        waiting = await run_in_threadpool(_backlog, database, intake, clock)
        halted = "; ".join(each.halted for each in (delivery, *also) if each.halted)
        state = {"database": "ok", "outbox_due": waiting.due, "sending": halted or "ok"}
        return JSONResponse(state, status_code=503 if halted else 200)

    async def metrics(_: Request) -> Response:
        """Figures for Prometheus; no label ever holds personal data."""
        body = await run_in_threadpool(_metrics, database, intake, clock)
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/telegram", telegram, methods=["POST"]),
            *(whatsapp_routes(settings, whatsapp) if whatsapp else []),
            Route("/health", health),
            Route("/metrics", metrics),
        ]
    )


def whatsapp_routes(settings: Settings, intake: WhatsAppIntake) -> list[Route]:
    """Return WhatsApp's webhook (Cloud API, webhooks: verification requests, event notifications)."""
    app_secret = settings.whatsapp_app_secret
    verify_token = settings.whatsapp_verify_token
    assert app_secret is not None  # noqa: S101 - the settings are checked
    assert verify_token is not None  # noqa: S101 - as above
    secret, expected = app_secret.get_secret_value(), verify_token.get_secret_value()

    async def verify(request: Request) -> Response:
        """Prove to Meta that this address is ours."""
        query = request.query_params
        shown = query.get("hub.verify_token", "")
        if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(
            shown.encode("utf-8", "replace"), expected.encode()
        ):
            return PlainTextResponse("forbidden", status_code=403)
        return PlainTextResponse(query.get("hub.challenge", ""))

    async def called(request: Request) -> Response:
        """Take a call; the signature is over the raw body, and the answer comes after the commit."""
        body = await _body(request, LARGEST_CALL)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        if not signed(body, request.headers.get(SIGNATURE_HEADER, ""), secret):
            return PlainTextResponse("forbidden", status_code=403)
        payload = _json_object(body)
        try:
            taken = payload is not None and await intake.take(payload)
        except Exception:  # whatever failed, the call must come again
            log.exception("webhook_failed")
            return PlainTextResponse("try again", status_code=503)
        return PlainTextResponse("ok") if taken else PlainTextResponse("not a webhook call", status_code=400)

    return [Route("/whatsapp", verify, methods=["GET"]), Route("/whatsapp", called, methods=["POST"])]


async def _body(request: Request, largest: int) -> bytes | None:
    """Read the body; None when it is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return body


async def _update(request: Request) -> dict[str, object] | None:
    """Read the body as a JSON object; None when it is too large or something else."""
    body = await _body(request, LARGEST_BODY)
    return None if body is None else _json_object(body)


def _json_object(body: bytes) -> dict[str, object] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) else None


def _backlog(database: Database, intake: Intake, clock: Clock) -> Backlog:
    now = clock.now()
    awake_since = intake.context.programme.awake_since(now)
    return database.submit(lambda connection: backlog(connection, now, awake_since)).result()


def _metrics(database: Database, intake: Intake, clock: Clock) -> bytes:
    registry = CollectorRegistry()
    waiting = _backlog(database, intake, clock)
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
