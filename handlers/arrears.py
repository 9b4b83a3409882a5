"""C3 /tunggakan: who is late, and one button that reminds them.

`/tunggakan ingatkan` reminds all who are late and have not been reminded today; `/tunggakan 17` one payout's giver.
"""

from datetime import timedelta

from handlers.kit.chat import Chat, Stopped
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Words, join, t
from handlers.wording import tell_about
from models.audit import last_act, record
from models.checkins import count_check_ins, families_to_ask
from models.contacts import contacts_of
from models.ledger import PayoutOf, late_payouts
from models.people import Person

REMIND_ALL = "ingatkan"
SHOWN = 10
ONE_BY_ONE = 6
PATIENCE = timedelta(hours=20)
"""Nobody is reminded of the same month twice within so long."""


@conversation("tunggakan", "arrears", title=t.arrears.title(), who=Audience.COORDINATOR, menu=52)
def arrears(chat: Chat) -> None:
    """List the late transfers in scope, or remind their givers."""
    late = late_payouts(chat.db, chat.programme, chat.today, chat.scope.children())
    wanted = chat.argument.strip()
    if wanted == REMIND_ALL:
        _remind(chat, late)
    elif wanted:
        one = [m for m in late if str(m.payout.id) == wanted]
        if not one:
            raise Stopped(t.arrears.none())
        _remind(chat, one)
    else:
        _list(chat, late)


def _list(chat: Chat, late: list[PayoutOf]) -> None:
    check_ins = t.arrears.check_ins(
        month=chat.month,
        answered=count_check_ins(chat.db, chat.month, chat.scope.children()),
        asked=families_to_ask(chat.db, chat.scope.children()),
    )
    if not late:
        chat.say(join([t.arrears.none(), check_ins], ""), buttons=[[(t.kit.menu(), "/menu")]])
        return
    lines: list[Words] = [_line(chat, month) for month in late[:SHOWN]]
    if len(late) > SHOWN:
        lines.append(t.arrears.more(count=len(late) - SHOWN))
    words = t.arrears.list(
        count=len(late), amount=sum(m.payout.amount_idr for m in late), lines=join(lines, "\n\n")
    )
    ones = [
        (t.arrears.remind_one(code=m.child.code, month=str(m.payout.month)), f"/tunggakan {m.payout.id}")
        for m in late[:ONE_BY_ONE]
    ]
    chat.say(
        join([words, check_ins], ""),
        buttons=[
            [(t.arrears.remind_all(count=len(late)), f"/tunggakan {REMIND_ALL}")],
            *[ones[i : i + 2] for i in range(0, len(ones), 2)],
            [(t.kit.menu(), "/menu")],
        ],
    )


def _line(chat: Chat, month: PayoutOf) -> Words:
    giver = chat.db.get_one(Person, month.pledge.foster_parent_id)
    reminded = last_act(chat.db, "reminded", month.payout.subject)
    return t.arrears.line(
        code=month.child.code,
        month=month.payout.month,
        amount=month.payout.amount_idr,
        days=(chat.today - chat.programme.due_on(month.payout.month)).days,
        name=giver.name,
        phone=giver.phone or "-",
        reminded=t.arrears.reminded(at=reminded) if reminded else "",
    )


def _remind(chat: Chat, late: list[PayoutOf]) -> None:
    """Tell each giver once; those reminded just now, or without a chat, are left out and counted."""
    told = 0
    for month in late:
        before = last_act(chat.db, "reminded", month.payout.subject)
        giver_id = month.pledge.foster_parent_id
        just_now = before is not None and before > chat.now - PATIENCE
        if just_now or not contacts_of(chat.db, giver_id) or month.child.silent_since is not None:
            continue
        words = t.arrears.told(
            code=month.child.code,
            month=month.payout.month,
            amount=month.payout.amount_idr,
            due=chat.programme.due_on(month.payout.month),
        )
        report = [(t.reminders.report(), f"/setor {month.child.code} {month.payout.month}")]
        tell_about(chat, month.child, giver_id, words, buttons=[report])
        record(chat.db, chat.now, chat.person_id, "reminded", month.payout.subject)
        told += 1
    words = t.arrears.reminded_all(count=told, skipped=len(late) - told) if told else t.arrears.nobody_new()
    chat.say(words, buttons=[[(t.arrears.title(), "/tunggakan"), (t.kit.menu(), "/menu")]])
