"""Plays a story through the simulator's phones, with the real bot behind them.

people: asn is newcomer_on_roster, koordinator is district_coordinator
asn: /daftar                      somebody writes
asn taps [Ya, saya setuju]        … taps a button
asn taps old [Tidak]              … taps one on an older message
asn shares phone                  … shares the own number
asn edits: Budi                   … corrects the last text
asn replies [Pertanyaan]: Baik    … answers the bot's newest message that has these words
asn opens the link of koordinator … opens the newest link that the bot gave somebody else
asn sends photo receipt.jpg       … sends a picture, as phones do (from tests/scenarios/pictures)
asn sends file receipt.jpg        … sends it as a file, metadata and all
bot: Mohon periksa                the bot answers whoever acted last; this stands in the answer
bot to koordinator: Pendaftaran   … or somebody else
picture                           the bot sent that person a picture
file laporan-*.pdf                … a file of such a name; `file a.pdf without words` lacks, `with words` has, these
not: Contoh                       nothing the bot ever said to that person has these words
8 days pass                       the clock moves (minutes, hours, days), and what falls due happens
clock: 2025-11-10 09:00           … to a local day and hour, forward only
on whatsapp, asn: halo            a line for one channel only, where the platform's rules make the dialogs differ

On WhatsApp labels are short where there is little room: a story names the long one, as the catalogs do. Where ways
out have no button, they are typed. Who has not written for a day gets a template first, and taps it, as people do.
"""

import mimetypes
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from bot.demo.cast import DemoPerson
from bot.simulator.driver import Driver, Phone
from bot.simulator.seen import SeenMessage
from handlers.texts import LANGUAGES, SHORT, all_texts, short_forms
from tests.clock import FixedClock
from tests.scenarios.files import text_in

WAIT = 60.0
PICTURES = Path(__file__).with_name("pictures")
WAYS_OUT = {"‹ Kembali": "kembali", "✕ Batal": "batal", "‹ Back": "back", "✕ Cancel": "cancel"}


TICKS = ("kit.ticked", "kit.unticked")
"""A tick stays as it is; what stands behind it may be shortened."""


def briefs(label: str) -> Iterator[str]:
    """Yield the short forms that the catalogs know for a label and for what stands in it."""
    for language in LANGUAGES:
        catalog = all_texts()[language]
        for key in (*sorted(short_forms()), *TICKS):
            long = "".join(
                re.escape(literal) + (f"(?P<{name}>.+)" if name else "")
                for literal, name, _ in catalog[key.removesuffix(SHORT)]
            )
            if found := re.fullmatch(long, label):
                values = {name: next(briefs(value), value) for name, value in found.groupdict().items()}
                yield "".join(literal + (values[name] if name else "") for literal, name, _ in catalog[key])


