"""F6 /berhenti with a renewal ahead, and what a coordinator types when refusing a pledge."""

from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.exports import tables
from models.months import Month
from models.people import FosterParent
from models.pledges import Pledge, PledgeState
from models.terms import renew_pledge
from tests.builders import a_child, a_pledge
from tests.handlers.talk import Ask
from tests.handlers.village import Village


def states(session: Session) -> list[tuple[PledgeState, Month | None, str]]:
    pledges = session.exec(select(Pledge).order_by(col(Pledge.id))).all()
    return [(pledge.state, pledge.last_month, pledge.ending) for pledge in pledges]


def test_stopping_ends_what_was_renewed_too_and_says_so(village: Village, ask: Ask[Any]) -> None:
    def renewed(session: Session) -> int:
        now, programme = village.clock.now(), village.context.programme
        return renew_pledge(session, programme, now, 1, by=1, last=Month(2026, 3)).id or 0

    later = ask(renewed)
    village.giver.say("/berhenti BLT-001")
    said = village.giver.tap("Selesai setelah Oktober 2025", "Tidak saya sebutkan")
    assert "mulai Januari 2026 ikut diakhiri" in said
    said = village.giver.tap("Ya, akhiri")
    assert "berakhir Oktober 2025" in said
    assert "mulai Januari 2026 juga dibatalkan" in said
    first, second = ask(states)
    assert first == (PledgeState.ACTIVE, Month(2025, 10), "stopped")
    assert (second[0], second[2]) == (PledgeState.LAPSED, "stopped")
    assert later == 2
    assert "tidak mempunyai komitmen yang berjalan" not in village.giver.say("/lanjutkan"), (
        "one may regret it"
    )


def test_stopping_without_a_renewal_says_nothing_of_one(village: Village) -> None:
    village.giver.say("/berhenti BLT-001")
    assert "ikut diakhiri" not in village.giver.tap("Carikan pengganti", "Tidak saya sebutkan")
    assert "juga dibatalkan" not in village.giver.tap("Ya, akhiri")


def test_a_typed_reason_is_kept_sealed_as_it_was_typed_however_many_marks_it_has(
    village: Village, ask: Ask[Any]
) -> None:
    """Escaped for the chat it would be twice as long as it was."""
    reason = "*_" * 90 + "Ibu Rekaan"

    def waiting(session: Session) -> int:
        giver = session.exec(select(FosterParent)).one()
        child = a_child(session, code="BLT-005", name="Guntur Rekaan")
        return a_pledge(session, child=child, foster_parent=giver, state=PledgeState.PENDING).id or 0

    waits = ask(waiting)
    village.sijuk.say(f"/antrean k{waits} no")
    assert "ditolak" in village.sijuk.say(reason)
    assert ask(lambda s: s.get_one(Pledge, waits).note) == reason

    def raw(session: Session) -> bytes:
        found = session.execute(text(f"SELECT note FROM pledge WHERE id = {waits}")).scalar_one()  # noqa: S608
        return found.encode() if isinstance(found, str) else bytes(found)

    assert b"Rekaan" not in ask(raw)


def test_a_typed_reason_leaves_in_an_export_with_names_only(village: Village, ask: Ask[Any]) -> None:
    def columns(session: Session, *, names: bool) -> tuple[str, ...]:
        found = tables(session.connection(), names=names)
        return next(table.columns for table in found if table.name == "pledge")

    assert "note" not in ask(lambda s: columns(s, names=False))
    assert "note" in ask(lambda s: columns(s, names=True))
