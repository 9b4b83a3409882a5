"""WhatsApp by the Cloud API, through httpx and small payload models (docs/decisions.md says why no library).

payloads    the JSON of a webhook call, as far as it is read
reading     what comes in: every message, report and notice of a call, as what the bot understands
rendering   what goes out: buttons, lists, pictures, in WhatsApp's forms and limits
templates   what may be said when more than 24 hours have passed since a person wrote (templates.toml)
errors      what is refused, by code
graph       the calls themselves
channel     the channel, as `jobs.channel` wants one
"""

from bot.channels.whatsapp.channel import PACE, REPORTS, WhatsApp
from bot.channels.whatsapp.reading import NAME

__all__ = ["NAME", "PACE", "REPORTS", "WhatsApp"]
