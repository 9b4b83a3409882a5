"""/mitra: who gives, by kind and by partner, pledged against given; and how far the campaigns are."""

from handlers.kit.chat import Chat
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Words, join, t
from handlers.wording import KINDS
from models.campaigns import children_won, running
from models.giving import Giving, giving_by_kind, giving_by_partner


@conversation("mitra", "partners", title=t.partners.title(), who=Audience.COORDINATOR, menu=46)
def partners(chat: Chat) -> None:
    """This month's pledges and gifts in scope."""
    kinds = giving_by_kind(chat.db, chat.today, chat.scope)
    named = giving_by_partner(chat.db, chat.today, chat.scope)
    words: list[Words] = [
        join([t.partners.by_kind(month=chat.month), *[_line(one) for one in kinds if one.foster_parents]])
    ]
    if named:
        words.append(join([t.partners.by_partner(), *[_line(one) for one in named]]))
    campaigns: list[Words] = [
        t.partners.campaign(
            name=one.name,
            won=children_won(chat.db, one, chat.today, chat.scope),
            children=one.children,
            first=one.first_month,
            last=one.last_month,
        )
        for one in running(chat.programme.campaigns, chat.month)
    ]
    if campaigns:
        words.append(join([t.partners.campaigns(), *campaigns]))
    words.append(t.partners.definition(month=chat.month, day=chat.today))
    chat.say(join(words, "\n\n"), buttons=[[(t.statistics.title(), "/statistik")], [(t.kit.menu(), "/menu")]])


def _line(one: Giving) -> Words:
    return t.partners.line(
        name=one.name or KINDS[one.kind],
        givers=one.foster_parents,
        children=one.children,
        pledged=one.pledged_idr,
        reported=one.reported_idr,
        received=one.received_idr,
    )
