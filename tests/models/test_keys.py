"""The key ring, and what stands in the database instead of personal data."""

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, select
from sqlmodel import Session

from models.columns import keys_of
from models.database import Database, in_session
from models.errors import ConfigurationError
from models.keys import KeyRing
from models.nip import parse_nip
from models.people import FosterKind, Person, register
from models.sqlite import SQLite
from tests.builders import a_child, a_contact, a_guardian, a_roster_entry
from tests.clock import MONDAY_MORNING
from tests.processes import forking


def key(letter: bytes) -> str:
    return base64.b64encode(letter * 32).decode()


OLD = f"index={key(b'i')};1={key(b'a')}"
ROTATED = f"index={key(b'i')};2={key(b'b')};1={key(b'a')}"
OLD_GONE = f"index={key(b'i')};2={key(b'b')}"
FOREIGN = f"index={key(b'i')};1={key(b'z')}"


@given(st.binary(max_size=500))
def test_what_is_sealed_opens_again(plain: bytes) -> None:
    ring = KeyRing.parse(OLD)
    assert ring.open(ring.seal(plain)) == plain


def test_the_same_text_is_sealed_differently_each_time() -> None:
    ring = KeyRing.parse(OLD)
    assert len({ring.seal(b"Budi") for _ in range(100)}) == 100


def test_a_new_key_in_front_seals_and_the_old_one_still_opens() -> None:
    before = KeyRing.parse(OLD).seal(b"Budi")
    rotated = KeyRing.parse(ROTATED)
    assert rotated.open(before) == b"Budi"
    after = rotated.seal(b"Budi")
    assert (before[0], after[0]) == (1, 2)
    assert KeyRing.parse(OLD_GONE).open(after) == b"Budi"


def test_rotation_does_not_move_the_index() -> None:
    nip = "198503152010012003"
    assert KeyRing.parse(OLD).index(nip) == KeyRing.parse(OLD_GONE).index(nip)


def test_another_index_key_finds_nothing() -> None:
    other = KeyRing.parse(f"index={key(b'j')};1={key(b'a')}")
    assert KeyRing.parse(OLD).index("x") != other.index("x")


@pytest.mark.parametrize("ring", [OLD_GONE, FOREIGN])
def test_a_missing_or_wrong_key_is_a_matter_for_the_operator(ring: str) -> None:
    sealed = KeyRing.parse(OLD).seal(b"Budi")
    with pytest.raises(ConfigurationError, match="cannot be opened") as refusal:
        KeyRing.parse(ring).open(sealed)
    assert "\n" not in str(refusal.value)


