"""What is handed to containers and systemd agrees with the program."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import cli
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
FILES = [ROOT / "Dockerfile", *ROOT.glob("compose*.yaml"), *sorted((ROOT / "deploy").iterdir())]


def known_settings() -> set[str]:
    names = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names.add(alias if isinstance(alias, str) else f"GENTING_{name.upper()}")
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_is_there(path: Path) -> None:
    named = set(re.findall(r"\b(?:GENTING_[A-Z_]+|DATABASE_URL)\b", path.read_text(encoding="utf-8")))
    assert named <= known_settings()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_command_that_is_called_is_there(path: Path) -> None:
    commands = set(get_command(cli).commands)  # type: ignore[attr-defined] # a group, as Typer makes one
    text = path.read_text(encoding="utf-8")
    called = set(re.findall(r"(?:bin/|exec bot |^ +)genting ([a-z]+)", text, re.MULTILINE))
    assert called <= commands


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_the_port_that_compose_offers_is_the_web_servers_and_open_to_this_machine_only() -> None:
    port = str(Settings.model_fields["port"].default)
    offered = re.findall(r'- "(.*):(\d+):(\d+)"', (ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert offered == [("127.0.0.1", port, port)]


def test_no_secret_is_baked_in() -> None:
    assert not re.search(r"TOKEN=\S|KEYS=\S", (ROOT / "Dockerfile").read_text())
    assert "data" in (ROOT / ".gitignore").read_text()
