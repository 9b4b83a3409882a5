"""Every text in both languages, used, and within the platforms' limits."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.markup import to_html
from bot.channels.telegram import TEXT_LIMIT
from bot.settings import Settings
from bot.simulator.telegram.entities import parse_html
from handlers.catalogue import all_conversations
from handlers.kit.conversation import Audience, command_list
from handlers.texts import (
    FORMATS,
    LANGUAGES,
    Plain,
    Text,
    all_texts,
    escape,
    moments_in,
    parameters,
    plain,
    render,
    short_forms,
    t,
)
from handlers.texts.stub import TARGET, stub
from models.months import WIB, Month

ROOT = Path(__file__).parents[2]
EXAMPLES: dict[str, Any] = {
    "idr": 450_000,
    "number": 237,
    "decimal": Decimal("82.1"),
    "score": -1.304,
    "percent": 0.388,
    "date": date(2025, 10, 13),
    "month": Month(2025, 10),
    "moment": datetime(2025, 10, 13, tzinfo=UTC),
    "": "Contoh " * 12,
}


def used_keys() -> Iterator[str]:
    """Every `t.feature.name` in the four rooms."""
    for folder in ("handlers", "jobs", "bot"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                    inner = node.value
                    if isinstance(inner.value, ast.Name) and inner.value.id == "t":
                        yield f"{inner.attr}.{node.attr}"


def test_every_text_is_used_and_every_used_text_exists() -> None:
    assert set(used_keys()) == set(all_texts()["id"]) - short_forms()  # which are found by the long one's key


def test_the_stub_is_what_the_catalogs_say() -> None:
    assert TARGET.read_text(encoding="utf-8") == stub()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_renders_with_long_values_and_fits_a_message(language: str) -> None:
    for key, pieces in all_texts()[language].items():
        values = tuple((name, EXAMPLES[spec]) for name, spec in parameters(pieces).items())
        words = render(Text(key, values), language)
        text, _ = parse_html(to_html(words))
        assert 0 < len(text) <= TEXT_LIMIT, key


@pytest.fixture
def _own_zone() -> Iterator[None]:
    yield
    moments_in(WIB)


@pytest.mark.usefixtures("_own_zone")
@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Jakarta", "13 Okt 2025 22.30 WIB"),
        ("Asia/Makassar", "13 Okt 2025 23.30 WITA"),
        ("Asia/Jayapura", "14 Okt 2025 00.30 WIT"),
    ],
)
def test_an_instant_is_written_on_the_districts_clock(zone: str, said: str, tmp_path: Path) -> None:
    shipped = (ROOT / "programme.toml").read_text(encoding="utf-8")
    own = tmp_path / "programme.toml"
    own.write_text(shipped.replace("Asia/Jakarta", zone), encoding="utf-8")
    Settings(programme=own).load_programme()
    words = t.thread.option(code="BLT-001", at=datetime(2025, 10, 13, 15, 30, tzinfo=UTC))
    assert render(words, "id") == f"BLT-001 · {said}"
    assert said.rpartition(" ")[2] in render(words, "en")


def test_every_format_in_the_catalogs_is_known() -> None:
    specs = {spec for pieces in all_texts()["id"].values() for spec in parameters(pieces).values()}
    assert specs <= {"", *FORMATS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_command_menus_fit_telegram(language: str) -> None:
    all_conversations()
    for name, title in command_list(list(Audience), language):
        assert 1 <= len(name) <= 32
        assert 1 <= len(title) <= 256


@given(st.text(max_size=200))
def test_what_a_person_typed_is_never_markup(typed: str) -> None:
    text, entities = parse_html(to_html(render(Plain(typed), "id")))
    assert entities == []
    assert plain(escape(typed)) == typed
    assert text.strip() == typed.strip() or "\r" in typed


@given(st.text(alphabet="*_`\\<>&ab \n", max_size=60))
def test_any_markup_makes_html_that_telegram_takes(marked: str) -> None:
    parse_html(to_html(marked))
