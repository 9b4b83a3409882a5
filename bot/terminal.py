"""`genting chat`: the bot in the terminal, without network, on invented data that is forgotten at the end.

Type what you would type in the chat; `#2` taps the second button; `:nomor 0812…` shares a phone number; `:foto
struk.jpg` sends a picture; `:maju 1 hari` (or `3 jam`, or `penyaluran`: the next due day) moves the clock; `:sebagai
koordinator` changes who you are (`:siapa` lists them); an empty line or Ctrl-D ends. `--save` keeps the session as a
scenario: a bug report becomes a test.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from sqlalchemy import Connection

from bot.demo.cast import DemoPerson, cast
from bot.demo.clock import DemoClock, next_payout_morning
from bot.demo.scratch import scratch_database
from bot.photos import opened
from handlers.catalogue import all_conversations
from handlers.inbox import handle
from handlers.kit.chat import Context
from handlers.kit.messages import Button, Inbound, Outbound, SharedContact, SharedPhoto
from handlers.late import read_late, write_late
from handlers.texts import plain
from jobs.claiming import claim_written
from jobs.schedule import run_through
from models.database import Database, in_session
from models.errors import BadInput
from models.outbox import Sent, mark
from models.people import parse_phone
from models.programme import Programme

console = Console(highlight=False)

# Input words: how far the clock moves.
_UNITS = {"jam": "hours", "hari": "days", "hour": "hours", "hours": "hours", "day": "days", "days": "days"}
_DUE = {"penyaluran", "due"}


def chat_in_terminal(programme: Programme, save: Path | None) -> None:
    """Run the session on standard input until it ends."""
    all_conversations()
    with scratch_database(programme) as (database, context):
        assert isinstance(context.clock, DemoClock)  # noqa: S101 - the scratch database's
        terminal = Terminal(
            database, context, context.clock, {member.key: member for member in cast(programme)}
        )
        terminal.run(_lines())
        if save is not None:
            people = "people: " + ", ".join(f"{key} is {key}" for key in terminal.people)
            save.write_text("\n".join([people, *terminal.scenario]) + "\n", encoding="utf-8")
            console.print(f"[dim]saved: {save}[/dim]")


def _lines() -> Iterator[str]:
    """Read until the end of input or an empty line."""
    while True:
        try:
            line = console.input("[bold blue]> [/bold blue]") if sys.stdin.isatty() else input()
        except EOFError:
            return
        if not line.strip():
            return
        yield line.strip()


@dataclass(slots=True)
class Terminal:
    """The session: who is speaking, what was shown last to whom, and the scenario so far."""

    database: Database
    context: Context
    clock: DemoClock
    people: dict[str, DemoPerson]
    who: str = ""
    scenario: list[str] = field(default_factory=list)
    shown: dict[str, list[Button]] = field(default_factory=dict)
    updates: int = 0

    def run(self, lines: Iterator[str]) -> None:
        """Take one line after the other."""
        self.who = next(key for key, person in self.people.items() if not person.joined)
        self._introduce()
        for line in lines:
            if line.startswith(":"):
                self._command(line)
            elif line.startswith("#"):
                self._tap(line[1:])
            else:
                self._note(f"{self.who}: {line}")
                self._take(Inbound("telegram", self._address(), self._next(), text=line))

    def _introduce(self) -> None:
        person = self.people[self.who]
        console.print(f"[dim]-- {self.who}: {person.name} ({person.role_id}). {person.hint_id}[/dim]")

    def _command(self, line: str) -> None:
        word, _, rest = line[1:].partition(" ")
        if word in {"sebagai", "as"} and rest in self.people:
            self.who = rest
            self._introduce()
        elif word in {"nomor", "phone"}:
            try:
                phone = parse_phone(rest) if rest else self.people[self.who].phone
            except BadInput as error:
                console.print(f"[red]{escape(rest)}: {error}[/red]")
                return
            self._note(f"{self.who} shares phone")
            contact = SharedContact(phone, own=True)
            self._take(Inbound("telegram", self._address(), self._next(), contact=contact))
        elif word in {"foto", "photo"}:
            self._send_photo(Path(rest))
        elif word in {"maju", "forward"}:
            self._forward(rest)
        else:
            for key, person in self.people.items():
                console.print(f"[dim]   :sebagai {key}  {person.name}, {person.role_id}[/dim]")

    def _forward(self, wish: str) -> None:
        """Move the clock, and let happen what has fallen due."""
        now = self.clock.now()
        number, _, unit = wish.partition(" ")
        if wish in _DUE:
            target = next_payout_morning(self.context.programme, now)
        elif number.isdigit() and int(number) in range(1, 10_000) and unit in _UNITS:
            target = now + timedelta(**{_UNITS[unit]: int(number)})
        else:
            console.print("[red]:maju 1 hari, :maju 3 jam, :maju penyaluran[/red]")
            return
        self.clock.set(target)
        local = target.astimezone(self.context.programme.zone)
        console.print(f"[dim]-- {local:%Y-%m-%d %H:%M}[/dim]")
        self._note(f"clock: {local:%Y-%m-%d %H:%M}")

        self.database.submit(lambda connection: run_through(connection, self.context)).result()
        self._deliver()

    def _send_photo(self, path: Path) -> None:
        try:
            raw = path.expanduser().read_bytes()
        except OSError as error:
            console.print(f"[red]{escape(str(path))}: {error.strerror}[/red]")
            return
        self._note(f"{self.who} sends photo {path.name}")
        photo = opened(SharedPhoto(path.name, len(raw)), raw)
        self._take(Inbound("telegram", self._address(), self._next(), photo=photo))

    def _tap(self, number: str) -> None:
        buttons = self.shown.get(self._address(), [])
        if not number.isdigit() or not 1 <= int(number) <= len(buttons):
            console.print(f"[red]there is no button #{number}[/red]")
            return
        button = buttons[int(number) - 1]
        self._note(f"{self.who} taps [{plain(button.label)}]")
        self._take(Inbound("telegram", self._address(), self._next(), message_id="0", choice=button.data))

    def _take(self, inbound: Inbound) -> None:
        self.database.submit(lambda c: handle(c, self.context, inbound)).result()
        self._deliver()

    def _deliver(self) -> None:
        """Show what may leave now, on whosever phone it arrives."""
        now = self.context.clock.now()

        def collect(connection: Connection) -> list[tuple[str, Outbound]]:
            _, claimed = claim_written(connection, self.context, "telegram", 100)
            mark(connection, now, [Sent(message.id, "0") for message in claimed])
            return [(message.address, Outbound.load(json.loads(message.body))) for message in claimed]

        for address, message in self.database.submit(collect).result():
            self._show(address, message)

    def _show(self, address: str, message: Outbound) -> None:
        message = write_late(
            message, self.database.submit(in_session(lambda s: read_late(s, message))).result()
        )
        if not message.text:
            return
        reader = next(key for key, person in self.people.items() if str(person.telegram_id) == address)
        buttons = [button for row in [*message.rows, message.nav] for button in row]
        self.shown[address] = buttons
        console.print(f"[green]{reader}[/green] ←", escape(plain(message.text)))
        if message.picture:
            console.print(f"[dim]   (picture: {message.picture[0]})[/dim]")
        for number, button in enumerate(buttons, start=1):
            console.print(f"   [cyan]#{number}[/cyan] {escape(plain(button.label))}")
        first_line = plain(message.text).splitlines()[0]
        self._note(f"bot to {reader}: {first_line}")

    def _note(self, line: str) -> None:
        self.scenario.append(line)

    def _address(self) -> str:
        return str(self.people[self.who].telegram_id)

    def _next(self) -> str:
        self.updates += 1
        return str(self.updates)
