"""How each channel looks to people, for whoever writes about it to a coordinator."""

from bot.channels.whatsapp.templates import shown
from handlers.kit.messages import Face

FACES = {"telegram": Face("Telegram"), "whatsapp": Face("WhatsApp", shown)}
"""Every channel."""
