"""Canaries: unmistakable names, numbers and secrets live through everything, and sing nowhere but where they may."""

import json
import logging
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from bot import logs
from bot.app import App
from bot.demo.cast import DemoPerson
from bot.settings import Settings
from bot.simulator.driver import Driver, Phone
from bot.simulator.pacing import Pace
from bot.simulator.people import Person as PhoneOwner
from bot.simulator.server import RunningSimulator, running_simulator
from handlers.catalogue import all_conversations
from handlers.kit.chat import Chat
from handlers.kit.conversation import COMMANDS, CONVERSATIONS, conversation
from handlers.kit.inputs import FreeText
from handlers.texts import t
from models.database import Database, in_session, open_database
from models.inbox import parked
from models.keys import KeyRing
from models.organisations import Organisation, OrganisationKind
from models.programme import Programme
from tests.bot.terminal import Run
from tests.builders import (
    a_child,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_guardian,
    a_nip,
    a_person,
    a_pledge,
    a_roster_entry,
)
from tests.clock import RunningClock
from tests.opened import at_rest, personal_data, pictures
from tests.running import (
    register_templates,
    running_app,
    settings_for,
    settle,
    subscribe_whatsapp,
    whatsapp_settings,
)
from tests.scenarios.files import text_in
from tests.scenarios.player import PICTURES, WAIT, Player

STORY = Path(__file__).with_name("canaries.txt")
NIP = a_nip(777)
NIK = "9901015404240777"
NAMES = {
    "giver": ("Kenari Pemberi Kencana", 7_777_000_101, "+62800077770101"),
    "mother": ("Kenari Ibunda Kencana", 7_777_000_102, "+62800077770102"),
    "district": ("Kenari Pusat Kencana", 7_777_000_103, "+62800077770103"),
    "badau": ("Pencatat Badau Rekaan", 7_777_000_104, "+62800077770104"),
    "other": ("Pemberi Lain Rekaan", 7_777_000_105, "+62800077770105"),
    "second": ("Kenari Kedua Kencana", 7_777_000_107, "+62800077770107"),
    "stranger": ("Orang Asing Rekaan", 7_777_000_106, "+62800077770106"),
}
UNENTITLED = ("badau", "other", "stranger")
"""Who has nothing to do with BLT-001 and its people."""

FILES = {"kenari_salah.csv", "kenari_benar.csv"}
BROKEN = "Kenari Gagal Kencana"
DAMAGED = "Kenari Cacat Kencana"
STAGES = [("telegram", "sqlite"), ("telegram", "postgresql"), ("whatsapp", "sqlite")]


# --- what is planted ---------------------------------------------------------------------------------------


def cast_on(channel: str) -> dict[str, DemoPerson]:
    def member(key: str) -> DemoPerson:
        name, number, phone = NAMES[key]
        nip = NIP if key == "giver" else None
        return DemoPerson(key, number, name, phone, "id", "", "", "", "", False, nip, None, (), channel)

    return {key: member(key) for key in NAMES}


def plant(session: Session, keys: KeyRing, channel: str) -> None:
    def joined(key: str) -> dict[str, Any]:
        name, number, phone = NAMES[key]
        person = a_person(session, keys, name=name, phone=phone)
        address = phone.removeprefix("+") if channel == "whatsapp" else str(number)
        a_contact(session, keys, channel=channel, address=address, person=person)
        return {"person": person}

    name, _, phone = NAMES["giver"]
    a_roster_entry(session, keys, nip=NIP, name=name, phone=phone)
    a_coordinator(session, keys, **joined("district"))
    a_coordinator(session, keys, **joined("second"))
    a_coordinator(session, keys, area="Badau", **joined("badau"))
    name, _, phone = NAMES["mother"]
    child = a_child(
        session,
        name="Kenari Bintang Kencana",
        address="Jalan Kenari Kencana 77",
        guardian=a_guardian(session, keys, name=name, phone=phone),
    )
    child.nik, child.nik_index = NIK, keys.index(NIK)
    elsewhere = a_child(session, name="Anak Badau Rekaan", area="Badau", village="Badau")
    a_pledge(session, child=elsewhere, foster_parent=a_foster_parent(session, keys, **joined("other")))


@pytest.fixture
def failing_conversation() -> Iterator[None]:
    """A conversation with the mistakes that quote: a database's refusal, and Python's own."""
    all_conversations()

    @conversation("kenari_gagal", title=t.menu.title())
    def fails(chat: Chat) -> None:
        words = chat.ask("words", FreeText(t.signup.name()))
        try:
            for _ in range(2):
                chat.db.add(Organisation(name=words, kind=OrganisationKind.COMMUNITY))
                chat.db.flush()
        finally:
            int(words)

    yield
    del CONVERSATIONS["kenari_gagal"], COMMANDS["kenari_gagal"]


