"""F4 /setor: report a month's transfer, with a photo of the receipt.

`/setor BLT-024 2025-10` goes straight to that month (the buttons under reminders).
"""

from dataclasses import dataclass

from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import Money, OptionalPhoto
from handlers.receipt import ask_family
from handlers.texts import Plain, Words, t
from handlers.wording import AID_KINDS
from models.errors import AlreadyDecided
from models.ledger import PayoutOf, payouts_to_report
from models.payouts import PayoutState, report_transfer

LEAST_IDR = 1_000
TIMES_AS_MUCH = 3
"""So many times what is owed may be reported: more is a mistyped zero."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Everything that was answered."""

    month: PayoutOf
    amount_idr: int
    kind: str
    receipt_id: int | None


@conversation("setor", "transfer", title=t.transfer.title(), who=Audience.FOSTER_PARENT, menu=32)
def transfer(chat: Chat) -> None:
    """Child, month, amount, cash or goods, receipt, confirm."""
    month = _choose_month(chat)
    amount = chat.ask("amount", _amount(month))
    kind = _kind(chat)
    receipt = chat.ask("receipt", OptionalPhoto(t.transfer.receipt()))
    given = Transfer(month, amount, kind, receipt)
    chat.review(_summary(given), yes=t.transfer.send())
    _report(chat, given)


def _choose_month(chat: Chat) -> PayoutOf:
    """Ask for the child and the month, as far as there is a choice."""
    months = payouts_to_report(chat.db, chat.person_id or 0)
    named, _, period = chat.argument.upper().partition(" ")
    options = [Option(code, Plain(code)) for code in dict.fromkeys(m.child.code for m in months)]
    which = Choice(t.transfer.which_child(), options, columns=2)
    code = chat.pick("child", which, named=named, none=t.transfer.nothing_owed())
    of_child = {str(m.payout.id): m for m in months if m.child.code == code}
    asked = next((id_ for id_, m in of_child.items() if (code, str(m.payout.month)) == (named, period)), "")
    options = [Option(id_, _month_label(m)) for id_, m in of_child.items()]
    which = Choice(t.transfer.which_month(code=code), options)
    return of_child[chat.pick("month", which, named=asked, none=t.transfer.nothing_owed())]


def _month_label(month: PayoutOf) -> Words:
    payout = month.payout
    if not payout.reported_idr:
        return t.transfer.month_due(month=payout.month, amount=payout.amount_idr)
    return t.transfer.month_reported(month=payout.month, amount=payout.reported_idr)


def _amount(month: PayoutOf) -> Money:
    payout = month.payout
    lacking = payout.amount_idr - payout.reported_idr
    if payout.state is PayoutState.SHORT and payout.reported_idr and payout.received_idr is not None:
        lacking = payout.amount_idr - payout.received_idr
    quick = lacking if lacking > 0 else payout.amount_idr
    words = t.transfer.amount(code=month.child.code, month=payout.month, owed=payout.amount_idr)
    return Money(words, least=LEAST_IDR, most=payout.amount_idr * TIMES_AS_MUCH, quick=(quick,))


def _kind(chat: Chat) -> str:
    """Ask for cash or goods, where the programme has both."""
    kinds = chat.programme.aid.kinds
    if len(kinds) == 1:
        return kinds[0]
    return chat.ask("kind", Choice(t.transfer.kind(), [Option(k, AID_KINDS[k]) for k in kinds], columns=2))


def _summary(given: Transfer) -> Words:
    return t.transfer.summary(
        code=given.month.child.code,
        month=given.month.payout.month,
        amount=given.amount_idr,
        kind=AID_KINDS[given.kind],
        receipt=t.transfer.with_receipt() if given.receipt_id else t.transfer.without_receipt(),
    )


def _report(chat: Chat, given: Transfer) -> None:
    month = given.month
    try:
        payout = report_transfer(
            chat.db,
            chat.now,
            month.payout.id or 0,
            by=chat.person_id or 0,
            amount_idr=given.amount_idr,
            kind=given.kind,
            receipt_id=given.receipt_id,
        )
    except AlreadyDecided:
        raise Stopped(t.transfer.settled()) from None
    asked = ask_family(chat, PayoutOf(payout, month.pledge, month.child))
    words = t.transfer.thanks_family_asked if asked else t.transfer.thanks
    chat.say(
        words(code=month.child.code, month=payout.month, amount=given.amount_idr),
        buttons=[[(t.transfer.another(), "/setor")], [(t.kit.menu(), "/menu")]],
    )
