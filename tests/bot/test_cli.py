"""Every command as the operator runs it: in a process of its own, by its exit code and what it prints."""

import csv
import json
import re
import stat
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, func, select

from bot.demo.cast import cast
from bot.simulator.server import RunningSimulator, running_simulator
from handlers.catalogue import all_conversations
from handlers.inbox import Handled, handle
from handlers.kit.chat import Context
from handlers.kit.messages import Inbound
from models.children import Child
from models.clock import SystemClock
from models.database import in_session, open_database
from models.grants import NOTHING, Grant, scope_of
from models.keys import KeyRing
from models.programme import Programme
from tests.bot.terminal import Run, refused
from tests.builders import a_coordinator, id_of
from tests.pictures import a_photo


def children_in(url: str, keys: KeyRing) -> int:
    database = open_database(url, keys, durable=False)
    try:
        return database.submit(in_session(_children)).result()
    finally:
        database.close()


def _children(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Child)).one()


# --- help --------------------------------------------------------------------------------------------------

COMMANDS = ["", "run", "demo", "chat", "migrate", "grant", "stats", "growth", "doctor", "import"]
COMMANDS += ["backup", "restore", "export", "erase", "grants", "revoke"]
COMMANDS += ["import children", "import roster", "erase child", "erase person"]
COMMANDS += ["whatsapp", "whatsapp templates", "whatsapp codes"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(genting: Run, command: str) -> None:
    done = genting(*command.split(), "--help")

    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert done.stderr == ""


def test_the_help_names_every_command(genting: Run) -> None:
    listed = genting("--help").stdout

    for command in (command for command in COMMANDS[1:] if " " not in command):
        assert re.search(rf"^\W*{command}\b", listed, re.MULTILINE), command


def test_an_unknown_command_is_a_wrong_command_line(genting: Run) -> None:
    assert genting("frobnicate").returncode == 2
    assert genting("grant", "--days", "0").returncode == 2


# --- stats -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("seeded")
def test_stats_as_json(genting: Run) -> None:
    done = genting("stats", "--json")

    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    assert (figures["children"], figures["fully_supported"], figures["percent"]) == (237, 92, 38.8)
    assert figures["partly_supported"] > 0
    assert figures["partly_supported"] + figures["unsupported"] == 237 - 92
    for name in ("children", "fully_supported", "partly_supported", "unsupported"):
        assert sum(place[name] for place in figures["by_area"]) == figures[name]
    paid = figures["payouts"]
    assert paid["expected"] == paid["given"] + paid["late"] > 100
    assert paid["confirmed"] < paid["given"]
    assert paid["expected_idr"] == figures["pledged_idr"]
    assert paid["disputed_or_short"] == 2


@pytest.mark.usefixtures("seeded")
def test_stats_for_people(genting: Run, programme: Programme) -> None:
    done = genting("stats")

    assert done.returncode == 0, done.stderr
    assert "92 of 237 (38.8 %)" in done.stdout
    assert "2 disputed or short" in done.stdout
    for area in programme.areas:
        assert area.name in done.stdout


@pytest.mark.usefixtures("seeded")
def test_stats_of_one_kecamatan(genting: Run) -> None:
    places = {place["name"]: place for place in json.loads(genting("stats", "--json").stdout)["by_area"]}

    one = json.loads(genting("stats", "--area", "sijuk", "--json").stdout)

    assert [place["name"] for place in one["by_area"] if place["children"]] == ["Sijuk"]
    assert one["children"] == places["Sijuk"]["children"]
    assert one["fully_supported"] == places["Sijuk"]["fully_supported"]


@pytest.mark.usefixtures("seeded")
def test_stats_of_a_month_are_as_it_ended(genting: Run) -> None:
    now = json.loads(genting("stats", "--json").stdout)
    earlier = now["history"][-3]["month"]
    then = json.loads(genting("stats", "--month", earlier, "--json").stdout)
    assert then["day"].startswith(earlier)
    assert then["fully_supported"] == now["history"][-3]["fully_supported"]
    refused(genting("stats", "--month", "1900-01"), "1900-01", "2026-01")


def test_stats_of_nobody(genting: Run) -> None:
    done = genting("stats")

    assert done.returncode == 0, done.stderr
    assert "0 of 0 children" in done.stdout


def test_a_months_plan_as_json_writes_nothing(genting: Run) -> None:
    done = genting("plan", "--month", "2026-01", "--json")

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["month"], said["reminders"], said["days"]) == ("2026-01", 0, [])


