"""The programme's tables as rows: without names nobody is named in them, in no column."""

from sqlmodel import Session

from models.exports import tables
from models.keys import KeyRing
from tests.builders import a_child, a_foster_parent, a_guardian, a_pledge

NAMES = ("Rekaan Pemberi", "Rekaan Anak", "Rekaan Ibu")


def test_without_names_nobody_is_named_even_where_a_coordinator_has_typed_it(
    session: Session, keys: KeyRing
) -> None:
    child = a_child(session, name=NAMES[1], guardian=a_guardian(session, keys, name=NAMES[2]))
    pledge = a_pledge(session, child=child, foster_parent=a_foster_parent(session, keys, name=NAMES[0]))
    pledge.note = f"{NAMES[0]} sudah mengasuh anak lain"
    session.add(pledge)
    session.flush()

    def exported(*, names: bool) -> str:
        found = tables(session.connection(), names=names)
        return "\n".join(str(row) for table in found for row in table.rows)

    assert [name in exported(names=True) for name in NAMES] == [True] * 3
    assert [name in exported(names=False) for name in NAMES] == [False] * 3
