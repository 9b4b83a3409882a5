"""How a migration names column types: as plain SQL types, so that it stays as it was when models change."""

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Render our column types as what they are in the database; False leaves an item to Alembic."""
    return _name(item) if kind == "type" else False


def _name(column: TypeEngine[Any]) -> str | Literal[False]:
    if isinstance(column, sa.TypeDecorator):
        return _name(column.impl_instance) or f"sa.{column.impl_instance!r}"
    if isinstance(column, sa.BigInteger) and "sqlite" in column._variant_mapping:  # noqa: SLF001 - no public way
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    if isinstance(column, sa.String):  # an Enum of words too
        return f"sa.String({column.length or ''})"
    if isinstance(column, sa.DateTime):
        return f"sa.DateTime(timezone={column.timezone})"
    return False
