"""What a conversation sees: it asks, says, and works on the database; it never waits.

The function runs from the top on every update with the answers so far filled in. `ask` returns a stored answer,
or takes the update as the answer, or shows the question and ends the run with `Suspended`. What was said before
the newest answer has been said; what was written before a question is a mistake of the programmer, because a
run that ends in a question is rolled back.
"""

import secrets
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session

from handlers.kit.choices import Choice, Confirm, folded
from handlers.kit.messages import NEWS, Button, Document, Face, Inbound, Outbound
from handlers.kit.question import Answer, Prompt, Question, Redraw, View, Wrong
from handlers.kit.state import UNASKED, State, Tap
from handlers.texts import Words, join, render, shortened, t
from models.clock import Clock
from models.contacts import Contact, contact_for
from models.database import session_on
from models.files import FileKind, store_file
from models.grants import Scope, scope_of
from models.keys import KeyRing
from models.months import Month, local_day
from models.people import FosterParent, Person
from models.programme import Programme
from models.quiet import is_hushed

T = TypeVar("T")

Buttons = Sequence[Sequence[tuple[Words, str]]]
"""Rows of buttons that start commands: (label, `/command argument`)."""

BACK, CANCEL = "!back", "!cancel"
LONGEST = 3500
"""Merged texts stay below this many characters: Telegram and WhatsApp take 4,096."""


class Suspended(BaseException):
    """The run ends here until the next answer. A BaseException, so that no `except Exception` swallows it."""


class Again(Exception):
    """Go back to a question that has been answered, saying why. Everything written so far is undone."""

    def __init__(self, key: str, words: Words) -> None:
        super().__init__(key)
        self.key, self.words = key, words


class Stopped(Exception):
    """The conversation ends here without having done anything but saying `words`."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


class Interrupted(Exception):
    """What came is no answer to this question but a command: `word` is its name."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class AskedAfterWriting(Exception):
    """A programming error: a question came after a write, which the suspension would undo."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the core is given from outside.

    `doors`: links that begin a chat with a one-time code (`{code}`). `faces`: how the channels look to people.
    `erased_file`: where erasures are written down beside the keys (`models.erasure_file`).
    """

    programme: Programme
    keys: KeyRing
    clock: Clock
    doors: tuple[str, ...] = ()
    faces: Mapping[str, Face] = field(default_factory=dict)
    erased_file: Path | None = None

    def links(self, code: str) -> list[str]:
        """Return the links that send a code, one a platform."""
        return [door.format(code=code) for door in self.doors]


@dataclass(slots=True)
class Notice:
    """Something to tell somebody who is not in this chat. `about` names the row that it concerns, like `child:24`.

    `at_once`: the person of this chat has just asked for it there. It waits for no waking hour and, as a reply, goes to
    no other chat.
    """

    contact_id: int
    channel: str
    message: Outbound
    about: str | None = None
    at_once: bool = False


