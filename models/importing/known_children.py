"""The children whom the database knows, as an import compares and finds them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from models.children import ON_LIST, Child, ChildStatus, Guardian, Severity, Sex
from models.errors import BadInput
from models.importing.child_rows import ChildRow
from models.importing.duplicates import sound_key, sounds_alike
from models.people import name_key


@dataclass(frozen=True, slots=True)
class GuardianValues:
    """What an import may say about a guardian."""

    name: str
    relation: str
    phone: str | None

    def replaces(self, before: "GuardianValues | None") -> bool:
        """Whether this is another person: the name is no spelling of the one before, and the number is not the same."""
        if before is None or (self.phone is not None and self.phone == before.phone):
            return False
        same = self.name == before.name or sounds_alike(sound_key(self.name), sound_key(before.name))
        return not same


@dataclass(frozen=True, slots=True)
class ChildValues:
    """What an import may say about a child."""

    name: str
    nik: str | None
    sex: Sex
    born_on: date
    area: str
    village: str
    address: str | None
    status: ChildStatus
    severity: Severity
    listed_on: date
    guardian: GuardianValues | None


@dataclass(frozen=True, slots=True)
class KnownChild:
    """A child of the database."""

    id: int
    code: str
    guardian_id: int | None
    values: ChildValues

    @property
    def left(self) -> bool:
        """Whether the child graduated, moved or died: a file never brings it back."""
        return self.values.status not in ON_LIST


def values_of(row: ChildRow, known: KnownChild | None, today: date) -> ChildValues:
    """Return what a child is after the row: an empty cell leaves what is known."""
    was = known.values if known else None
    return ChildValues(
        name=row.name,
        nik=row.nik or (was.nik if was else None),
        sex=row.sex,
        born_on=row.born_on,
        area=row.area,
        village=row.village,
        address=row.address or (was.address if was else None),
        status=row.status,
        severity=row.severity,
        listed_on=row.listed_on or (was.listed_on if was else today),
        guardian=_guardian_of(row, was.guardian if was else None),
    )


def _guardian_of(row: ChildRow, was: GuardianValues | None) -> GuardianValues | None:
    if was is None:
        if row.guardian is None:
            return None
        return GuardianValues(row.guardian, row.relation or "mother", row.phone)
    return replace(
        was,
        name=row.guardian or was.name,
        relation=row.relation or was.relation,
        phone=row.phone or was.phone,
    )


class KnownChildren:
    """All children of the database, findable as rows name them."""

    def __init__(self, children: Iterable[KnownChild]) -> None:
        self.all = list(children)
        self.by_code = {known.code: known for known in self.all}
        self.by_nik = {known.values.nik: known for known in self.all if known.values.nik}
        self._by_name: defaultdict[tuple[str, ...], list[KnownChild]] = defaultdict(list)
        for known in self.all:
            self._by_name[_name_place(known.values)].append(known)

    def named_like(self, row: ChildRow) -> list[KnownChild]:
        """Return the children with exactly this name, birth date, sex and desa."""
        return self._by_name.get(_name_place(row), [])


def _name_place(child: ChildRow | ChildValues) -> tuple[str, ...]:
    return (
        name_key(child.name) or child.name.casefold(),
        child.born_on.isoformat(),
        child.sex.value,
        child.area,
        child.village,
    )


def known_children(session: Session) -> KnownChildren:
    """Read every child with its guardian."""
    return KnownChildren(_known(child, guardian) for child, guardian in session.exec(_with_guardians()))


def lock_unchanged(session: Session, known: Sequence[KnownChild]) -> None:
    """Take the rows of children, given by id, until the transaction ends.

    Raises BadInput('changed_meanwhile') when one is not what it was: it left the list, or was corrected.
    """
    ids = [child.id for child in known]
    query = _with_guardians().where(col(Child.id).in_(ids)).with_for_update(of=Child)
    now = session.exec(query, execution_options={"populate_existing": True})
    if [_known(child, guardian) for child, guardian in now] != list(known):
        raise BadInput("changed_meanwhile")


def _with_guardians() -> Select[Child, Guardian]:
    return (
        select(Child, Guardian)
        .outerjoin(Guardian, col(Child.guardian_id) == col(Guardian.id))
        .order_by(col(Child.id))
    )


def _known(child: Child, guardian: Guardian | None) -> KnownChild:
    values = ChildValues(
        name=child.name,
        nik=child.nik,
        sex=child.sex,
        born_on=child.born_on,
        area=child.area,
        village=child.village,
        address=child.address,
        status=child.status,
        severity=child.severity,
        listed_on=child.listed_on,
        guardian=GuardianValues(guardian.name, guardian.relation, guardian.phone) if guardian else None,
    )
    return KnownChild(child.id or 0, child.code, child.guardian_id, values)
