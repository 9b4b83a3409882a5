"""`genting whatsapp templates`: the file's templates against what WhatsApp has, and what follows from it."""

from sqlalchemy import Connection

from bot.app import whatsapp_of
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp.templates import Difference, compare
from bot.settings import Settings
from jobs.channel import ChannelError
from jobs.outcomes import template_allowed
from models.clock import SystemClock
from models.database import open_database
from models.dispatches import halt_template, halted_templates
from models.errors import ConfigurationError
from models.migrations import upgrade


async def check(settings: Settings, *, push: bool) -> list[Difference]:
    """Compare, and with `push` register what is missing; return how each stands. Raises ConfigurationError.

    What WhatsApp has made another category of is halted; what it allows (again) is used (again).
    """
    channel = whatsapp_of(settings)
    if channel is None:
        raise ConfigurationError("set GENTING_WHATSAPP_TOKEN and its companions (docs/deploy-whatsapp.md)")
    try:
        found = await differences(channel)
        for one in found:
            if push and one.missing:
                await channel.register(one.name, one.language)
        if push and any(one.missing for one in found):
            found = await differences(channel)
    except ChannelError as error:
        raise ConfigurationError(f"WhatsApp refuses: {error.reason}") from None
    finally:
        await channel.stop()
    _keep(settings, found)
    return found


async def differences(channel: WhatsApp) -> list[Difference]:
    """Return how each template stands. Raises ChannelError."""
    return compare(await channel.registered_templates())


def _keep(settings: Settings, found: list[Difference]) -> None:
    """Halt and resume as WhatsApp says, a template being usable when it is in every language."""
    usable = {one.name: all(o.usable for o in found if o.name == one.name) for one in found}
    now = SystemClock().now()

    def write(connection: Connection) -> None:
        for name in halted_templates(connection):
            if usable.get(name):
                template_allowed(connection, now, name)
        for one in found:
            if one.recategorised:
                halt_template(connection, now, one.name, one.says)

    database = open_database(settings.database_url, settings.key_ring())
    try:
        upgrade(database.engine)
        database.submit(write).result()
    finally:
        database.close()