@contextmanager
def everything_said(path: Path, settings: Settings) -> Iterator[None]:
    """Log as `genting run` does at DEBUG, and httpx as deeply as it can, with all of stderr, into a file."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with path.open("w", encoding="utf-8") as stream, redirect_stderr(stream):
        logs.configure("DEBUG", settings.secrets())
        logging.getLogger("httpx").setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)


# --- the run -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.usefixtures("failing_conversation")
@pytest.mark.parametrize(("channel", "kind"), STAGES)
def test_no_canary_sings(
    channel: str,
    kind: str,
    request: pytest.FixtureRequest,
    keys_text: str,
    keys: KeyRing,
    programme: Programme,
    running_clock: RunningClock,
    genting: Run,
    tmp_path: Path,
) -> None:
    url = str(request.getfixturevalue(f"{kind}_url"))
    database = open_database(url, keys, durable=False)
    database.submit(in_session(lambda s: plant(s, keys, channel))).result()
    people = cast_on(channel)
    phones = [
        PhoneOwner(p.telegram_id, p.name, phone=p.phone.removeprefix("+"), channel=channel, started=True)
        for p in people.values()
    ]
    with running_simulator(running_clock, people=phones, pace=Pace.off()) as simulator:
        settings = settings_for(simulator, url, keys_text, **whatsapp_settings(simulator))
        log = tmp_path / "said.log"
        with everything_said(log, settings):
            register_templates(settings)
            with running_app(settings, running_clock) as app:
                subscribe_whatsapp(simulator, settings)
                settled = partial(settle, app, running_clock)
                settled()
                player = Player(
                    simulator.driver,
                    people,
                    running_clock,
                    programme.zone,
                    settled,
                    channel,
                )
                player.play(STORY)
                trouble(simulator, player, channel)
                running_clock.advance(timedelta(minutes=5))  # what had to wait has waited
                settled()
                player.phones["pusat"].wait_for("Kenari Ibunda", WAIT)
                watched = look_from_outside(app, settings)
            told = {who: heard(simulator.driver, player.phones[alias]) for alias, who in ALIASES.items()}
        said = log.read_text(encoding="utf-8")
        on_terminal = terminal(genting, simulator, url, tmp_path)

    canaries = canaries_of(database)
    secrets = [settings.telegram_token, settings.whatsapp_token, settings.whatsapp_app_secret, settings.keys]
    hidden = canaries | {secret.get_secret_value() for secret in secrets if secret}
    assert "update_failed" in said, "nothing failed"
    assert "HTTP Request" in said, "httpx was silent"
    assert sings(said, hidden) == [], f"in the log of {channel}"
    assert sings(watched, hidden) == [], "in health or metrics"
    assert sings(on_terminal, hidden) == [], "on the terminal"
    stolen = at_rest(database)
    assert sings(stolen, hidden) == [], "in the database as it lies on the disk"
    assert sings(stolen, {"BLT-001"}), "what stands in plain is not found either"
    kept = pictures(database)
    assert kept
    assert not [len(picture) for picture in kept if picture[:64] in stolen or picture[-64:] in stolen]
    for file in (tmp_path / "data" / "backups").iterdir():
        assert sings(file.read_bytes(), hidden) == [], file.name
    assert sings((tmp_path / "all.json").read_bytes(), hidden) == [], "in an export without names"
    of_sijuk = {canary for canary in canaries if "enari" in canary or canary in {NIK, NIP}}
    assert sings(told["district"], {"Kenari Bintang Kencana"}), "not even who may know was told"
    for who in UNENTITLED:
        assert sings(told[who], of_sijuk | digits_of("giver", "mother", "district")) == [], f"told to {who}"
    assert sings(told["mother"], {NIP} | digits_of("giver")) == [], "told to the family"
    assert BROKEN in database.submit(lambda c: parked(c, keys)[-1].error).result(), "it was no real failure"
    database.close()


ALIASES = {
    "giver": "giver", "ibu": "mother", "pusat": "district", "badau": "badau", "lain": "other",
    "asing": "stranger",
}  # fmt: skip


def trouble(simulator: RunningSimulator, player: Player, channel: str) -> None:
    """Let the platform fail in every way while names are on their way, and send what cannot be read."""
    driver, pusat = simulator.driver, player.phones["pusat"]
    kinds = ["server_error", "dropped", "too_many_requests"]
    kinds += ["answer_lost"] if channel == "telegram" else []
    for kind in kinds:
        driver.fault(kind, retry_after=0)
        pusat.send("/kontak BLT-001")
        time.sleep(0.2)
    pusat.send_document(b"\xff\xd8\xff" + DAMAGED.encode(), f"{DAMAGED}.jpg", "image/jpeg")
    driver.inject(
        {"message": {"message_id": DAMAGED, "from": {"first_name": DAMAGED}, "chat": DAMAGED}},
        {"message": {"text": DAMAGED, "date": DAMAGED, "chat": {"id": 2**70, "type": "private"}}},
    )
    driver.fault("blocked" if channel == "telegram" else "refused", code=131026, chat_id=pusat.chat_id)
    pusat.send("/kontak BLT-001")
    time.sleep(0.5)
    driver.clear_faults()
    pusat.send("/kontak BLT-001")


def look_from_outside(app: App, settings: Settings) -> str:
    """Return what whoever watches the server sees, and a caller who is not let in."""
    address = f"http://127.0.0.1:{settings.port}"
    with httpx.Client(trust_env=False, timeout=30) as client:
        answers = [client.get(f"{address}/{path}") for path in ("metrics", "health", "nowhere")]
        answers.append(client.post(f"{address}/whatsapp", json={"name": DAMAGED}))
    assert "genting_updates" in answers[0].text
    return "\n".join(f"{answer.headers}\n{answer.text}" for answer in answers)


def heard(driver: Driver, phone: Phone) -> str:
    """Return all that the bot told one person, keys and files included."""
    told = []
    for message in phone.messages:
        if message.from_bot:
            told += [message.text, json.dumps(message.payload, ensure_ascii=False)]
            if message.document:
                name = message.document["file_name"]
                told.append(text_in(driver.download(message.document["file_id"]), name))
    return "\n".join(told)


def terminal(genting: Run, simulator: RunningSimulator, url: str, folder: Path) -> str:
    """Run the operator's commands, also with what is wrong; return all that they print."""
    more = {
        "DATABASE_URL": url,
        "GENTING_TELEGRAM_TOKEN": simulator.token,
        "GENTING_TELEGRAM_API": f"{simulator.url}/telegram",
        "GENTING_LOG_LEVEL": "DEBUG",
    }
    (folder / "wrong.csv").write_bytes((PICTURES / "kenari_salah.csv").read_bytes())
    commands: list[tuple[str, dict[str, str]]] = [
        ("backup", {}),
        ("doctor", {}),
        ("stats --json", {}),
        ("stats", {}),
        ("plan --month 2025-11 --json", {}),
        ("export all.json", {}),
        ("import children wrong.csv", {}),
        ("erase child BLT-001 --dry-run", {}),
        ("erase person +62800099999999", {}),
        ("run", {"GENTING_TELEGRAM_API": "http://127.0.0.1:9"}),
        ("run", {"GENTING_TELEGRAM_API": f"{simulator.url}/nowhere"}),
        ("run", {"GENTING_KEYS": "wrong"}),
    ]
    done: list[subprocess.CompletedProcess[str]] = []
    for words, other in commands:
        done.append(genting(*words.split(), **(more | other)))
        assert done[-1].stdout or done[-1].stderr, words
    assert [each.returncode for each in done[:1] + done[2:6]] == [0] * 5, [each.stderr for each in done]
    return "\n".join(each.stdout + each.stderr for each in done)


