"""Column types that keep the house rules: UTC instants, months, sealed personal data."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, Enum, LargeBinary, String, TypeDecorator

from models.keys import KeyRing
from models.months import Month


class Instant(TypeDecorator[datetime]):
    """A timezone-aware UTC datetime on every database (SQLite alone would hand it back naive)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive datetimes; store UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class MonthColumn(TypeDecorator[Month]):
    """A `Month`, stored as `2026-01`: it sorts and compares as text."""

    impl = String(7)
    cache_ok = True

    def process_bind_param(self, value: Month | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Store the text form."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Month | None:  # noqa: ARG002
        """Read the text form."""
        return None if value is None else Month.parse(value)


def words(enum: type[StrEnum]) -> type[Any]:
    """Return the column type of an enumeration: its words as text, so that a row reads like the glossary."""
    column = Enum(
        enum, native_enum=False, length=20, values_callable=lambda kind: [word.value for word in kind]
    )
    return cast("type[Any]", column)  # SQLModel's hint wants a class; it takes any column type


class Sealed(TypeDecorator[str]):
    """Text encrypted at rest. The ring comes from the engine's dialect (`use_keys`), so none is global."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt."""
        return None if value is None else keys_of(dialect).seal(value.encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Decrypt."""
        return None if value is None else keys_of(dialect).open(bytes(value)).decode()


class SealedBytes(TypeDecorator[bytes]):
    """Bytes encrypted at rest, as `Sealed` does with text."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Encrypt."""
        return None if value is None else keys_of(dialect).seal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Decrypt."""
        return None if value is None else keys_of(dialect).open(bytes(value))


def use_keys(dialect: Dialect, ring: KeyRing) -> None:
    """Give a database's dialect the ring that its sealed columns use."""
    dialect.genting_keys = ring  # type: ignore[attr-defined]


def keys_of(dialect: Dialect) -> KeyRing:
    """Return the ring given to this dialect."""
    ring: KeyRing = dialect.genting_keys  # type: ignore[attr-defined]
    return ring
