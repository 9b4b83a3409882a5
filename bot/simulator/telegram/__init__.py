"""Telegram's Bot API over the simulated world, checked more strictly than Telegram does."""
