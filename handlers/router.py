"""Decides which conversation an update belongs to, and keeps the ways out open.

From everywhere: *kembali* (one question back), *batal*, *menu* and *bantuan* work, a command interrupts (and what
it interrupted is offered again afterwards), an old button says that it is old.
"""

import logging
from dataclasses import dataclass, field

from sqlalchemy import Connection

from handlers.kit.chat import BACK, CANCEL, Chat, Context, Interrupted, Notice
from handlers.kit.choices import folded
from handlers.kit.conversation import COMMANDS, CONVERSATIONS, Audience, Conversation, audiences
from handlers.kit.engine import play
from handlers.kit.messages import SHOW, Inbound, Outbound
from handlers.kit.state import State, Tap
from handlers.texts import Words, t
from handlers.unasked import is_thanks, is_urgent
from models.conversations import IDLE_FOR, Standing
from models.database import session_on
from models.outbox import about_of
from models.statements import milliseconds
from models.threads import answer_command

log = logging.getLogger("genting.router")

START, MENU, RESUME = "start", "menu", "teruskan"

# Input words: what people type to find their way out, in both languages.
BACK_WORDS = frozenset({"kembali", "back", "mundur"})
CANCEL_WORDS = frozenset({"batal", "cancel", "batalkan"})
ALWAYS = frozenset({"menu", "bantuan", "help", "stop"})


class Resume(Exception):
    """The person wants to go on with what was interrupted."""


@dataclass(slots=True)
class Reply:
    """What an update leads to. `state` None: no conversation is running."""

    state: State | None
    messages: list[Outbound] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    holding: str | None = None