@pytest.mark.parametrize("wrong", ["januari", "2026-13", "01-2026", ""])
def test_a_month_that_is_none_is_refused_with_an_example(genting: Run, wrong: str) -> None:
    done = genting("plan", "--month", wrong)

    assert done.returncode == 1
    assert done.stderr.strip() == f"genting: --month wants a month like 2026-01, not {wrong!r}"


# --- growth ------------------------------------------------------------------------------------------------


def test_growth_as_json(genting: Run) -> None:
    size = ("--weight", "9.8", "--height", "82,1")
    done = genting("growth", "--sex", "female", "--age-days", "730", *size, "--json")

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["haz"], said["waz"]) == (pytest.approx(-1.12, abs=0.01), pytest.approx(-1.30, abs=0.01))
    assert said["categories"] == {
        "haz": "normal", "waz": "berat badan normal", "whz": "gizi baik", "baz": "gizi baik"
    }  # fmt: skip
    assert said["length_cm"] == 82.8
    assert not any(said["flags"].values())
    assert said["reasons"] == {}


def test_growth_without_a_length_says_why(genting: Run) -> None:
    size = ("--age-days", "400", "--weight", "4.1234")
    said = json.loads(genting("growth", "--sex", "male", *size, "--json").stdout)

    assert (said["haz"], said["whz"], said["baz"]) == (None, None, None)
    assert said["reasons"] == {"haz": "no_length", "whz": "no_length", "baz": "no_length"}
    assert said["codes"] == {"waz": "severely_underweight"}
    assert said["flags"] == {"waz": True}
    assert "berat badan sangat kurang" in genting("growth", "--sex", "male", *size).stdout


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (("--sex", "x", "--age-days", "3"), "female"),
        (("--sex", "male", "--age-days", "-3"), "-3"),
        (("--sex", "male", "--age-days", "3.5"), "730"),
        (("--sex", "male", "--age-days", "400", "--weight", "abc"), "9.8"),
        (("--sex", "male", "--age-days", "400", "--weight", "nan"), "9.8"),
        (("--sex", "male", "--age-days", "400", "--weight", "920"), "100"),
        (("--sex", "male", "--age-days", "400", "--length", "0"), "200"),
        (("--sex", "male", "--age-days", "400", "--length", "80", "--height", "80"), "both"),
        (("--sex", "male", "--age-days", "400", "--gestation-weeks", "3"), "22"),
    ],
)
def test_growth_of_what_cannot_be_is_one_line(genting: Run, wrong: tuple[str, ...], word: str) -> None:
    refused(genting("growth", *wrong, "--json"), word)


# --- grant -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["grant", "stats"])
def test_no_such_kecamatan(genting: Run, command: str) -> None:
    refused(genting(command, "--area", "Entah"), "--area wants a kecamatan, not 'Entah'", "Sijuk")


@pytest.mark.parametrize(("area", "granted"), [((), None), (("--area", "tanjung pandan"), "Tanjungpandan")])
def test_a_granted_code_is_redeemed_once_in_the_chat(
    genting: Run, sqlite_url: str, keys: KeyRing, programme: Programme, area: tuple[str, ...], granted: str
) -> None:
    done = genting("grant", *area, "--days", "30")
    assert done.returncode == 0, done.stderr
    found = re.search(r"^Code: (\S+)", done.stdout)
    assert found

    all_conversations()
    context = Context(programme, keys, SystemClock())
    database = open_database(sqlite_url, keys, durable=False)
    try:
        lines = [("1", f"/kode {found[1]}"), ("1", "Ibu Contoh"), ("2", f"/kode {found[1]}")]
        for number, (address, text) in enumerate(lines):
            inbound = Inbound("telegram", address, str(number), text=text)
            assert database.submit(partial(handle, context=context, inbound=inbound)).result() is Handled.DONE
        [grant] = database.submit(in_session(lambda s: list(s.exec(select(Grant))))).result()
    finally:
        database.close()
    assert grant.area == granted
    assert (grant.expires_at - grant.granted_at).days == pytest.approx(30, abs=1)


