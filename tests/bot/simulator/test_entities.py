"""Formatted text: what becomes of the HTML, in UTF-16 units."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.telegram.entities import found_entities, parse_html, trimmed, utf16_length

PARSED: list[tuple[str, str, str, list[tuple[str, int, int]]]] = [
    ("plain", "halo", "halo", []),
    ("bold", "a <b>b</b>", "a b", [("bold", 2, 1)]),
    ("after an emoji", "👶 <b>b</b>", "👶 b", [("bold", 3, 1)]),
    ("nested, outer first", "<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
    ("empty is dropped", "a<b></b>", "a", []),
    ("code in pre is pre", "<pre><code>x</code></pre>", "x", [("pre", 0, 1)]),
    ("character entity", "<i>&lt;&amp;</i>", "<&", [("italic", 0, 2)]),
    ("expandable", "<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
]


@pytest.mark.parametrize(
    ("source", "text", "entities"), [row[1:] for row in PARSED], ids=[row[0] for row in PARSED]
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[Any]) -> None:
    parsed, found = parse_html(source)
    assert parsed == text
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in found] == entities


@given(st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert parse_html(html.escape(text)) == (text, [])


@given(st.text())
def test_lengths_are_utf16_units(text: str) -> None:
    assert utf16_length(text) == len(text) + sum(ord(character) > 0xFFFF for character in text)


FOUND = [
    ("/start", [("bot_command", 0, 6)]),
    ("ketik /daftar.", [("bot_command", 6, 7)]),
    ("12/10/2025 dan Rp15.000/hari", []),
    ("lihat https://t.me/bot?start=x, ya", [("url", 6, 24)]),
    ("@genting_bot #stunting a@b.id", [("mention", 0, 12), ("hashtag", 13, 9), ("email", 23, 6)]),
]


@pytest.mark.parametrize(("text", "entities"), FOUND)
def test_telegram_finds_commands_and_links_itself(text: str, entities: list[Any]) -> None:
    found = [(entity["type"], entity["offset"], entity["length"]) for entity in found_entities(text)]
    assert found == entities


def test_white_space_around_goes_and_entities_move() -> None:
    text, entities = trimmed(" \n a b ", [{"type": "bold", "offset": 1, "length": 3}])
    assert (text, entities) == ("a b", [{"type": "bold", "offset": 0, "length": 1}])