class Player:
    """One story, line by line."""

    def __init__(
        self,
        driver: Driver,
        cast: dict[str, DemoPerson],
        clock: FixedClock,
        zone: ZoneInfo,
        settled: Callable[[], None],
        channel: str = "telegram",
    ) -> None:
        self.driver, self.cast, self.clock, self.channel = driver, cast, clock, channel
        self.zone, self.settled = zone, settled
        self.phones: dict[str, Phone] = {}
        self.texts: dict[str, int] = {}
        self.seen: dict[str, int] = {}
        self.opened: set[tuple[str, int]] = set()
        self.who = self.reader = ""
        self.steps: list[tuple[re.Pattern[str], Callable[..., None]]] = [
            (re.compile(r"people: (.+)"), self._people),
            (re.compile(r"bot to (\w+): (.+)"), self._bot_to),
            (re.compile(r"bot: (.+)"), lambda words: self._bot_to(self.who, words)),
            (re.compile(r"picture"), self._picture),
            (re.compile(r"file (\S+)(?: (with|without) (.+))?"), self._file),
            (re.compile(r"not: (.+)"), self._never),
            (re.compile(r"(\d+) (minutes|hours|days) pass"), self._time),
            (re.compile(r"clock: \+(\d+) (minutes|hours|days)"), self._time),
            (re.compile(r"clock: (\d{4}-\d{2}-\d{2} \d{2}:\d{2})"), self._clock),
            (re.compile(r"(\w+) taps \[(.+)\]"), self._tap),
            (re.compile(r"(\w+) taps old \[(.+)\]"), self._tap_old),
            (re.compile(r"(\w+) shares phone"), self._share),
            (re.compile(r"(\w+) edits: (.+)"), self._edit),
            (re.compile(r"(\w+) sends photo (\S+)"), self._send_photo),
            (re.compile(r"(\w+) sends file (\S+)"), self._send_file),
            (re.compile(r"(\w+) replies \[(.+)\]: (.+)"), self._reply),
            (re.compile(r"(\w+) opens the link of (\w+)"), self._open_link),
            (re.compile(r"(\w+): (.+)"), self._say),
        ]

    def play(self, story: Path) -> None:
        """Play every line; a failure names the line."""
        for number, line in enumerate(story.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                self._step(line.strip())
            except Exception as error:
                raise AssertionError(f"{story.name}:{number}: {line}\n{error}") from error

    def _step(self, line: str) -> None:
        if found := re.fullmatch(r"on (\w+), (.+)", line):
            if found[1] != self.channel:
                return
            line = found[2]
        for pattern, do in self.steps:
            if found := pattern.fullmatch(line):
                do(*found.groups())
                return
        raise ValueError("no such step")

    def _people(self, names: str) -> None:
        for name in names.split(","):
            alias, _, key = name.strip().partition(" is ")
            self.phones[alias] = self.driver.phone(self.cast[key].telegram_id)
            self.seen[alias] = 0  # what the morning has brought is new to them

    def _act(self, who: str) -> Phone:
        self.who = self.reader = who
        return self.phones[who]

    def _say(self, who: str, words: str) -> None:
        filled = words.format_map({f"nip_{key}": person.nip for key, person in self.cast.items()})
        self.texts[who] = self._act(who).send(filled)

    def _tap(self, who: str, label: str) -> None:
        phone = self._act(who)
        label = self._label(phone, label)
        if self.channel == "whatsapp" and label in WAYS_OUT and label not in phone.last.labels:
            phone.send(WAYS_OUT[label])
            return
        phone.tap(label)

    def _tap_old(self, who: str, label: str) -> None:
        # A tapped button goes away on Telegram; on WhatsApp it stays, and is the newest of its name.
        phone = self._act(who)
        phone.tap_old(self._label(phone, label), skip=0 if self.channel == "whatsapp" else 1)

    def _share(self, who: str) -> None:
        if self.channel == "whatsapp":
            self._tap(who, "📱 Bagikan nomor HP saya")
        else:
            self._act(who).share_contact()

    def _label(self, phone: Phone, label: str) -> str:
        """Return what a button is called on this channel."""
        shown = {name for message in phone.messages for name in message.labels}
        if self.channel == "telegram" or label in shown:
            return label
        return next((short for short in briefs(label) if short in shown), label)

    def _edit(self, who: str, words: str) -> None:
        self._act(who).edit(self.texts[who], words)

    def _send_photo(self, who: str, name: str) -> None:
        self._act(who).send_photo((PICTURES / name).read_bytes())

    def _send_file(self, who: str, name: str) -> None:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._act(who).send_document((PICTURES / name).read_bytes(), name, kind)

    def _reply(self, who: str, answered: str, words: str) -> None:
        self._act(who).reply(answered, words)

    def _open_link(self, who: str, other: str) -> None:
        """Follow a deep link, as a person does to whom it was forwarded."""
        said = reversed(self.phones[other].messages)
        door = r"wa\.me/\d+\?text=(\S+)" if self.channel == "whatsapp" else r"\?start=([\w-]+)"
        links = (re.search(door, message.text) for message in said if message.from_bot)
        payload = next(link for link in links if link)[1]
        if self.channel == "whatsapp":  # the link only writes the words for them
            self._say(who, unquote(payload))
        else:
            self._act(who).start(payload)

    def _bot_to(self, who: str, words: str) -> None:
        """Wait for a message to this person, new since what was last seen there."""
        self.reader = who
        after = self.seen[who]

        def fits(message: SeenMessage) -> bool:
            turned = message.edited and bool(message.buttons)  # not a question that only shows its answer now
            return words in message.text and (message.id > after or turned)

        phone = self.phones[who]
        found = phone.wait_for(lambda m: fits(m) or self._unopened(m), WAIT, anywhere=True)
        if not fits(found):
            self.opened.add((who, found.id))
            phone.tap_message(found, found.labels[0])
            found = phone.wait_for(fits, WAIT, anywhere=True)
        self.seen[who] = found.id

    def _unopened(self, message: SeenMessage) -> bool:
        """Whether the chat ends with a template, which says only that there is something to read, not tapped yet.

        Whoever has written since has opened it by that.
        """
        if not message.payload.get("template") or (self.reader, message.id) in self.opened:
            return False
        return self.phones[self.reader].messages[-1].id == message.id

    def _picture(self) -> None:
        message = self.phones[self.reader].wait_for(lambda m: bool(m.photo), WAIT, anywhere=True)
        assert self.phones[self.reader].picture(message)[:4] in {b"\x89PNG", b"\xff\xd8\xff\xe0"}

    def _file(self, pattern: str, way: str | None, words: str | None) -> None:
        """Wait for a file; read what stands in it, as somebody who opens it would."""
        phone = self.phones[self.reader]
        after = self.seen[self.reader]

        def fits(message: SeenMessage) -> bool:
            named = str((message.document or {}).get("file_name", ""))
            return message.id >= after and fnmatch(named, pattern)

        message = phone.wait_for(fits, WAIT, anywhere=True)
        assert message.document is not None
        said = text_in(phone.driver.download(message.document["file_id"]), message.document["file_name"])
        if words is not None:
            assert (words in said) == (way == "with"), f"{message.document['file_name']} is not {way} it"

    def _never(self, words: str) -> None:
        for message in self.phones[self.reader].messages:
            assert not (message.from_bot and words in message.text), message.text

    def _time(self, number: str, unit: str) -> None:
        self._move(self.clock.now() + timedelta(**{unit: int(number)}))

    def _clock(self, local: str) -> None:
        self._move(datetime.fromisoformat(local).replace(tzinfo=self.zone))

    def _move(self, to: datetime) -> None:
        assert to > self.clock.now(), "the clock only moves forward"
        self.clock.set(to)
        self.settled()
