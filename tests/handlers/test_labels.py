"""Every label that people tap fits the smallest buttons, cut by meaning: the catalogs carry short forms.

WhatsApp's limits (Cloud API, interactive messages): 20 characters on a reply button, 24 on a list's row.
"""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.whatsapp.rendering import BUTTON_TITLE, ROW_TITLE, units
from handlers.alerts import KINDS
from handlers.texts import LANGUAGES, Plain, Text, all_texts, parameters, plain, render, t
from models.alerts import AlertKind
from models.months import Month

ROOT = Path(__file__).parents[2]
LONGEST: dict[str, Any] = {
    "idr": 1_450_000,
    "number": 237,
    "percent": 0.388,
    "date": date(2025, 9, 13),
    "month": Month(2025, 9),
    "moment": datetime(2025, 9, 13, tzinfo=UTC),
}
PLACES: dict[str, Any] = {
    "amount": Plain("102,25 cm"),
    "area": "Tanjungpandan",
    "code": "BLT-237",
    "label": Plain("Kacang"),
    "month": "2025-09",
    "name": Plain("Siti"),  # a longer one is cut: names are no catalog's
}
"""The longest that stands for a value without a format of its own."""

LABELLED = {"Option": 1, "Key": 0}
"""Calls whose argument at this place is a label."""


def texts_in(node: ast.AST) -> Iterator[str]:
    """Yield the key of every `t.feature.name(…)` that this expression may be, not of what it contains."""
    if isinstance(node, ast.IfExp):
        yield from texts_in(node.body)
        yield from texts_in(node.orelse)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        feature = node.func.value
        if (
            isinstance(feature, ast.Attribute)
            and isinstance(feature.value, ast.Name)
            and feature.value.id == "t"
        ):
            yield f"{feature.attr}.{node.func.attr}"


def labels_of(tree: ast.AST) -> Iterator[str]:
    """Yield the keys that a file's code shows on something to tap."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in LABELLED and len(node.args) > LABELLED[name]:
                yield from texts_in(node.args[LABELLED[name]])
            for keyword in node.keywords:
                if keyword.arg in {"yes", "no", "share_phone"} or (
                    keyword.arg == "title" and name == "conversation"
                ):
                    yield from texts_in(keyword.value)
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2:  # (label, "/command …")
            yield from texts_in(node.elts[0])
        elif isinstance(node, ast.Dict):  # codes and what they are called, offered as options
            for value in node.values:
                yield from texts_in(value)


def labels() -> list[str]:
    found: set[str] = set()
    for path in (ROOT / "handlers").rglob("*.py"):
        found |= set(labels_of(ast.parse(path.read_text(encoding="utf-8"))))
    return sorted(key for key in found - NEVER_TAPPED if not is_sentence(key))


def is_sentence(key: str) -> bool:
    """Whether a text is a sentence: dictionaries hold advice and the like, too."""
    return (
        "".join(literal for literal, _, _ in all_texts()["id"][key]).rstrip().endswith((".", "?", "!", "🙏"))
    )


NEVER_TAPPED = {
    # Dictionaries of words that stand in cards and lists only.
    "adopt.female", "adopt.male", "adopt.severity_severe", "adopt.severity_moderate", "adopt.severity_none",
    "mychildren.state_active", "mychildren.state_paused", "mychildren.state_pending",
    "privacy.consent_child_protection", "privacy.consent_commitment", "privacy.consent_data_use",
    "privacy.consent_family_contact", "privacy.consent_parental",
    "privacy.standing_pending", "privacy.standing_rejected",
    "privacy.standing_verified",
    "growth.risk_of_overweight", "growth.severely_underweight",
    "menu.start_title", "menu.title",
    "report.drawing", "report.sending", "report.writing",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", labels())
def test_a_label_fits_what_it_stands_on(key: str, language: str) -> None:
    names = parameters(all_texts()[language][key])
    values = tuple((name, LONGEST[spec] if spec else PLACES[name]) for name, spec in names.items())
    short = plain(render(Text(key, values), language, short=True))

    assert 0 < units(short) <= (ROW_TITLE if names else BUTTON_TITLE), f"{short!r}: give it a `_short` form"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", AlertKind)
def test_an_alert_in_a_list_is_told_by_its_child_and_its_kind(kind: AlertKind, language: str) -> None:
    label = t.alerts.label(kind=KINDS[kind], code="BLT-014")
    short = render(label, language, short=True)

    assert short.startswith("BLT-014")
    assert units(plain(short)) <= ROW_TITLE


def test_the_labels_are_found() -> None:
    assert {"signup.agree", "adopt.most_needed", "kit.share_phone", "signup.title", "queue.approve"} <= set(
        labels()
    )
