"""An invented district of any size: each child with a joined family and a foster parent who gives all of it."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, Table, cast, insert, literal, select, text

from models.database import Database
from models.months import Month
from models.tables import metadata

FIRST = Month(2025, 10)
LONG_AGO = datetime(2025, 9, 1, 3, tzinfo=UTC)


def fill(database: Database, children: int) -> None:
    """Enter so many children with everybody around them, a table at a time, inside the database."""
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
            | {"code": ID_TEXT, "sex": "female", "born_on": date(2024, 4, 10), "area": "Sijuk"}
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
            | {"first_month": FIRST, "state": "active", "pledged_at": LONG_AGO, "note": "", "ending": ""},
        ),
    }
    for name, (many, values) in tables.items():
        table = metadata.tables[name]
        database.submit(lambda c, t=table, m=many, v=values: _enter(c, t, m, v)).result()  # type: ignore[misc] # loop
    if database.engine.dialect.name == "postgresql":
        database.submit(lambda c: c.execute(text("ANALYZE"))).result()


class _Number:
    """The row's number, plus an offset; as text if wanted."""

    def __init__(self, offset: int = 0, *, as_text: bool = False) -> None:
        self.offset, self.as_text = offset, as_text

    def of(self, number: ColumnElement[int]) -> ColumnElement[Any]:
        return cast(number, String) if self.as_text else number + self.offset


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
