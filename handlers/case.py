"""A payout that a coordinator has to clear up: both stories side by side, and how it ended (C2)."""

from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.inputs import FreeText, Money
from handlers.kit.messages import stored_picture
from handlers.texts import Words, join, t
from handlers.wording import tell_about
from models.alerts import close_alerts_about
from models.errors import AlreadyDecided
from models.families import guardian_to_ask
from models.ledger import PayoutOf, disputed_payouts, moves_of, reported_unasked
from models.payouts import (
    Payout,
    PayoutMove,
    PayoutState,
    Via,
    confirm_receipt,
    settle,
    waive,
)
from models.people import Person

FULL, PART, WAIVE, SKIP = "full", "part", "waive", "skip"


def cases(chat: Chat) -> list[PayoutOf]:
    """Return the payouts in scope that wait for a coordinator: disputed first, then those nobody can be asked of."""
    scope = chat.scope.children()
    return [*disputed_payouts(chat.db, scope), *reported_unasked(chat.db, chat.now, scope)]


def ask_case(chat: Chat, code: str, case: PayoutOf, left: int) -> str:
    """Show both stories and ask how it ended."""
    payout = case.payout
    options = [
        Option(FULL, t.case.came(amount=payout.whole_idr)),
        Option(PART, t.case.came_less()),
        Option(SKIP, t.queue.skip()),
    ]
    show_receipts(chat, payout)
    if payout.state is not PayoutState.REPORTED:
        options.insert(2, Option(WAIVE, t.case.waive()))
    return chat.ask(code, Choice(_card(chat, case, left), options))


def _card(chat: Chat, case: PayoutOf, left: int) -> Words:
    payout, child = case.payout, case.child
    giver = chat.db.get_one(Person, case.pledge.foster_parent_id)
    stories = [_story(move) for move in moves_of(chat.db, payout.id or 0)]
    head = t.case.card(
        left=left,
        code=child.code,
        area=child.area,
        month=payout.month,
        promised=payout.amount_idr,
        name=giver.name,
        phone=giver.phone or "-",
    )
    return join([head, *[story for story in stories if story is not None], _family(chat, case)])


def _story(move: PayoutMove) -> Words | None:
    """What one side said, and when."""
    if move.after is PayoutState.DISPUTED and move.via is Via.FAMILY:
        return t.case.story_missing(at=move.at)
    if move.after is PayoutState.SHORT and move.via is Via.FAMILY:
        return t.case.story_short(amount=move.amount_idr or 0, at=move.at)
    if move.amount_idr is not None:
        receipt = t.transfer.with_receipt() if move.receipt_id else t.transfer.without_receipt()
        return t.case.story_reported(amount=move.amount_idr, at=move.at, receipt=receipt)
    return None


def _family(chat: Chat, case: PayoutOf) -> Words:
    if guardian_to_ask(chat.db, case.child) is None:
        return t.case.family_not_joined()
    return t.case.family_joined()


def show_receipts(chat: Chat, payout: Payout) -> None:
    """Send a coordinator the photos that belong to a payout."""
    for move in moves_of(chat.db, payout.id or 0):
        if move.receipt_id is not None:
            chat.say(
                t.case.receipt(amount=move.amount_idr or 0, at=move.at),
                picture=stored_picture(move.receipt_id),
            )


def settle_case(chat: Chat, code: str, case: PayoutOf, decision: str) -> Words:
    """Write how it ended, tell both sides, return what to say to the coordinator."""
    payout, by = case.payout, chat.person_id or 0
    received = payout.whole_idr
    if decision == PART:
        question = Money(t.case.how_much(), least=1, most=max(payout.reported_idr, payout.amount_idr))
        received = chat.ask(f"{code}-amount", question)
    note = chat.ask(f"{code}-note", FreeText(t.case.note(), least=3, most=200))
    try:
        if decision == WAIVE:
            waive(chat.db, chat.now, payout.id or 0, by=by, note=note)
        elif payout.state is PayoutState.REPORTED:
            confirm_receipt(
                chat.db,
                chat.now,
                payout.id or 0,
                by=by,
                via=Via.COORDINATOR,
                received_idr=received,
                note=note,
            )
        else:
            settle(chat.db, chat.now, payout.id or 0, by=by, received_idr=received, note=note)
    except AlreadyDecided:
        raise Stopped(t.queue.gone()) from None
    close_alerts_about(chat.db, chat.now, payout.subject)
    _tell_both(chat, case, received, waived=decision == WAIVE)
    return t.case.settled(code=case.child.code, month=payout.month)


def _tell_both(chat: Chat, case: PayoutOf, received: int, *, waived: bool) -> None:
    month = case.payout.month
    words = (
        t.case.told_waived(code=case.child.code, month=month)
        if waived
        else t.case.told_settled(code=case.child.code, month=month, amount=received)
    )
    tell_about(chat, case.child, case.pledge.foster_parent_id, words)
    guardian_id = guardian_to_ask(chat.db, case.child)
    if guardian_id is not None:
        tell_about(chat, case.child, guardian_id, words)
