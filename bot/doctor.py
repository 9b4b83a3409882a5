"""`genting doctor`: looks at everything the bot stands on and says what is wrong."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.app import whatsapp_of
from bot.channels.telegram import Telegram
from bot.finding import Finding
from bot.logs import redact
from bot.machine import examine_backups, examine_machine
from bot.settings import Settings
from bot.template_check import differences
from jobs.channel import ChannelError
from models.children import list_began_at
from models.clock import SystemClock
from models.database import Database, in_session, open_database
from models.dispatches import halted_templates
from models.errors import ConfigurationError
from models.inbox import Parked, count_parked, parked
from models.key_check import check_keys
from models.migrations import current, head
from models.outbox import Backlog, backlog
from models.programme import Programme

CLOCK_MAY_DIFFER = timedelta(seconds=30)
BACKLOG_MAY_WAIT = timedelta(minutes=5)


def examine() -> list[Finding]:
    """Run every check; a failed one does not stop the others."""
    try:
        settings = Settings.load()
        programme = settings.load_programme()
    except ConfigurationError as error:
        return [Finding("settings", ok=False, says=str(error))]
    villages = sum(len(area.villages) for area in programme.areas)
    return [
        Finding("settings", ok=True, says="read"),
        Finding(
            "programme",
            ok=True,
            says=f"{programme.district.name}, {len(programme.areas)} areas, {villages} places",
        ),
        *_database(settings, programme),
        *examine_machine(settings),
        *asyncio.run(_telegram(settings)),
        *asyncio.run(_whatsapp(settings)),
    ]


def _database(settings: Settings, programme: Programme) -> list[Finding]:
    kind = settings.database_url.partition(":")[0]
    try:
        database = open_database(settings.database_url, settings.key_ring())
    except (ConfigurationError, OSError) as error:
        return [Finding("database", ok=False, says=redact(str(error)))]
    try:
        return [*_schema(database, kind), *_queues(database, programme), *_backups(database, settings)]
    except ConfigurationError as error:
        return [Finding("keys", ok=False, says=str(error))]
    except SQLAlchemyError as error:
        return [Finding("database", ok=False, says=f"{kind}: {type(error).__name__}")]
    finally:
        database.close()


def _schema(database: Database, kind: str) -> list[Finding]:
    at = current(database.engine)
    if at != head():
        return [Finding("database", ok=False, says=f"{kind}: schema {at or 'empty'}; run `genting migrate`")]
    database.submit(check_keys).result()
    return [Finding("database", ok=True, says=f"{kind}, schema {at}")]


def _queues(database: Database, programme: Programme) -> list[Finding]:
    if current(database.engine) is None:
        return []
    now = SystemClock().now()
    awake_since = programme.awake_since(now)

    def look(connection: Connection) -> tuple[Backlog, int, list[Parked]]:
        standing = backlog(connection, now, awake_since)
        return standing, count_parked(connection), parked(connection, database.keys, 3)

    waiting, count, newest = database.submit(look).result()
    late = waiting.oldest_ms is not None and now.timestamp() - waiting.oldest_ms / 1000 > (
        BACKLOG_MAY_WAIT.total_seconds()
    )
    says = f"{waiting.waiting} waiting, {waiting.due} due, {waiting.failed_today} given up in a day"
    findings = [Finding("outbox", ok=not late, says=says + ("; is `genting run` running?" if late else ""))]
    causes = "; ".join(redact(each.cause) for each in newest)
    says = f"{count} could not be handled" + (f": {causes}" if causes else "")
    halted = database.submit(_halted).result()
    return [*findings, Finding("updates", ok=count == 0, says=says), halted]


def _backups(database: Database, settings: Settings) -> list[Finding]:
    if current(database.engine) is None:
        return []
    since = database.submit(in_session(list_began_at)).result()
    return [examine_backups(settings, SystemClock().now(), since)]


async def _telegram(settings: Settings) -> list[Finding]:
    if settings.telegram_token is None:
        return [Finding("telegram", ok=False, says="GENTING_TELEGRAM_TOKEN is not set")]
    telegram = Telegram(settings.token(), settings.telegram_api.rstrip("/"))
    try:
        username = await telegram.start()
    except ChannelError as error:
        return [Finding("telegram", ok=False, says=redact(error.reason))]
    finally:
        await telegram.stop()
    return [Finding("telegram", ok=True, says=f"@{username}"), await _clock(settings)]


async def _whatsapp(settings: Settings) -> list[Finding]:
    """Ask WhatsApp for the number and its templates, when there is one."""
    channel = whatsapp_of(settings)
    if channel is None:
        return [Finding("whatsapp", ok=True, says="off: GENTING_WHATSAPP_TOKEN is not set")]
    try:
        number = await channel.start()
        odd = [one for one in await differences(channel) if not one.usable]
    except ChannelError as error:
        return [Finding("whatsapp", ok=False, says=redact(error.reason))]
    finally:
        await channel.stop()
    says = "; ".join(f"{one.name} ({one.language}): {one.says}" for one in odd)
    return [
        Finding("whatsapp", ok=True, says=f"the number ends in {number[-4:]}"),
        Finding("templates", ok=not odd, says=says or "as in the file, and approved"),
    ]


def _halted(connection: Connection) -> Finding:
    """Tell which templates wait to be allowed again, with what was to be said by them."""
    halted = halted_templates(connection)
    says = "; ".join(f"{name}: {reason}" for name, reason in halted.items())
    return Finding("halted templates", ok=not halted, says=says or "none")


async def _clock(settings: Settings) -> Finding:
    """Compare this machine's clock with the platform's."""
    async with httpx.AsyncClient(timeout=10) as client:
        try:
            answer = await client.get(settings.telegram_api)
            there = parsedate_to_datetime(answer.headers["date"])
        except (httpx.HTTPError, KeyError, ValueError) as error:
            return Finding("clock", ok=True, says=f"not compared ({type(error).__name__})")
    off = abs(datetime.now(UTC) - there)
    return Finding(
        "clock", ok=off <= CLOCK_MAY_DIFFER, says=f"{off.total_seconds():.0f} s off the platform's"
    )