class Chat:
    """One run of a conversation."""

    def __init__(
        self,
        connection: Connection,
        context: Context,
        *,
        contact_id: int,
        channel: str,
        person_id: int | None,
        language: str,
        state: State,
        inbound: Inbound | None,
        tap: Tap | None,
        command_words: Container[str] = (),
        sender_phone: str | None = None,
        no_ids: bool = False,
    ) -> None:
        self.context = context
        self.programme = context.programme
        self.keys = context.keys
        self.contact_id = contact_id
        self.channel = channel
        self.person_id = person_id
        self.language = language
        self.state = state
        self.now: datetime = context.clock.now()
        self.holding: str | None = None
        self.out: list[Outbound] = []
        self.notices: list[Notice] = []
        self.commands_changed = False
        self.follow_up: tuple[str, str] | None = None
        self.preface: Words | None = None
        self.sender_phone = sender_phone
        """The number that the platform vouches to be this chat's, E.164; None when it does not say."""
        self.no_ids = no_ids
        """Identity numbers may not be asked for here."""
        self.asked: set[str] = set()
        self._command_words = command_words
        self._connection = connection
        self._session: Session | None = None
        self._inbound = inbound
        self._tap = tap
        self._tidy: tuple[str, str] | None = None

    # -- who, when, where ------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The programme's calendar day."""
        return local_day(self.now, self.programme.zone)

    @property
    def month(self) -> Month:
        """The programme's calendar month."""
        return Month.of(self.today)

    @property
    def begun_on(self) -> date:
        """The day on which this dialog began: what is answered later still belongs to it."""
        begun_ms = self.state.begun_ms
        begun = datetime.fromtimestamp(begun_ms / 1000, UTC) if begun_ms else self.now
        return local_day(begun, self.programme.zone)

    @property
    def argument(self) -> str:
        """What followed the command: `BLT-014` in `/anak BLT-014`."""
        return self.state.argument

    @property
    def db(self) -> Session:
        """The session of this run, opened when first needed, in a savepoint of the update's transaction."""
        if self._session is None:
            self._session = _WatchedSession(
                bind=self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            )
        return self._session

    @property
    def person(self) -> Person | None:
        """Whom this chat belongs to."""
        return self.db.get(Person, self.person_id) if self.person_id else None

    @property
    def foster_parent(self) -> FosterParent | None:
        """The person as foster parent, if they are one."""
        return self.db.get(FosterParent, self.person_id) if self.person_id else None

    @property
    def scope(self) -> Scope:
        """What the person coordinates."""
        return scope_of(self.db, self.person_id, self.now)

    # -- talking -----------------------------------------------------------------------------------------------

    def ask(self, key: str, question: Question[T]) -> T:
        """Return the answer to a question, asking it first if need be."""
        self.asked.add(key)
        if key in self.state.answers:
            self.out.clear()
            return question.load(self.state.answers[key])
        if self._inbound is not None and key == self.state.pending:
            return question.load(self._take(key, question))
        return self._show(key, question, View(), fresh=True)

    def pick(self, key: str, question: Choice, *, none: Words, named: str = "") -> str:
        """Return which of several is meant: what the command `named`, the only one there is, or what is asked for.

        It is meant to the end of the dialog: the answers given since are about that. The conversation ends when it
        has gone meanwhile, or, saying `none`, when there is nothing to choose from. Where something is `named` that is
        not there, the only one is asked about, too.
        """
        left = [option.value for option in question.options()]
        unasked = UNASKED + key
        self.asked.add(unasked)
        meant = self.state.answers.get(unasked) or self.state.answers.get(key)
        if meant is not None and meant not in left:
            raise Stopped(t.kit.chosen_gone())
        if not left:
            raise Stopped(none)
        if meant is None and self.state.pending != key and (one := _unasked(left, named)):
            self.state.answers[unasked] = one
        return str(self.state.answers.get(unasked) or self.ask(key, question))

    def confirm(self, words: Words, *, yes: Words | None = None, no: Words | None = None) -> None:
        """Ask for a yes; a no ends the conversation."""
        if self.ask("confirm", Confirm(words, yes=yes, no=no)) != Confirm.YES:
            raise Stopped(t.kit.cancelled())

    def review(self, words: Words, *, yes: Words | None = None) -> None:
        """Ask whether a summary is right; a no goes back to the question before it, and nothing else is lost."""
        if self.ask("confirm", Confirm(words, yes=yes)) == Confirm.YES:
            return
        answered = [key for key in self.state.answers if key != "confirm"]
        if not answered:
            raise Stopped(t.kit.cancelled())
        raise Again(answered[-1], t.kit.amend())

    def say(
        self,
        words: Words,
        *,
        picture: tuple[str, dict[str, Any]] | None = None,
        late: tuple[str, dict[str, Any]] | None = None,
        document: Document | None = None,
        buttons: Buttons | None = None,
        to_pass_on: bool = False,
    ) -> None:
        """Send a message, perhaps with a picture (`jobs.charts`), a file (`jobs.documents`), and buttons.

        `late` (`handlers.late`) adds words and a picture when it leaves: what takes time to compute is computed
        there, not in the transaction of this update. `to_pass_on`: it may be forwarded.
        """
        message = Outbound(render(words, self.language), rows(buttons, self.language), picture=picture)
        message.document, message.to_pass_on = document, to_pass_on
        if late is not None:
            message.late = late[0], late[1] | {"language": self.language}
        self.out.append(message)

    def tell(
        self,
        person_id: int,
        words: Words,
        *,
        buttons: Buttons | None = None,
        picture: tuple[str, dict[str, Any]] | None = None,
        about: str | None = None,
        approved: bool = False,
        answers: bool = False,
    ) -> bool:
        """Tell somebody else, in their language, on the chat that they prefer, outside quiet hours; False when not.

        `about` names what it concerns; whatever concerns a child says so (`child:24`), so that silence about the child
        (`models.quiet`) keeps it back, unless a person has `approved` these very words. `answers`: they have asked
        for it themselves, so it reaches them though they opted out of being told things.
        """
        if about and not approved and is_hushed(self.db, about, person_id, self.now):
            return False
        contact = contact_for(self.db, person_id, even_if_off=answers)
        if contact is None or contact.id is None or contact.id == self.contact_id:
            return False
        message = self._news(contact, words, buttons)
        message.picture = picture
        self.notices.append(Notice(contact.id, contact.channel, message, about))
        return True

    def tell_chat(
        self, contact: Contact, words: Words, *, buttons: Buttons | None = None, at_once: bool = False
    ) -> None:
        """Tell something in one chat and no other of its person's, outside quiet hours unless `at_once`."""
        message = self._news(contact, words, buttons)
        self.notices.append(Notice(contact.id or 0, contact.channel, message, at_once=at_once))

    def _news(self, contact: Contact, words: Words, buttons: Buttons | None) -> Outbound:
        return Outbound(
            render(words, contact.language),
            rows(buttons, contact.language),
            template=(NEWS, [self.programme.district.name]),
        )

    def hold(self, thing: str | None) -> None:
        """Show others that this dialog holds something, like `child:17`, for as long as it runs."""
        self.holding = thing

    def go_on(self, conversation: str, argument: str) -> None:
        """Begin another conversation when this one has ended and what it wrote is kept."""
        self.follow_up = conversation, argument

    def remember(self, work: Callable[[Session], None]) -> None:
        """Write what is to stay though the question is asked again: that an answer was a wrong guess."""
        self._step_aside()
        with session_on(self._connection) as session:
            work(session)

    def refresh_commands(self) -> None:
        """Let the platform's command menu follow a changed role or language."""
        self.commands_changed = True

    # -- the engine's side ---------------------------------------------------------------------------------

    def _take(self, key: str, question: Question[Any]) -> Any:
        """Read the update as the answer to `key`; remember it."""
        inbound, tap = self._inbound, self._tap
        assert inbound is not None  # noqa: S101 - asked only when there is one
        self._inbound = self._tap = None
        value = tap.value if tap else None
        try:
            answer = Answer(inbound, value, self.language, self._keep_file)
            stored = question.read(answer, self.state.view)
        except Wrong as wrong:
            if (word := folded(inbound.text or "")) in self._command_words:
                raise Interrupted(word) from None
            self._show(key, question, self.state.view, error=wrong.words)
        except Redraw as redraw:
            self._show(key, question, redraw.view, replaces=inbound.message_id if tap else None)
        self.state.answers[key] = stored
        self.state.last = (tap.key, tap.nonce, tap.value) if tap else None
        self.state.last_message_id = "" if tap else inbound.message_id
        self.out.clear()
        if tap and (echo := question.echo(stored)):
            shown = t.kit.chosen(question=question.words, answer=echo)
            self._tidy = (inbound.message_id, render(shown, self.language))
        return stored

    def _keep_file(self, kind: FileKind, content: bytes) -> int:
        """Store a file outside the session's savepoint, which the next question undoes."""
        self._step_aside()
        return store_file(self._connection, self.keys, self.now, self.contact_id, kind, content)

    def _step_aside(self) -> None:
        """Close the session's savepoint, so that what is written now stays whatever becomes of the run."""
        if self.has_written():
            raise AskedAfterWriting(self.state.pending)
        if self._session is not None:
            self._session.commit()  # it has only read; its next statement opens a savepoint anew

    def _show(
        self,
        key: str,
        question: Question[Any],
        view: View,
        *,
        fresh: bool = False,
        error: Words | None = None,
        replaces: str | None = None,
    ) -> NoReturn:
        """Show a question and end the run."""
        if self.has_written():
            raise AskedAfterWriting(key)
        if fresh:
            self.state.nonce = secrets.token_hex(3)
        self.state.pending, self.state.view = key, view
        prompt = question.show(view)
        words = join([error, prompt.words], "\n\n") if error else prompt.words
        self.out.append(self._prompt(key, words, prompt, replaces))
        raise Suspended

    def _prompt(self, key: str, words: Words, prompt: Prompt, replaces: str | None) -> Outbound:
        def button(label: Words, value: str) -> Button:
            return _button(label, str(Tap(key, self.state.nonce, value)), self.language)

        nav = [button(t.kit.back(), BACK)] if self.state.given else []
        return Outbound(
            render(words, self.language),
            [[button(k.label, k.value) for k in row] for row in prompt.rows],
            [*nav, button(t.kit.cancel(), CANCEL)],
            share_phone=render(prompt.share_phone, self.language) if prompt.share_phone else None,
            replaces=replaces,
            listed=render(prompt.listed, self.language) if prompt.listed else None,
        )

    def untangle(self, message_id: str) -> None:
        """Take the keys away from a message whose way out was tapped."""
        self._tidy = (message_id, "")

    def has_written(self) -> bool:
        """Whether this run has changed anything."""
        session = self._session
        if self.notices or session is None:
            return bool(self.notices)
        return bool(session.info.get("wrote") or session.new or session.dirty or session.deleted)

    def keep(self) -> None:
        """Keep what was written."""
        if self._session is not None:
            self._session.commit()
            self._session.close()
            self._session = None

    def undo(self) -> None:
        """Undo what was written, and what was to be told to others."""
        self.notices.clear()
        if self._session is not None:
            self._session.rollback()
            self._session.close()
            self._session = None

    def messages(self) -> list[Outbound]:
        """Return what is to be sent, as few messages as possible, the old keyboard tidied by the first."""
        merged: list[Outbound] = []
        preface = [Outbound(render(self.preface, self.language))] if self.preface else []
        for message in [*preface, *self.out]:
            if merged and _fits_behind(merged[-1], message):
                before = merged.pop()
                message.text = f"{before.text}\n\n{message.text}" if before.text else message.text
            merged.append(message)
        if self._tidy:
            if not merged:
                merged.append(Outbound(""))
            merged[0].tidy = self._tidy
        return merged


def _unasked(left: Sequence[str], named: str) -> str | None:
    """Return what is meant without asking; None when it must be asked."""
    if named in left:
        return named
    return left[0] if len(left) == 1 and not named else None


def _fits_behind(before: Outbound, after: Outbound) -> bool:
    """Whether two messages can be one: plain words before, nothing that replaces or illustrates after."""
    plain = not (before.rows or before.nav or before.picture or before.replaces or before.share_phone)
    plain = plain and not (before.late or before.document or after.document)
    alike = before.to_pass_on == after.to_pass_on
    return (
        plain
        and alike
        and not (after.picture or after.replaces)
        and len(before.text) + len(after.text) < LONGEST
    )


def rows(buttons: Buttons | None, language: str) -> list[list[Button]]:
    """Return buttons that start commands, labelled in a language."""
    return [[_button(label, data, language) for label, data in row] for row in buttons or []]


def _button(label: Words, data: str, language: str) -> Button:
    return Button(render(label, language), data, shortened(label, language))


class _WatchedSession(Session):
    """A session that notices its writes, flushed or direct, in `info["wrote"]`."""


@event.listens_for(_WatchedSession, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    session.info["wrote"] = True


@event.listens_for(_WatchedSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info["wrote"] = True
