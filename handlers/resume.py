"""Offers what a command interrupted."""

from handlers.kit.chat import Chat, Interrupted, Stopped
from handlers.kit.choices import NO_WORDS, YES_WORDS, Choice, Option, folded, phrases
from handlers.kit.conversation import COMMANDS, CONVERSATIONS, conversation
from handlers.kit.question import Answer, View, Wrong
from handlers.router import RESUME, START, Resume
from handlers.texts import t
from handlers.unasked import is_urgent

GO_ON_WORDS = YES_WORDS | phrases("lanjutkan|teruskan|terus|resume|continue|go on")


class Offer(Choice):
    """Whether to go on. Whatever else is typed is no wrong answer: it is taken as if nothing had been asked."""

    def _typed(self, answer: Answer, view: View) -> str:
        try:
            return super()._typed(answer, view)
        except Wrong:
            text = answer.typed or ""
            command = folded(text).partition(" ")[0] in COMMANDS and not is_urgent(text)
            raise Interrupted(text if command else f"{START} ? {text}") from None


@conversation(RESUME, "resume", title=t.resume.title())
def resume(chat: Chat) -> None:
    """Go on with the paused conversation, or drop it."""
    paused = chat.state.paused
    entry = CONVERSATIONS.get(paused.conversation) if paused else None
    if entry is None:
        raise Stopped(t.kit.nothing_to_cancel())
    choices = [Option("yes", t.resume.go_on(), GO_ON_WORDS), Option("no", t.resume.drop(), NO_WORDS)]
    if chat.ask("resume", Offer(t.resume.offer(what=entry.title), choices, columns=2)) == "yes":
        raise Resume
    raise Stopped(t.resume.dropped())
