"""The documents say what the program does: nothing that can be set, run or said is missing from them."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bot.cli import cli
from bot.settings import Settings
from handlers.catalogue import all_conversations

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

LINK = re.compile(r"\]\(([^)\s]+)\)|<(?:img|a)\s[^>]*(?:src|href)=\"([^\"]+)\"")
MAKE = re.compile(r"(?:`|^)make ([a-z-]+)", re.MULTILINE)
HOME_PATH = re.compile(rb"(?<![\w.~-])/(?:home|Users|root)/[A-Za-z]")


def settings() -> Iterator[tuple[str, str]]:
    """Yield each setting as the operator writes it, with its default as the documents write it."""
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        default = "not set" if field.default is None else f"`{field.default}`"
        yield alias if isinstance(alias, str) else f"GENTING_{name.upper()}", default


def commands(command: Any, words: str) -> Iterator[str]:
    """Yield each command as it is typed, those of groups included."""
    below = getattr(command, "commands", None)
    if below is None:
        yield words
        return
    for name, one in below.items():
        yield from commands(one, f"{words} {name}")


@pytest.mark.parametrize(("setting", "default"), list(settings()))
def test_a_setting_is_documented_with_its_default(setting: str, default: str) -> None:
    assert f"| `{setting}` | {default} |" in OPERATIONS


def test_no_document_knows_a_setting_that_is_not_there() -> None:
    known = {name for name, _ in settings()}
    for document in DOCUMENTS:
        named = set(re.findall(r"\bGENTING_[A-Z_]+\b", document.read_text(encoding="utf-8")))
        assert named <= known, document.name


@pytest.mark.parametrize("command", list(commands(get_command(cli), "genting")))
def test_a_command_of_the_terminal_is_documented(command: str) -> None:
    assert f"| `{command}` |" in OPERATIONS


def test_what_people_can_say_is_documented() -> None:
    everything = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    offered = [entry for entry in all_conversations().values() if entry.menu]
    assert offered
    for entry in all_conversations().values():
        assert f"`{entry.command}`" in everything, entry.command


def test_every_link_to_a_file_leads_somewhere() -> None:
    dead = []
    for document in DOCUMENTS:
        for found in LINK.finditer(document.read_text(encoding="utf-8")):
            target = (found[1] or found[2]).partition("#")[0]
            if target and "://" not in target and not (document.parent / target).exists():
                dead.append(f"{document.relative_to(ROOT)}: {target}")
    assert dead == []


def test_every_make_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        assert set(MAKE.findall(document.read_text(encoding="utf-8"))) <= targets, document.name


def test_no_file_names_somebodys_home() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout
    tracked = [ROOT / name for name in listed.decode().split("\0") if name]
    found = [
        path.relative_to(ROOT)
        for path in {*tracked, *DOCUMENTS}
        if path.is_file() and HOME_PATH.search(path.read_bytes())
    ]
    assert found == []
