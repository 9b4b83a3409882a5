"""Text files: what any phone opens without an app of its own."""

from jobs.documents import WRITING, Step, TextData, quietly


def build(data: TextData, step: Step = quietly) -> bytes:
    """Return the text in UTF-8."""
    step(WRITING)
    return data["text"].encode("utf-8", errors="replace")
