"""What people write while nothing is asked of them, in words of their own.

A greeting, thanks, the answer to the question under the month's aid, something urgent about a child, a question: each
is known by its words; whatever else is written is not understood, and says so (`handlers.menu`).
"""

from handlers.kit.chat import Chat
from handlers.kit.choices import folded, meant, phrases
from handlers.kit.conversation import Audience, audiences
from handlers.receipt import SAID_AS
from handlers.texts import join, t
from handlers.wording import contact_words
from models.families import family_children
from models.ledger import open_payouts_of_children
from models.payouts import PayoutState

# Input words, in both languages.
GREETINGS = phrases(
    "halo|hallo|helo|hai|hay|hi|hello|hey|salam|assalamualaikum|assalamu alaikum|assalamualaikum wr wb|asalamualaikum"
    "|wr wb|warahmatullahi wabarakatuh|selamat pagi|selamat siang|selamat sore|selamat malam|pagi|siang|sore|malam"
    "|permisi|punten|mulai|good morning|good afternoon|good evening"
)
THANKS = phrases(
    "terima kasih|terima kasih banyak|terimakasih|makasih|makasih banyak|trims|thanks|thank you|sama sama"
)
URGENT = phrases(
    "kejang|sesak|tidak sadar|tak sadar|gak sadar|nggak sadar|ga sadar|tdk sadar|pingsan|muntah terus|muntah darah"
    "|berdarah|pendarahan|perdarahan|tidak bisa napas|tidak bisa bernapas|susah napas|sulit bernapas"
    "|convulsion|seizure|unconscious|fainted|bleeding|cannot breathe|vomiting everything"
)
QUESTIONS = phrases(
    "mau tanya|mau bertanya|ingin tanya|ingin bertanya|pengen tanya|boleh tanya|boleh bertanya|numpang tanya"
    "|izin bertanya|want to ask|have a question"
)
ASK_WORDS = frozenset({"tanya", "ask"})


def is_urgent(text: str) -> bool:
    """Whether a text speaks of what cannot wait for an answer."""
    return _speaks_of(text, URGENT)


def is_greeting(text: str) -> bool:
    """Whether a text greets and says nothing else."""
    return meant(text, {"greeting": GREETINGS}) == ["greeting"]


def is_thanks(text: str) -> bool:
    """Whether a text thanks and says nothing else."""
    return meant(text, {"thanks": THANKS}) == ["thanks"]


def unasked(chat: Chat, text: str) -> bool:
    """Answer what is understood; False when it is not."""
    if is_urgent(text):
        _urgent(chat, text)
    elif is_thanks(text):
        chat.say(t.thread.welcome(), buttons=[[(t.kit.menu(), "/menu")]])
    else:
        return Audience.FAMILY in audiences(chat) and (_about_aid(chat, text) or _question(chat, text))
    return True


def _speaks_of(text: str, words: frozenset[str]) -> bool:
    said = f" {folded(text)}"
    return any(f" {word}" in said for word in words)


def _urgent(chat: Chat, text: str) -> None:
    """Say at once where help is; who writes to the coordinator expressly has also asked them."""
    if Audience.FAMILY not in audiences(chat):
        contact = t.menu.contact(contact=contact_words(chat.programme.contact))
        chat.say(join([t.thread.urgent(), contact], "\n\n"), buttons=[[(t.kit.menu(), "/menu")]])
        return
    first, _, rest = text.partition(" ")
    if folded(first) in ASK_WORDS:
        chat.say(t.thread.urgent())
        chat.go_on("tanya", rest)
        return
    words = join([t.thread.urgent(), t.thread.urgent_ask()], "\n\n")
    chat.say(words, buttons=[[(t.thread.title(), "/tanya")], [(t.kit.menu(), "/menu")]])


def _about_aid(chat: Chat, text: str) -> bool:
    """Take a short answer to the question whether the aid has come; of several payouts it is asked which."""
    said = meant(text, SAID_AS)
    if len(said) != 1:
        return False
    children = [child.id or 0 for child in family_children(chat.db, chat.person_id or 0)]
    asked = [
        one for one in open_payouts_of_children(chat.db, children) if one.payout.state is PayoutState.REPORTED
    ]
    if not asked:
        return False
    chat.go_on("terima", f"{asked[0].payout.id if len(asked) == 1 else '?'} {said[0]}")
    return True


def _question(chat: Chat, text: str) -> bool:
    """Lead to the coordinator, with the words if there are more than that there is a question."""
    if not _speaks_of(text, QUESTIONS):
        return False
    after = folded(text)
    for words in QUESTIONS:
        after = after.rpartition(words)[2]
    chat.go_on("tanya", text if len(after.split()) > 1 else "")
    return True
