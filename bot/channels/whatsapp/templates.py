"""The templates of `templates.toml`: what they are registered as, how one is filled, and what differs at WhatsApp.

A template's name is its key in the file (`news`); each is registered in every language (Cloud API, templates).
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from handlers.kit.messages import SHOW
from handlers.texts import LANGUAGES


class Template(BaseModel):
    """One template: its two bodies with `{{1}}`, `{{2}}`, what these are, a sample of each, and its button."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: str
    values: tuple[str, ...]
    samples: tuple[str, ...]
    id: str
    en: str
    button_id: str
    button_en: str

    def body(self, language: str) -> str:
        """Return the words."""
        return self.en if language == "en" else self.id

    def button(self, language: str) -> str:
        """Return the button's label."""
        return self.button_en if language == "en" else self.button_id

    def registration(self, name: str, language: str) -> dict[str, Any]:
        """Return what registers it."""
        body = {"type": "BODY", "text": self.body(language), "example": {"body_text": [list(self.samples)]}}
        button = {"type": "QUICK_REPLY", "text": self.button(language)}
        return {
            "name": name,
            "language": language,
            "category": self.category,
            "components": [body, {"type": "BUTTONS", "buttons": [button]}],
        }


@cache
def templates() -> dict[str, Template]:
    """Return the file's templates by name."""
    raw = tomllib.loads(Path(__file__).with_name("templates.toml").read_text(encoding="utf-8"))
    return {name: Template.model_validate(fields) for name, fields in raw.items()}


def filled(name: str, values: Iterable[str], language: str) -> dict[str, Any]:
    """Return the message's own part of the request that sends a template. Raises LookupError, ValueError."""
    template, given = templates()[name], [_one_line(value) for value in values]
    if len(given) != len(template.values) or not all(given):
        raise ValueError(f"the template {name} takes {len(template.values)} values")
    body = {"type": "body", "parameters": [{"type": "text", "text": value} for value in given]}
    button = {
        "type": "button",
        "sub_type": "quick_reply",
        "index": "0",
        "parameters": [{"type": "payload", "payload": SHOW}],
    }
    spoken = {"policy": "deterministic", "code": language if language in LANGUAGES else LANGUAGES[0]}
    return {
        "type": "template",
        "template": {"name": name, "language": spoken, "components": [body, button]},
    }


def shown(name: str, values: Sequence[str], language: str) -> tuple[str, str]:
    """Return a template's words as somebody reads them, and its button. Raises LookupError."""
    template = templates()[name]
    words = template.body(language)
    for number, value in enumerate(values, 1):
        words = words.replace("{{" + str(number) + "}}", _one_line(value))
    return words, template.button(language)


def _one_line(value: str) -> str:
    """WhatsApp takes no line break, tab or long gap in a value."""
    return re.sub(r"\s+", " ", value).strip()


@dataclass(frozen=True, slots=True)
class Difference:
    """How a template stands at WhatsApp.

    `usable`: it may be sent. `missing`: it has to be registered. `recategorised`: its price is not what we agreed to.
    """

    name: str
    language: str
    says: str
    usable: bool
    missing: bool = False
    recategorised: bool = False


def compare(registered: Iterable[dict[str, Any]]) -> list[Difference]:
    """Return how each template of the file stands, in each language, given what WhatsApp has."""
    there = {(str(one.get("name")), str(one.get("language"))): one for one in registered}
    return [
        _difference(name, language, template, there.get((name, language)))
        for name, template in templates().items()
        for language in LANGUAGES
    ]


def _difference(name: str, language: str, template: Template, found: dict[str, Any] | None) -> Difference:
    if found is None:
        return Difference(name, language, "not registered", usable=False, missing=True)
    status, category = str(found.get("status", "")).upper(), str(found.get("category", "")).upper()
    components = found.get("components") or []
    body = next((c.get("text") for c in components if str(c.get("type")).upper() == "BODY"), None)
    if category != template.category:
        return Difference(name, language, f"recategorised as {category}", usable=False, recategorised=True)
    if body != template.body(language):
        return Difference(name, language, f"{status}, but its words differ from the file's", usable=False)
    return Difference(name, language, status.lower(), usable=status == "APPROVED")