def test_roles_are_listed_and_taken_back(genting: Run, sqlite_url: str, keys: KeyRing) -> None:
    database = open_database(sqlite_url, keys, durable=False)
    try:
        work = in_session(lambda s: id_of(a_coordinator(s, keys, area="Sijuk", name="Bagas Contoh")))
        person = database.submit(work).result()
        listed = json.loads(genting("grants", "--json").stdout)
        assert [(row["name"], row["area"], row["state"]) for row in listed] == [
            ("Bagas Contoh", "Sijuk", "active")
        ]
        done = genting("revoke", str(listed[0]["id"]))
        assert done.returncode == 0, done.stderr
        now = SystemClock().now()
        assert database.submit(in_session(lambda s: scope_of(s, person, now))).result() == NOTHING
    finally:
        database.close()
    assert json.loads(genting("grants", "--json").stdout) == []
    refused(genting("revoke", str(listed[0]["id"])), "no role")


# --- import ------------------------------------------------------------------------------------------------

HEADERS = [
    "nama", "NIK", "jenis kelamin", "tanggal lahir", "kecamatan", "desa", "alamat", "status", "keparahan",
    "tanggal masuk daftar", "nama ibu/wali", "hubungan", "telepon wali",
]  # fmt: skip


def a_child_row(name: str, born_on: str, village: str = "Batu Itam") -> list[str]:
    rest = ["Jalan Rekaan 1", "stunting", "pendek", "01/06/2025", "Ibu Contoh", "ibu", "0800-0000-1001"]
    return [name, "", "P", born_on, "Sijuk", village, *rest]


def write_csv(path: Path, *rows: list[str]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADERS, *rows])
    return path.name