class Router:
    """One update's way through the conversations."""

    def __init__(
        self, connection: Connection, context: Context, standing: Standing, inbound: Inbound
    ) -> None:
        self.connection, self.context = connection, context
        self.standing, self.inbound = standing, inbound
        self.state = self._running_state()

    def reply(self) -> Reply:
        """Return what the update leads to."""
        photo = self.inbound.photo
        if photo is None or not photo.album or photo.content is None:
            return self._reply()
        if self.state is not None and self.state.album == photo.album:
            return Reply(self.state)  # of pictures sent together the first that can be read counts
        reply = self._reply()
        reply.state = reply.state or State("")
        reply.state.album = photo.album
        return reply

    def _reply(self) -> Reply:
        inbound = self.inbound
        if inbound.edited:
            return self._edited()
        if inbound.choice is not None:
            return self._tapped(inbound.choice)
        if inbound.text is not None:
            return self._typed(inbound.text.strip())
        return self._answer(None)

    # -- what came ------------------------------------------------------------------------------------------

    def _tapped(self, data: str) -> Reply:
        if data == SHOW:  # what was held back has been shown already: go on from where the person is
            return self._run(self.state if self.state and self._asking() else self._beside(MENU), None, None)
        if data.startswith("/"):
            return self._command(data)
        tap, state = Tap.parse(data), self.state
        if tap is None or state is None:
            return self._old_button()
        if state.last == (tap.key, tap.nonce, tap.value):
            return Reply(state)  # the second of a double tap
        if (tap.key, tap.nonce) != (state.pending, state.nonce):
            return self._old_button()
        if tap.value == BACK:
            return self._back(tap)
        if tap.value == CANCEL:
            return self._cancel(tap)
        return self._answer(tap)

    def _typed(self, text: str) -> Reply:
        word = folded(text)
        if text.startswith("/"):
            return self._command(text)
        if self.inbound.reply_to and (thread := self._thread_answered(self.inbound.reply_to)):
            return self._command(f"/{thread} {text}")
        entry = COMMANDS.get(word.partition(" ")[0])
        if word in ALWAYS or (entry and not self._asking() and not _means_no_command(text, entry)):
            return self._command(f"/{text}")
        if self._asking() and word in BACK_WORDS:
            return self._back(None)
        if word in CANCEL_WORDS:
            return self._cancel(None)
        return self._answer(None)

    def _thread_answered(self, message_id: str) -> str | None:
        """Return the command that goes on with the question (K4) that an answered message belongs to, if it does."""
        about = about_of(self.connection, self.standing.contact_id, message_id)
        if about is None or not about.startswith("alert:"):
            return None
        with session_on(self.connection) as session:
            return answer_command(session, int(about.removeprefix("alert:")), self.standing.person_id)

    def _edited(self) -> Reply:
        """An edited message corrects the newest answer while its conversation runs; else it is ignored."""
        state = self.state
        if state is None or not state.given or state.last_message_id != self.inbound.message_id:
            return Reply(self.state)
        state.pending = state.take_back()
        log.info("answer_edited", extra={"question": state.pending, "conversation": state.conversation})
        return self._run(state, self.inbound, None)

    # -- what to do -----------------------------------------------------------------------------------------

    def _command(self, text: str) -> Reply:
        word, _, argument = text.removeprefix("/").partition(" ")
        word = word.partition("@")[0].casefold()
        if word in BACK_WORDS and self._asking():
            return self._back(None)
        if word in CANCEL_WORDS:
            return self._cancel(None)
        entry = COMMANDS.get(word)
        if entry is None:
            return self._again(t.kit.unknown_command())
        return self._start(entry, argument.strip())

    def _start(self, entry: Conversation, argument: str) -> Reply:
        running = self.state if self._asking() else None
        if running and (running.conversation, running.argument) == (entry.name, argument):
            return self._run(running, None, None)
        paused = running if running else self._left()
        if running and (running.conversation == RESUME or not running.given):
            paused = running.paused
        if running and running.conversation == RESUME and paused:
            _pass_over(paused)
        begun_ms = milliseconds(self.context.clock.now())
        return self._run(State(entry.name, argument, paused=paused, begun_ms=begun_ms), None, None)

    def _answer(self, tap: Tap | None) -> Reply:
        if self.state is None or not self._asking():
            return self._run(self._beside(START, f"? {self.inbound.text or ''}".strip()), None, None)
        return self._run(self.state, self.inbound, tap)

    def _back(self, tap: Tap | None) -> Reply:
        state = self.state
        if state is None or not state.given:
            return self._again(t.kit.first_question())
        state.take_back()
        state.last, state.last_message_id = None, ""
        return self._run(state, None, None, tidied=tap)

    def _cancel(self, tap: Tap | None) -> Reply:
        state = self.state
        if state is None or not self._asking():
            return self._run(self._beside(MENU), None, None, preface=t.kit.nothing_to_cancel())
        paused = state.paused if state.conversation != RESUME else None
        return self._run(State(MENU, "!cancelled", paused=paused), None, None, tidied=tap)

    def _old_button(self) -> Reply:
        return self._again(t.kit.old_button())

    def _again(self, words: Words) -> Reply:
        """Say something, then show the running question (or the menu) again."""
        if self.state is None or not self._asking():
            return self._run(self._beside(MENU), None, None, preface=words)
        return self._run(self.state, None, None, preface=words)

    # -- running ----------------------------------------------------------------------------------------------

    def _run(
        self,
        state: State,
        inbound: Inbound | None,
        tap: Tap | None,
        *,
        preface: Words | None = None,
        tidied: Tap | None = None,
    ) -> Reply:
        """Run a conversation, with the update as an answer or without one."""
        entry = CONVERSATIONS.get(state.conversation)
        if entry is None:
            log.error("conversation_unknown", extra={"conversation": state.conversation})
            return self._run(State(MENU), None, None, preface=t.kit.expired())
        chat = self._chat(state, inbound, tap)
        chat.preface = preface
        if tidied is not None:
            chat.untangle(self.inbound.message_id)
        if entry.who is not Audience.EVERYONE and entry.who not in audiences(chat):
            chat.undo()
            return self._refuse(chat, entry)
        try:
            played = play(chat, entry)
        except Interrupted as interrupted:
            chat.undo()
            return self._command(f"/{interrupted.word}")
        except Resume:
            chat.undo()
            return self._resume(state, chat)
        except BaseException:
            chat.undo()
            raise
        if played.asks:
            self._drop_unknown(chat)
            return Reply(state, played.messages, chat.notices, chat.holding)
        if chat.follow_up is not None:
            return self._follow_up(state, chat.follow_up, Reply(None, played.messages, chat.notices))
        return self._ended(state, Reply(None, played.messages, chat.notices))

    def _follow_up(self, state: State, follow_up: tuple[str, str], reply: Reply) -> Reply:
        """Go on with the conversation that this one leads to; what was interrupted stays so."""
        begun_ms = milliseconds(self.context.clock.now())
        after = State(*follow_up, last=state.last, paused=state.paused, begun_ms=begun_ms)
        more = self._run(after, None, None)
        more.messages[:0], more.notices[:0] = reply.messages, reply.notices
        return more

    def _ended(self, state: State, reply: Reply) -> Reply:
        """A conversation is over: offer what it interrupted, once, or remember the last tap against a double one."""
        paused = state.paused if state.conversation != RESUME else None
        if paused is not None and _done_anew(paused, state):
            paused = paused.paused
        if paused is not None and not _passed_over(paused):
            offer = self._run(State(RESUME, paused=paused), None, None)
            return Reply(offer.state, [*reply.messages, *offer.messages], reply.notices)
        if paused is not None or state.last is not None:
            reply.state = State("", last=state.last, paused=paused)
        return reply

    def _resume(self, state: State, chat: Chat) -> Reply:
        if state.paused is None:
            return self._run(State(MENU), None, None)
        reply = self._run(state.paused, None, None)
        if reply.messages and (tidied := chat.messages()):
            reply.messages[0].tidy = tidied[0].tidy
        return reply

    def _refuse(self, chat: Chat, entry: Conversation) -> Reply:
        """Say who this is for, and what to do first."""
        if entry.who in {Audience.FOSTER_PARENT, Audience.SUPPORTER, Audience.VISITOR}:
            signup = COMMANDS["daftar"]
            chat.say(t.kit.for_foster_parents(), buttons=[[(signup.title, signup.command)]])
        elif entry.who is Audience.FAMILY:
            code, privacy = COMMANDS["kode"], COMMANDS["privasi"]
            chat.say(
                t.kit.for_families(),
                buttons=[[(code.title, code.command)], [(privacy.title, privacy.command)]],
            )
        else:
            chat.say(t.kit.for_coordinators())
        state = chat.state.paused
        reply = Reply(None, chat.messages())
        return self._ended(State("", paused=state), reply) if state else reply

    def _chat(self, state: State, inbound: Inbound | None, tap: Tap | None) -> Chat:
        return Chat(
            self.connection,
            self.context,
            contact_id=self.standing.contact_id,
            channel=self.inbound.channel,
            person_id=self.standing.person_id,
            language=self.standing.language,
            state=state,
            inbound=inbound,
            tap=tap,
            command_words=COMMANDS,
            sender_phone=self.inbound.phone,
            no_ids=self.inbound.no_ids,
        )

    def _drop_unknown(self, chat: Chat) -> None:
        """An answer whose question the code no longer asks is named and dropped, never silently."""
        for key in [key for key in chat.state.answers if key not in chat.asked]:
            log.warning("answer_unknown", extra={"question": key, "conversation": chat.state.conversation})
            del chat.state.answers[key]

    def _left(self) -> State | None:
        """Return what was interrupted, while nothing else runs: it can be gone back to."""
        return self.state.paused if self.state and not self._asking() else None

    def _beside(self, name: str, argument: str = "") -> State:
        """Return a conversation that says something and leaves what was interrupted as it is."""
        return State(name, argument, paused=self._left())

    def _asking(self) -> bool:
        return self.state is not None and bool(self.state.conversation)

    def _running_state(self) -> State | None:
        """Return the stored state, unless it has been idle too long."""
        if self.standing.state is None:
            return None
        now = milliseconds(self.context.clock.now())
        if now - self.standing.moved_ms > IDLE_FOR.total_seconds() * 1000:
            return None
        return State.load(self.standing.state)


def _means_no_command(text: str, entry: Conversation) -> bool:
    """Whether a sentence only begins like a command: thanks, or a child who needs help at once."""
    return is_thanks(text) or (is_urgent(text) and entry.who is not Audience.COORDINATOR)


def _pass_over(paused: State) -> None:
    """Note that an offer to go on was not taken. Its next question comes under a nonce of its own in any case."""
    paused.nonce = ""


def _passed_over(paused: State) -> bool:
    return not paused.nonce


def _done_anew(paused: State, done: State) -> bool:
    """Whether what was interrupted has been done meanwhile; one about another child still waits."""
    about = {paused.argument, done.argument} - {""}
    return paused.conversation == done.conversation and len(about) < 2