@given(st.data())
def test_a_changed_bit_is_noticed(data: st.DataObject) -> None:
    ring = KeyRing.parse(OLD)
    sealed = bytearray(ring.seal(b"Budi Rekaan"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ConfigurationError):
        ring.open(bytes(sealed))


@given(st.integers(0, 38))
def test_a_cut_value_is_noticed(length: int) -> None:
    ring = KeyRing.parse(OLD)
    with pytest.raises(ConfigurationError):
        ring.open(ring.seal(b"Budi Rekaan")[:length])


@pytest.mark.parametrize(
    "ring",
    [
        pytest.param("", id="empty"),
        pytest.param("index", id="no value"),
        pytest.param(f"1={key(b'a')}", id="no index key"),
        pytest.param(f"index={key(b'i')}", id="no key"),
        pytest.param(f"index={key(b'i')};1=short", id="no base64"),
        pytest.param(f"index={key(b'i')};1={base64.b64encode(b'a' * 31).decode()}", id="31 bytes"),
        pytest.param(f"index={base64.b64encode(b'i' * 16).decode()};1={key(b'a')}", id="short index key"),
        pytest.param(f"index={key(b'i')};0={key(b'a')}", id="key 0"),
        pytest.param(f"index={key(b'i')};256={key(b'a')}", id="key 256"),
        pytest.param(f"index={key(b'i')};one={key(b'a')}", id="no number"),
    ],
)
def test_a_broken_ring_is_refused_in_one_line_that_shows_no_key(ring: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        KeyRing.parse(ring)
    assert "\n" not in str(refusal.value)
    assert key(b"a") not in str(refusal.value)
    assert key(b"i") not in str(refusal.value)


def test_a_ring_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys"
    first = KeyRing.from_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyRing.from_file(path).open(first.seal(b"Budi")) == b"Budi"
    assert list(path.parent.iterdir()) == [path]


def _index_by_ring_in(path: Path) -> str:
    return KeyRing.from_file(path).index("198503152010012003")


def test_processes_that_start_together_agree_on_the_ring(tmp_path: Path) -> None:
    with forking().Pool(4) as pool:
        for number in range(20):
            path = tmp_path / f"keys-{number}"
            assert len(set(pool.map(_index_by_ring_in, [path] * 4, chunksize=1))) == 1


PLANTED = {
    "name": "Zebulon Karambola",
    "nip": "198503152010012003",
    "phone": "+6281298765432",
    "child": "Anindya Karambola",
    "nik": "1902014404240003",
    "address": "Gang Karambola Nomor 77",
    "guardian": "Sulastri Karambola",
    "family phone": "+6285211223344",
    "roster name": "Zebulon Karambola, S.Pd",
    "chat": "9876543210123",
}


def plant(database: Database) -> None:
    """Write each kind of personal data once, by the rules where there are rules."""
    keys = database.keys

    def work(session: Session) -> None:
        nip = parse_nip(PLANTED["nip"])
        a_roster_entry(session, keys, nip=nip, name=PLANTED["roster name"], phone=PLANTED["phone"])
        register(
            session,
            keys,
            MONDAY_MORNING,
            name=PLANTED["name"],
            phone=PLANTED["phone"],
            kind=FosterKind.ASN,
            nip=nip,
        )
        guardian = a_guardian(session, keys, name=PLANTED["guardian"], phone=PLANTED["family phone"])
        child = a_child(session, name=PLANTED["child"], address=PLANTED["address"], guardian=guardian)
        child.nik, child.nik_index = PLANTED["nik"], keys.index(PLANTED["nik"])
        a_contact(session, keys, address=PLANTED["chat"])

    database.submit(in_session(work)).result()


def test_nothing_personal_can_be_read_in_the_database_file(sqlite_url: str, keys: KeyRing) -> None:
    database = SQLite(Path(sqlite_url.removeprefix("sqlite:///")), keys)
    plant(database)
    files = {file.name: file.read_bytes() for file in database.path.parent.iterdir()}
    assert any(len(content) for name, content in files.items() if name.endswith("-wal")), (
        "the WAL was looked at"
    )
    database.close()
    files["closed"] = database.path.read_bytes()
    for name, content in files.items():
        for what, planted in PLANTED.items():
            for encoding in ("utf-8", "utf-16-le"):
                assert planted.encode(encoding) not in content, f"{what} in {name}"
            assert planted.encode()[-8:] not in content, f"the end of {what} in {name}"


def test_nothing_personal_can_be_read_in_any_table(database: Database) -> None:
    plant(database)
    with database.engine.connect() as connection:
        found = MetaData()
        found.reflect(connection)
        for table in found.tables.values():
            for row in connection.execute(select(table)):
                for value in row:
                    shown = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                    for what, planted in PLANTED.items():
                        assert planted.encode()[-8:] not in shown, f"{what} in {table}"


def test_a_database_is_read_only_with_its_own_keys(sqlite_url: str, keys: KeyRing) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    first = SQLite(path, keys)
    plant(first)
    first.close()
    second = SQLite(path, KeyRing.parse(FOREIGN))
    try:
        assert keys_of(second.engine.dialect) is not keys
        with pytest.raises(ConfigurationError, match="wrong or missing key"):
            second.submit(in_session(lambda session: session.get(Person, 1))).result()
    finally:
        second.close()


def test_a_key_file_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.keys"
    file.write_text("rusak")
    with pytest.raises(ConfigurationError, match=r"broken\.keys: .*cannot be read"):
        KeyRing.from_file(file)
