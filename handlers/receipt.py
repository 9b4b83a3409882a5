"""K2: has the aid come? The family's answer to a reported transfer, and what follows from it.

`/terima 17 ya`, `belum` or `kurang` are the buttons under the question; `/terima` alone shows what is open.
"""

from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option, phrases
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import Money
from handlers.texts import Words, t
from handlers.wording import tell_about, tell_case
from models.alerts import AlertKind, close_alerts_about, raise_alert
from models.errors import AlreadyDecided
from models.families import family_children, guardian_to_ask
from models.ledger import PayoutOf, open_payouts_of_children
from models.payouts import Payout, PayoutState, confirm_receipt, dispute, say_short

YES, NOT_YET, LESS = "ya", "belum", "kurang"

# Input words: what a family types in the place of the three buttons.
SAID_AS = {
    YES: phrases(
        "ya|iya|iyah|yes|sudah|udah|sdh|alhamdulillah|sudah diterima|sudah terima|sudah masuk|sudah sampai"
        "|sudah datang|sudah ada|received"
    ),
    NOT_YET: phrases(
        "belum|blm|tidak|tdk|nggak|gak|no|not yet|belum diterima|belum terima|belum masuk|belum sampai|belum datang"
        "|belum ada|tidak ada|tidak diterima"
    ),
    LESS: phrases(
        "kurang|jumlahnya kurang|uangnya kurang|masih kurang|ya kurang|iya kurang|sudah kurang|tapi kurang"
        "|sudah tapi kurang|ya tapi kurang|iya tapi kurang|less"
    ),
}


def ask_family(chat: Chat, given: PayoutOf) -> bool:
    """Ask the family whether a transfer has come; False when it cannot be asked (not joined, or silent)."""
    guardian_id = guardian_to_ask(chat.db, given.child)
    if guardian_id is None:
        return False
    words = t.receipt.asked(code=given.child.code, month=given.payout.month, amount=given.payout.reported_idr)
    tell_about(chat, given.child, guardian_id, words, buttons=answers(given.payout.id or 0))
    return True


def answers(payout_id: int) -> list[list[tuple[Words, str]]]:
    """Return the buttons under the question."""
    return [
        [(t.receipt.yes(), f"/terima {payout_id} {YES}")],
        [(t.receipt.not_yet(), f"/terima {payout_id} {NOT_YET}")],
        [(t.receipt.less(), f"/terima {payout_id} {LESS}")],
    ]


@conversation("terima", "received", title=t.receipt.title(), who=Audience.FAMILY, menu=12)
def receipt(chat: Chat) -> None:
    """Say that it came, that it did not, or that it was less."""
    asked, _, said = chat.argument.partition(" ")
    month = _payout(chat, asked)
    if said not in {YES, NOT_YET, LESS}:
        said = chat.ask("said", Choice(_question(month), _options()))
    if said == YES:
        _confirmed(chat, month)
    elif said == NOT_YET:
        _not_come(chat, month)
    else:
        _less(chat, month)


def _payout(chat: Chat, asked: str) -> PayoutOf:
    """Return the payout that is meant: only of a child of this family."""
    mine = open_payouts_of_children(
        chat.db, [child.id or 0 for child in family_children(chat.db, chat.person_id or 0)]
    )
    if asked.isascii() and asked.isdigit():
        found = next((m for m in mine if m.payout.id == int(asked)), None)
        if found is None:
            raise Stopped(t.receipt.settled())
        return found
    options = [
        Option(
            str(m.payout.id), t.receipt.which_label(code=m.child.code, month=m.payout.month, amount=_sum(m))
        )
        for m in mine
    ]
    chosen = chat.pick("which", Choice(t.receipt.which(), options), none=t.receipt.nothing_open())
    return next(m for m in mine if str(m.payout.id) == chosen)


def _sum(month: PayoutOf) -> int:
    return month.payout.whole_idr


def _question(month: PayoutOf) -> Words:
    return t.receipt.asked(code=month.child.code, month=month.payout.month, amount=_sum(month))


def _options() -> list[Option]:
    return [
        Option(YES, t.receipt.yes(), SAID_AS[YES]),
        Option(NOT_YET, t.receipt.not_yet(), SAID_AS[NOT_YET]),
        Option(LESS, t.receipt.less(), SAID_AS[LESS]),
    ]


def _confirmed(chat: Chat, month: PayoutOf) -> None:
    try:
        payout = confirm_receipt(chat.db, chat.now, month.payout.id or 0, by=chat.person_id or 0)
    except AlreadyDecided:
        raise Stopped(t.receipt.settled()) from None
    close_alerts_about(chat.db, chat.now, payout.subject)
    chat.say(t.receipt.thanks(), buttons=[[(t.kit.menu(), "/menu")]])
    words = t.receipt.told_confirmed(
        code=month.child.code, month=payout.month, amount=payout.received_idr or 0
    )
    tell_about(chat, month.child, month.pledge.foster_parent_id, words)


def _not_come(chat: Chat, month: PayoutOf) -> None:
    """A reported transfer that has not come is a case; one that nobody has reported is still awaited."""
    if month.payout.state is PayoutState.DUE:
        chat.say(t.receipt.not_sent_yet(month=month.payout.month), buttons=[[(t.kit.menu(), "/menu")]])
        return
    try:
        payout = dispute(chat.db, chat.now, month.payout.id or 0, by=chat.person_id or 0)
    except AlreadyDecided:
        raise Stopped(t.receipt.settled()) from None
    if payout.state is PayoutState.SHORT:
        _look_into_short(chat, month, payout)
        return
    raise_alert(chat.db, chat.now, AlertKind.AID_MISSING, payout.subject, child=month.child)
    chat.say(t.receipt.looked_into(), buttons=[[(t.kit.menu(), "/menu")]])
    told = t.receipt.told_missing(code=month.child.code, month=payout.month)
    tell_about(chat, month.child, month.pledge.foster_parent_id, told)
    tell_case(chat, month, t.receipt.news_missing(code=month.child.code, month=payout.month))


def _less(chat: Chat, month: PayoutOf) -> None:
    """Less than was sent; nothing of what nobody has sent is no case."""
    most = _sum(month) - 1
    amount = chat.ask("amount", Money(t.receipt.how_much(amount=_sum(month)), least=0, most=most))
    if amount == 0 and month.payout.state is PayoutState.DUE:
        _not_come(chat, month)
        return
    try:
        payout = say_short(
            chat.db, chat.now, month.payout.id or 0, by=chat.person_id or 0, received_idr=amount
        )
    except AlreadyDecided:
        raise Stopped(t.receipt.settled()) from None
    _look_into_short(chat, month, payout)


def _look_into_short(chat: Chat, month: PayoutOf, payout: Payout) -> None:
    """Make it a case, and tell who gives and the coordinators what has come of how much."""
    raise_alert(chat.db, chat.now, AlertKind.AID_SHORT, payout.subject, child=month.child)
    chat.say(t.receipt.looked_into(), buttons=[[(t.kit.menu(), "/menu")]])
    code, when, received = month.child.code, payout.month, payout.received_idr or 0
    if payout.reported_idr:
        told = t.receipt.told_short(code=code, month=when, received=received)
        news = t.receipt.news_short(code=code, month=when, reported=payout.reported_idr, received=received)
    else:
        told = t.receipt.told_short_unreported(code=code, month=when, received=received)
        news = t.receipt.news_short_unreported(code=code, month=when, received=received)
    tell_about(chat, month.child, month.pledge.foster_parent_id, told)
    tell_case(chat, month, news)