def test_importing_children(genting: Run, sqlite_url: str, keys: KeyRing, tmp_path: Path) -> None:
    path = tmp_path / "anak [1].csv"
    good = a_child_row("Embun Contoh", "01/04/2024")

    # a wrong row: named by its number, and nothing of the file is written, dry or not
    name = write_csv(path, good, a_child_row("Fajar Lain", "02/05/2023", village="Entah"))
    for dry in ((), ("--dry-run",)):
        done = genting("import", "children", name, *dry)
        assert done.returncode == 1
        assert re.search(r"^error: .*\b3\b.*Entah", done.stderr, re.MULTILINE), done.stderr
        assert "genting: nothing was imported: 1 error(s) in 2 row(s)" in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        assert children_in(sqlite_url, keys) == 0

    # a dry run writes nothing
    write_csv(path, good, a_child_row("Fajar Lain", "02/05/2023"))
    done = genting("import", "children", name, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "2 row(s): 2 would be added, 0 changed, 0 unchanged." in done.stdout
    assert children_in(sqlite_url, keys) == 0

    # the mended file is imported, and a second time changes nothing
    done = genting("import", "children", name)
    assert done.returncode == 0, done.stderr
    assert "2 row(s): 2 were added, 0 changed, 0 unchanged." in done.stdout
    assert children_in(sqlite_url, keys) == 2
    done = genting("import", "children", name)
    assert done.returncode == 0, done.stderr
    assert "2 row(s): 0 were added, 0 changed, 2 unchanged." in done.stdout
    assert children_in(sqlite_url, keys) == 2


@pytest.mark.parametrize("kind", ["children", "roster"])
def test_importing_what_is_no_file_of_ours(genting: Run, tmp_path: Path, kind: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "noise.xlsx").write_bytes(b"\x00\xff not a spreadsheet")

    for name in ("absent.csv", "folder", "noise.xlsx"):
        done = genting("import", kind, name)
        assert done.returncode == 1
        assert len(done.stderr.split("\n\n")[-1].strip().splitlines()) == 1, done.stderr
        assert "genting: the" in done.stderr
        assert "Traceback" not in done.stderr


# --- what is set wrong -------------------------------------------------------------------------------------

TOKEN = "7001234567:AAnotARealTokenOnlyForTheseTestsXYZ"


@pytest.mark.parametrize(
    "wrong",
    [
        {"DATABASE_URL": "nonsense"},
        {"DATABASE_URL": ""},
        {"DATABASE_URL": "mysql://somebody@localhost/genting"},
        {"DATABASE_URL": "sqlite:////dev/null/genting.db"},
        {"DATABASE_URL": "postgresql+psycopg://somebody:hush@127.0.0.1:1/genting"},
        {"GENTING_LOG_LEVEL": "loud"},
        {"GENTING_TELEGRAM_TOKEN": "changeme"},
        {"GENTING_KEYS": "hush"},
        {"GENTING_PROGRAMME": "absent.toml"},
        {"GENTING_PUBLIC_URL": "https://genting.example"},
    ],
    ids=lambda wrong: "=".join(next(iter(wrong.items()))),
)
def test_what_is_set_wrong_is_one_line(genting: Run, wrong: dict[str, str]) -> None:
    done = genting("run", **({"GENTING_TELEGRAM_TOKEN": TOKEN} | wrong))

    refused(done)
    assert "hush" not in done.stderr
    assert TOKEN not in done.stderr
    if "GENTING_PROGRAMME" not in wrong and "GENTING_PUBLIC_URL" not in wrong:
        assert genting("doctor", **wrong).returncode == 1


def test_run_needs_a_token(genting: Run) -> None:
    refused(genting("run"), "GENTING_TELEGRAM_TOKEN")


def test_run_with_a_token_that_is_refused(genting: Run) -> None:
    with running_simulator() as simulator:
        done = genting(
            "run",
            GENTING_TELEGRAM_TOKEN=TOKEN,
            GENTING_TELEGRAM_API=f"{simulator.url}/telegram",
            GENTING_LOG_LEVEL="WARNING",
        )

    refused(done, "Telegram refuses")
    assert TOKEN.partition(":")[2] not in done.stderr


# --- migrate, doctor ---------------------------------------------------------------------------------------


def test_migrate_twice(genting: Run, empty_sqlite_url: str) -> None:
    first, second = (genting("migrate", DATABASE_URL=empty_sqlite_url) for _ in range(2))

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert re.fullmatch(r"[1-9]\d* step\(s\) applied\.", first.stdout.strip())
    assert second.stdout.strip() == "Up to date."


def checks(done: subprocess.CompletedProcess[str]) -> dict[str, bool]:
    assert "Traceback" not in done.stderr, done.stderr
    return {row["check"]: row["ok"] for row in json.loads(done.stdout)}


def test_doctor_without_a_token(genting: Run) -> None:
    done = genting("doctor", "--json")

    assert done.returncode == 1
    assert [check for check, ok in checks(done).items() if not ok] == ["telegram"]


def test_doctor_before_and_after_migrating(genting: Run, empty_sqlite_url: str) -> None:
    with running_simulator() as simulator:
        env = {
            "DATABASE_URL": empty_sqlite_url,
            "GENTING_TELEGRAM_TOKEN": simulator.token,
            "GENTING_TELEGRAM_API": f"{simulator.url}/telegram",
        }
        before = genting("doctor", "--json", **env)
        assert genting("migrate", **env).returncode == 0
        after, told = genting("doctor", "--json", **env), genting("doctor", **env)

    assert before.returncode == 1
    assert [check for check, ok in checks(before).items() if not ok] == ["database"]
    assert after.returncode == 0, after.stdout
    assert all(checks(after).values())
    assert {"settings", "programme", "database", "outbox", "updates", "telegram", "clock"} <= set(
        checks(after)
    )
    assert told.returncode == 0
    assert "WRONG" not in told.stdout


@pytest.mark.usefixtures("seeded")
def test_other_keys_than_the_database_s_are_refused_everywhere(genting: Run) -> None:
    """Whoever lost the key file must learn it now, and not when the old data is wanted."""
    others = {"GENTING_KEYS": KeyRing.generate()[1]}
    for command in (["stats"], ["grant"], ["backup"], ["export", "all.json"]):
        refused(genting(*command, **others), "not the keys of this database")
    done = genting("doctor", "--json", **others)
    assert done.returncode == 1
    assert "keys" in [check for check, ok in checks(done).items() if not ok]


def test_a_new_database_is_its_owners_alone(genting: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    assert genting("migrate", DATABASE_URL=f"sqlite:///{path}").returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- chat --------------------------------------------------------------------------------------------------


def test_a_chat_is_saved_as_a_scenario(genting: Run, programme: Programme, tmp_path: Path) -> None:
    typed = "/start\n#1\n#99\n:nomor abc\n:siapa\n:sebagai newcomer\nBudi [/b]\n"
    done = genting("chat", "--save", "story.txt", typed=typed)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "there is no button #99" in done.stdout
    people, *lines = (tmp_path / "story.txt").read_text(encoding="utf-8").splitlines()
    assert people.startswith("people: ")
    for member in cast(programme):
        assert f"{member.key} is {member.key}" in people
    assert lines[0] == "newcomer_on_roster: /start"
    assert lines[1].startswith("bot to newcomer_on_roster: ")
    assert any(re.fullmatch(r"newcomer_on_roster taps \[.+\]", line) for line in lines)
    assert "newcomer: Budi [/b]" in lines
    assert not any("abc" in line or "99" in line for line in lines)


def test_a_chat_sends_a_picture_and_moves_the_clock(genting: Run, tmp_path: Path) -> None:
    (tmp_path / "struk.jpg").write_bytes(a_photo())
    typed = ":foto struk.jpg\n:foto absent.jpg\n:maju 1 hari\n:maju penyaluran\n:maju mundur\n"
    done = genting("chat", "--save", "story.txt", typed=typed)

    assert done.returncode == 0, done.stderr
    assert "absent.jpg: No such file" in done.stdout
    assert ":maju 3 jam" in done.stdout
    lines = (tmp_path / "story.txt").read_text(encoding="utf-8").splitlines()
    assert "newcomer_on_roster sends photo struk.jpg" in lines
    assert [line for line in lines if line.startswith("clock: ")] == [
        "clock: 2025-10-14 09:00",
        "clock: 2025-11-10 09:00",
    ]
    assert any(line.startswith("bot to newcomer_on_roster: ") for line in lines)


def test_a_chat_that_cannot_be_saved(genting: Run) -> None:
    done = genting("chat", "--save", "absent/story.txt", typed="/start\n")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "absent/story.txt" in done.stderr


# --- WhatsApp ----------------------------------------------------------------------------------------------


def whatsapp_environment(simulator: RunningSimulator) -> dict[str, str]:
    """Return what turns WhatsApp on for a command."""
    business = simulator.business
    return {
        "GENTING_WHATSAPP_TOKEN": business.token,
        "GENTING_WHATSAPP_PHONE_ID": business.phone_number_id,
        "GENTING_WHATSAPP_ACCOUNT_ID": business.account_id,
        "GENTING_WHATSAPP_APP_SECRET": business.app_secret,
        "GENTING_WHATSAPP_VERIFY_TOKEN": business.verify_token,
        "GENTING_WHATSAPP_API": simulator.whatsapp_api,
    }


def test_templates_are_compared_registered_and_watched(genting: Run) -> None:
    with running_simulator() as simulator:
        environment = whatsapp_environment(simulator)
        before = genting("whatsapp", "templates", **environment)
        assert before.returncode == 1
        assert "not registered" in before.stdout
        pushed = genting("whatsapp", "templates", "--push", "--json", **environment)
        assert pushed.returncode == 0, pushed.stderr
        assert {one["says"] for one in json.loads(pushed.stdout)} == {"approved"}
        simulator.driver.change_template("news", category="MARKETING")
        after = genting("whatsapp", "templates", **environment)
        assert after.returncode == 1
        assert "recategorised as MARKETING" in after.stdout
        told = genting("doctor", **environment)
        assert "halted templates: news: recategorised as MARKETING" in told.stdout
        assert simulator.business.token not in told.stdout


def test_whatsapp_that_is_off_or_refused_is_one_line(genting: Run) -> None:
    refused(genting("whatsapp", "templates"), "GENTING_WHATSAPP_TOKEN")
    with running_simulator() as simulator:
        wrong = {**whatsapp_environment(simulator), "GENTING_WHATSAPP_TOKEN": "EAAother"}
        refused(genting("whatsapp", "templates", **wrong), "190")
    half = {"GENTING_WHATSAPP_TOKEN": "EAAother"}
    refused(genting("migrate", **half), "GENTING_WHATSAPP_PHONE_ID")


@pytest.mark.usefixtures("seeded")
def test_codes_for_an_office_are_written_once_and_for_nobody_else_to_read(
    genting: Run, tmp_path: Path
) -> None:
    file = tmp_path / "codes.csv"
    done = genting("whatsapp", "codes", "bappeda", str(file))
    assert done.returncode == 0, done.stderr
    with file.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert rows
    assert all(re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", row["kode"]) for row in rows)
    assert f"{len(rows)} code(s)" in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    refused(genting("whatsapp", "codes", "bappeda", str(file)), "exists")
    refused(genting("whatsapp", "codes", "Dinas Antah Berantah", str(tmp_path / "x.csv")), "nobody")


def test_messages_of_a_month_are_counted(genting: Run) -> None:
    done = genting("stats", "--messages", "--month", "2025-10", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"month": "2025-10", "categories": []}
    refused(genting("stats", "--messages", "--month", "oktober"), "oktober")
