"""Whole conversations as scripts: `stories/*.txt` read like the chat itself."""
