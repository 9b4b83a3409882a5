"""An invented district of any size: each child with a joined family and a foster parent who gives all of it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, Table, cast, insert, literal, select, text

from models.database import Database, open_database
from models.keys import KeyRing
from models.migrations import upgrade
from models.months import Month
from models.tables import metadata
from tests.postgresql import running_server

FIRST = Month(2025, 10)
LONG_AGO = datetime(2025, 9, 1, 3, tzinfo=UTC)


@contextmanager
def district(name: str, children: int, areas: int = 0) -> Iterator[Database]:
    """Give a filled `sqlite` or `postgresql` database, as durable as in the field."""
    keys = KeyRing.generate()[0]
    with tempfile.TemporaryDirectory(prefix="genting-bench-") as folder:
        if name == "sqlite":
            yield from _opened(f"sqlite:///{Path(folder) / 'genting.db'}", keys, children, areas)
            return
        with running_server(keys) as server:
            yield from _opened(server.url(server.create()), keys, children, areas)


def _opened(url: str, keys: KeyRing, children: int, areas: int) -> Iterator[Database]:
    database = open_database(url, keys)
    try:
        upgrade(database.engine)
        fill(database, children, areas)
        yield database
    finally:
        database.close()


def fill(database: Database, children: int, areas: int = 0) -> None:
    """Enter so many children with everybody around them, a table at a time, inside the database.

    All live in Sijuk, or, with `areas`, evenly in so many kecamatan called 0, 1, 2, …
    """
    family = {"created_at": LONG_AGO, "name": "Rekaan"}
    tables: dict[str, tuple[int, dict[str, Any]]] = {
        "person": (2 * children, family),
        "contact": (
            2 * children,
            {"person_id": ID, "address_index": ID_TEXT, "address": "1", "created_at": LONG_AGO}
            | {"channel": "telegram", "language": "id"},
        ),
        "consent": (
            children,
            {"person_id": ID, "kind": "parental", "version": "1", "subject": "", "given_at": LONG_AGO},
        ),
        "guardian": (children, {"person_id": ID, "name": "Rekaan", "relation": "mother"}),
        "child": (
            children,
            family
            | {"code": ID_TEXT, "sex": "female", "born_on": date(2024, 4, 10)}
            | {"area": _Number(of=areas, as_text=True) if areas else "Sijuk"}
            | {"village": "Sijuk", "status": "stunted", "severity": "moderate"}
            | {"listed_on": date(2025, 6, 1), "guardian_id": ID},
        ),
        "foster_parent": (
            children,
            {"person_id": _Number(children), "kind": "individual", "standing": "verified"}
            | {"registered_at": LONG_AGO, "decision_note": ""},
        ),
        "pledge": (
            children,
            {"child_id": ID, "foster_parent_id": _Number(children), "monthly_idr": 450_000}
            | {"first_month": FIRST, "state": "active", "pledged_at": LONG_AGO, "note": "", "ending": ""}
            | {"awaits_leader": False},
        ),
    }
    for name, (many, values) in tables.items():
        table = metadata.tables[name]
        database.submit(lambda c, t=table, m=many, v=values: _enter(c, t, m, v)).result()  # type: ignore[misc] # loop
    if database.engine.dialect.name == "postgresql":
        database.submit(lambda c: c.execute(text("ANALYZE"))).result()


class _Number:
    """The row's number, plus an offset, or its rest by `of`; as text if wanted."""

    def __init__(self, offset: int = 0, *, of: int = 0, as_text: bool = False) -> None:
        self.offset, self.rest_of, self.as_text = offset, of, as_text

    def of(self, number: ColumnElement[int]) -> ColumnElement[Any]:
        shifted = number % self.rest_of if self.rest_of else number + self.offset
        return cast(shifted, String) if self.as_text else shifted


ID, ID_TEXT = _Number(), _Number(as_text=True)


def _enter(connection: Connection, table: Table, many: int, values: dict[str, Any]) -> None:
    numbers = select(literal(1).label("i")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < many))
    if "id" in table.c:
        values = {"id": ID} | values
    columns = [
        value.of(numbers.c.i) if isinstance(value, _Number) else literal(value, table.c[name].type)
        for name, value in values.items()
    ]
    connection.execute(insert(table).from_select(list(values), select(*columns)))
