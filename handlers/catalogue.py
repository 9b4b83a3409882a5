"""Fills the index of conversations: every module of this folder is imported, so a new file is enough."""

import importlib
import pkgutil

import handlers
from handlers.kit.conversation import CONVERSATIONS, Conversation


def all_conversations() -> dict[str, Conversation]:
    """Import every conversation file; return the index."""
    for module in pkgutil.iter_modules(handlers.__path__):
        importlib.import_module(f"handlers.{module.name}")
    return CONVERSATIONS