# --- what is looked for ------------------------------------------------------------------------------------


def canaries_of(database: Database) -> set[str]:
    """Return all that is kept sealed, all that was in the files, and what never was kept."""
    typed = {word for line in STORY.read_text(encoding="utf-8").splitlines() for word in _typed(line)}
    cells = {
        cell.strip()
        for name in FILES
        for line in (PICTURES / name).read_text(encoding="utf-8").splitlines()[1:]
        for cell in line.split(",")
        if "enari" in cell or cell.replace("-", "").isdigit()
    }
    kept = personal_data(database)
    assert {NIK, NIP, "Jalan Kenari Kencana 77", "Kenari Bintang Kencana"} <= kept
    own = {value for value in kept if len(value) > 5}
    return own | typed | cells | {DAMAGED, BROKEN, NIK, NIP} | digits_of(*NAMES)


def _typed(line: str) -> list[str]:
    who, _, words = line.partition(": ")
    return [words] if words.startswith("Kenari") and "bot" not in who else []


def digits_of(*who: str) -> set[str]:
    """Return telephones, in the part that every way of writing them shares, and chats."""
    return {written for key in who for written in (NAMES[key][2][-11:], str(NAMES[key][1]))}


def sings(where: str | bytes, canaries: set[str]) -> list[str]:
    """Return the canaries that are found, also as JSON writes them."""
    found = where if isinstance(where, bytes) else where.encode()
    return sorted(c for c in canaries if c.encode() in found or json.dumps(c)[1:-1].encode() in found)
