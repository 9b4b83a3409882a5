"""C3 /tunggakan: who is late, and one button that reminds them.

`/tunggakan ingatkan` reminds all who are late and have not been reminded today; `/tunggakan 17` one payout's giver;
`/tunggakan lanjut 10` shows those behind the tenth. Late visits and open check-ins stand in `handlers.overdue`.
"""

from handlers import overdue
from handlers.kit.chat import Chat
from handlers.kit.conversation import Audience, conversation
from handlers.overdue import CHECK_INS, FURTHER, PATIENCE, REMIND_ALL, SHOWN, VISITS
from handlers.texts import Plain, Words, join, t
from handlers.wording import tell_about
from models.audit import last_act, record
from models.checkins import children_to_ask, count_check_ins, month_last_asked
from models.contacts import contacts_of
from models.ledger import PayoutOf, late_payouts
from models.people import Person

ONE_BY_ONE, COLUMNS = 6, 2


@conversation("tunggakan", "arrears", title=t.arrears.title(), who=Audience.COORDINATOR, menu=52)
def arrears(chat: Chat) -> None:
    """List the late transfers in scope, or remind their givers; or the late visits, or the open check-ins."""
    which, _, rest = chat.argument.strip().partition(" ")
    if which in {VISITS, CHECK_INS}:
        (overdue.visits if which == VISITS else overdue.check_ins)(chat, rest.strip())
    else:
        _transfers(chat, chat.argument.strip())


def _transfers(chat: Chat, wanted: str) -> None:
    late = late_payouts(chat.db, chat.programme, chat.today, chat.scope.children())
    one = [m for m in late if str(m.payout.id) == wanted]
    if wanted == REMIND_ALL:
        _remind(chat, late)
    elif one:
        _remind(chat, one)
    else:
        if wanted and wanted.partition(" ")[0] != FURTHER:
            chat.say(t.arrears.unknown(given=Plain(wanted[:40])))
        _list(chat, late, overdue.page(wanted))


def _list(chat: Chat, late: list[PayoutOf], first: int = 0) -> None:
    """Show a page of who is late, those who have waited longest first."""
    month = month_last_asked(chat.programme, chat.today)
    check_ins = t.arrears.check_ins(
        month=month,
        answered=count_check_ins(chat.db, month, chat.scope.children()),
        asked=children_to_ask(chat.db, chat.today, chat.scope.children()),
    )
    ways = [*overdue.ways(chat), [(t.kit.menu(), "/menu")]]
    if not late:
        chat.say(join([t.arrears.none(), check_ins], ""), buttons=ways)
        return
    first = first if first < len(late) else 0
    shown, left = late[first : first + SHOWN], max(0, len(late) - first - SHOWN)
    lines: list[Words] = [_line(chat, month) for month in shown]
    if left:
        lines.append(t.arrears.more(count=left))
    words = t.arrears.list(
        count=len(late), amount=sum(m.payout.amount_idr for m in late), lines=join(lines, "\n\n")
    )
    ones = [(_remind_one(m, shown), f"/tunggakan {m.payout.id}") for m in shown[:ONE_BY_ONE]]
    further = [[(t.arrears.further(), f"/tunggakan {FURTHER} {first + SHOWN}")]] if left else []
    chat.say(
        join([words, check_ins], ""),
        buttons=[
            [(t.arrears.remind_all(count=len(late)), f"/tunggakan {REMIND_ALL}")],
            *[ones[i : i + COLUMNS] for i in range(0, len(ones), COLUMNS)],
            *further,
            *ways,
        ],
    )


def _remind_one(month: PayoutOf, shown: list[PayoutOf]) -> Words:
    """Label a button by the child's code, and by the month where the same child is late with several."""
    alike = [m for m in shown if m.child.code == month.child.code]
    if len(alike) == 1:
        return t.arrears.remind_one(code=month.child.code)
    return t.arrears.remind_month(code=month.child.code, month=str(month.payout.month))


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
    told = just_now = 0
    for month in late:
        before = last_act(chat.db, "reminded", month.payout.subject)
        giver_id = month.pledge.foster_parent_id
        if before is not None and before > chat.now - PATIENCE:
            just_now += 1
            continue
        if not contacts_of(chat.db, giver_id) or month.child.silent_since is not None:
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
    unreached = len(late) - told - just_now
    overdue.say_reminded(chat, told, just_now, unreached, t.arrears.by_phone, "/tunggakan")
