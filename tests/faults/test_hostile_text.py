"""Formulas and markup typed wherever words can be typed are words wherever they are read."""

import asyncio
import csv
import io
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import Session, select

from bot.app import whatsapp_of
from bot.channels.markup import to_html, to_whatsapp
from bot.channels.telegram import Telegram
from bot.channels.words import words
from bot.simulator.pacing import Pace
from bot.simulator.people import Person as PhoneOwner
from bot.simulator.server import RunningSimulator, running_simulator
from bot.simulator.telegram.entities import parse_html
from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from handlers.kit.conversation import CONVERSATIONS, Audience
from handlers.kit.messages import Outbound, SharedPhoto
from handlers.texts import LANGUAGES, Text, all_texts, escape, plain, render
from jobs import charts, documents
from jobs.channel import ChannelError, Recipient
from jobs.channel import Pace as SendingPace
from models.database import Database, in_session
from models.files import content_of
from models.inbox import parked
from models.keys import KeyRing
from models.months import Month
from models.organisations import OrganisationKind
from models.payouts import Payout, PayoutState
from models.people import FosterKind, Person, Standing
from models.pledges import Pledge, PledgeState
from models.programme import Campaign, Programme
from models.visible import visible
from tests.builders import (
    OCTOBER,
    a_child,
    a_contact,
    a_coordinator,
    a_family,
    a_foster_parent,
    a_guardian,
    a_pledge,
    an_organisation,
    id_of,
)
from tests.clock import MONDAY_MORNING, FixedClock
from tests.depth import depth
from tests.faults.payloads import payloads
from tests.faults.wanderer import Fields, Wanderer, questions_for_words
from tests.handlers.talk import Post, Talk, buttons, code_in
from tests.running import settings_for, whatsapp_settings

STEPS = depth(2_000, thorough=20_000)
SENT, DRAWN = depth(500, thorough=20_000), depth(40, thorough=1_000)
SEED = 20_261_126
WORD = re.compile(r"Kz[a-y]{2}q")
TYPED = [text for _, text in payloads()]
SHORT = [text for text in TYPED if len(text) < 20]
BESIDE = "6281200000099"
"""The other chat of the coordinator at the desk."""
MARKS = {"bold", "italic", "code", "pre", "underline", "strikethrough", "spoiler", "blockquote", "text_link"}


# --- every text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_value_of_any_text_marks_anything_or_loses_a_letter(language: str) -> None:
    """Each text with each payload in all its places: what parses is what the catalog marks, and no more."""
    chance, wrong = random.Random(SEED), []
    for key, pieces in all_texts()[language].items():
        names = [name for _, name, spec in pieces if name and not spec]
        for given in chance.sample(TYPED, depth(20, thorough=len(TYPED))) if names else []:
            typed = " ".join(visible(given).split())
            values = {name: _valued(spec) if spec else typed for _, name, spec in pieces if name}
            honest = {**values, **dict.fromkeys(names, "Rekaan")}
            marked, safe = (render(Text(key, tuple(v.items())), language) for v in (values, honest))
            text, entities = parse_html(to_html(marked))
            marks = [entity["type"] for entity in entities]
            if typed not in text or marks != [e["type"] for e in parse_html(to_html(safe))[1]]:
                wrong.append((key, typed))
            if _marks_on_whatsapp(to_whatsapp(marked)) != _marks_on_whatsapp(to_whatsapp(safe)):
                wrong.append((key, typed))
            assert plain(escape(typed)) == typed
    assert wrong == [], wrong[:9]


VALUES = {
    "date": date(2025, 10, 13),
    "month": Month(2025, 10),
    "moment": MONDAY_MORNING,
    "decimal": Decimal("9.2"),
}


def _valued(spec: str) -> Any:
    return VALUES.get(spec, 3)


_ON_WHATSAPP = re.compile(r"(?<![^\W_])([*_~`])(?=\S)(?:(?!\1).)*?(?<=\S)\1(?![^\W_])|```|^> ", re.MULTILINE)


def _marks_on_whatsapp(text: str) -> int:
    """Count what WhatsApp would format (its help: bold, italic, strikethrough, monospace, quotation)."""
    return len(_ON_WHATSAPP.findall(text))


# --- every field ---------------------------------------------------------------------------------------------


class WhatsAppTalk(Talk):
    """The same by WhatsApp, where no number of a document may be asked for."""

    channel = "whatsapp"

    def take(self, **what: Any) -> str:
        return super().take(**{"no_ids": True, "phone": f"+{self.address}", **what})


@pytest.fixture
def talks(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> dict[str, Talk]:
    """A village of everybody: each kind of coordinator and giver, families that have joined, and newcomers."""
    all_conversations()
    database.submit(in_session(lambda session: _settle(session, keys))).result()
    kinds, first, last = tuple(FosterKind), Month(2025, 1), Month(2025, 12)
    campaigns = tuple(
        Campaign(name=name, kinds=kinds, children=5, first_month=first, last_month=last)
        for name in islice(_names(), 20)
    )
    hostile = programme.model_copy(update={"campaigns": campaigns})
    context = Context(hostile, keys, clock, ("https://t.me/rekaan_bot?start=kode-{code}",))
    post = Post(list)
    people = [
        "desk",
        "asker",
        "district",
        "sijuk",
        "company",
        *(f"{who}{n}" for who in ("giver", "mother") for n in range(4)),
    ]
    new = [f"new{number}" for number in range(16)]
    found = {name: Talk(database, context, name, post) for name in [*people, *new]}
    for number in range(9):
        found[f"wa{number}"] = WhatsAppTalk(database, context, f"62812000000{number}", post)
    found["beside"] = WhatsAppTalk(database, context, BESIDE, post)
    return found


def _settle(session: Session, keys: KeyRing) -> None:
    names = _names()

    def chat(address: str, person_id: int | None) -> None:
        a_contact(session, keys, address=address, person=session.get_one(Person, person_id))

    chat("district", a_coordinator(session, keys, name=next(names)).id)
    desk = a_coordinator(session, keys, name=next(names))
    chat("desk", desk.id)
    a_contact(session, keys, channel="whatsapp", address=BESIDE, person=desk)
    chat("sijuk", a_coordinator(session, keys, area="Sijuk", name=next(names)).id)
    company = an_organisation(session, name=next(names), kind=OrganisationKind.COMPANY)
    contact = a_foster_parent(session, keys, name=next(names), kind=FosterKind.COMPANY, organisation=company)
    chat("company", contact.person_id)
    for number in range(4):
        phone = f"+62800000{number:04}"
        family = a_family(
            session, keys, address=f"mother{number}", name=next(names), phone=phone, contact_agreed=True
        )
        office = an_organisation(session, name=next(names))
        giver = a_foster_parent(session, keys, name=next(names), organisation=office)
        chat(f"giver{number}", giver.person_id)
        for _ in range(3):
            child = a_child(session, name=next(names), address=next(names), guardian=family)
            a_pledge(session, child=child, foster_parent=giver)
    asker = a_family(session, keys, address="asker", name=next(names), phone="+628002220000")
    a_child(session, name=next(names), guardian=asker)
    for number in range(25):
        guardian = a_guardian(session, keys, name=next(names), phone=f"+62800111{number:04}")
        a_child(session, name=next(names), address=next(names), guardian=guardian)

    for _ in range(3):
        a_foster_parent(session, keys, name=next(names), standing=Standing.PENDING)
        waiting = a_child(session, name=next(names), guardian=guardian)
        a_pledge(session, child=waiting, foster_parent=giver, state=PledgeState.PENDING)
    for promised in session.exec(select(Pledge).where(Pledge.state == PledgeState.ACTIVE).limit(3)):
        for state in (PayoutState.DISPUTED, PayoutState.SHORT):
            month = OCTOBER if state is PayoutState.SHORT else OCTOBER.plus(-1)
            amount = 450_000
            session.add(Payout(pledge_id=id_of(promised), month=month, amount_idr=amount, state=state))


def _names() -> Iterator[str]:
    """Yield payloads that fit where a name stands, over and over."""
    fitting = [visible(text).strip() for text in TYPED]
    return cycle([text for text in fitting if 5 < len(text) < 100])


COMMANDS = {
    "desk": Audience.COORDINATOR,
    "beside": Audience.COORDINATOR,
    "asker": Audience.FAMILY,
    "district": Audience.COORDINATOR,
    "sijuk": Audience.COORDINATOR,
    "company": Audience.FOSTER_PARENT,
    "giver": Audience.FOSTER_PARENT,
    "mother": Audience.FAMILY,
    "new": Audience.EVERYONE,
    "wa": Audience.EVERYONE,
}
ALSO = {
    Audience.FOSTER_PARENT: ["/anak", "/kunjungan", "/ajak", "/privasi"],
    Audience.FAMILY: ["/privasi", "/privasi perbaiki"],
    Audience.EVERYONE: ["/hubungkan"],
    Audience.COORDINATOR: [
        "/undang BLT-013",
        "/undang BLT-014",
        "/undang BLT-015",
        "/antrean s1",
        "/antrean s2",
        "/antrean s3",
    ],
}
NOT_TO_GO = {"/stop", "/bahasa", "/menu", "/bantuan", "/teruskan", "/start", "/mulai", "/impor", "/peran"}
"""What asks for no words, or would end the walk: somebody might take the desk's role back."""
WEIGHTS = ["district"] * 4 + ["giver", "mother", "new", "wa"] * 2 + ["sijuk", "company"]
CODE = re.compile(r"kode[ -]([0-9A-Z]{4}-?[0-9A-Z]{4})")


@pytest.mark.slow
def test_what_is_typed_into_any_field_is_only_words_wherever_it_is_shown(
    talks: dict[str, Talk], database: Database, keys: KeyRing, keys_text: str, clock: FixedClock
) -> None:
    fields, chance = Fields(), random.Random(SEED)
    whole = depth(
        database.engine.dialect.name == "sqlite", thorough=True
    )  # the handlers are the same on both
    with fields.watched():
        promise_together(talks["company"])
        refuse_together(talks["company"], talks["new15"])
        promise_together(talks["company"])
        ask_everything(talks["asker"])  # before anybody wanders: a coordinator may graduate the asker's child
        wander(talks, fields, chance, STEPS if whole else STEPS // 4, until_all_met=whole)
        said_to_files(talks["desk"], talks["beside"], visited=whole)
    missed = {place for place in questions_for_words() if whole and not fields.offered[place]}
    assert not missed, f"no payload came to these questions: {sorted(missed)}"
    assert database.submit(lambda c: [p.error for p in parked(c, keys)]).result() == []
    out = [message for talk in talks.values() for message in talk.out]
    taken = {
        word: value for values in fields.taken.values() for value in values for word in WORD.findall(value)
    }
    assert len(taken) > len(TYPED) * (0.8 if whole else 0.4), "hardly a payload was taken anywhere"
    at_the_desk = [message for name in ("desk", "beside") for message in talks[name].out]
    examine_files(database, chance, out, at_the_desk)
    shown = [message for message in out if WORD.search(message.text + str(message.rows))]
    chosen = chance.sample(shown, min(SENT, len(shown)))
    send_all(chosen, database, clock, keys_text)


def promise_together(company: Talk) -> None:
    """Have the company pledge for two children, so that its leader has something to decide."""
    company.say("/adopsi_lembaga")
    company.tap("⭐ Paling membutuhkan")
    company.say("2")
    for label in (
        "Oktober 2025",
        "Putaran ini, sampai Desember 2025",
        "Ya, saya setuju",
        "Ya, saya berkomitmen",
    ):
        company.tap(label)


def refuse_together(company: Talk, leader: Talk) -> None:
    """Have the leader refuse it: hardly anybody who wanders comes that far, for each code serves once."""
    code = next(code for message in reversed(company.out) for code in CODE.findall(message.text))
    leader.say(f"/kode {code}")
    leader.say("Rekaan Sejahtera")
    leader.tap("✕ Belum setuju")
    leader.say(words(TYPED[0]))


def wander(
    talks: dict[str, Talk], fields: Fields, chance: random.Random, steps: int, *, until_all_met: bool
) -> None:
    """Walk so many steps, and on until every question for words was met, if it is to be so."""
    been: defaultdict[str, Counter[str]] = defaultdict(Counter)
    walkers = {
        name: Wanderer(talk, _commands(name), fields, chance, been[name.rstrip("0123456789")])
        for name, talk in talks.items()
    }
    codes = {code for message in talks["company"].out for code in CODE.findall(message.text)}
    for code in codes:
        talks["new0"].say(f"/kode {code}")  # the leader's: who guesses first may have no guess left for it
    for number in range(4 * steps if until_all_met else steps):
        if number >= steps and not questions_for_words() - set(fields.offered):
            break
        kind = chance.choice(WEIGHTS)
        name = chance.choice([each for each in talks if each.rstrip("0123456789") == kind])
        walkers[name].step(TYPED)
        for code in {code for message in talks[name].out[-3:] for code in CODE.findall(message.text)} - codes:
            codes.add(code)
            if chance.random() < 0.7:  # or newcomers would do nothing but type codes
                continue
            newcomer = chance.choice([each for each in talks if each.startswith("new")])
            walkers[newcomer].commands.append(f"/kode {code}")


def _commands(name: str) -> list[str]:
    audience = COMMANDS[name.rstrip("0123456789")]
    own = [c.command for c in CONVERSATIONS.values() if c.who is audience and c.command not in NOT_TO_GO]
    return own + ALSO[audience]


def ask_everything(family: Talk) -> None:
    """Put every payload to the coordinators, as a question."""
    for text in TYPED:
        family.say("/tanya")
        family.say(words(text))
        family.say("/batal")


def said_to_files(desk: Talk, beside: Talk, *, visited: bool) -> None:
    """Bring a list in whose every cell for words is a payload; look at what is wrong with another; take all out.

    `beside` is the same coordinator's other chat. A short walk may have `visited` nobody.
    """
    rows = [["Nama Anak", "JK", "Tgl Lahir", "Kec", "Desa/Kel", "Status", "Keparahan", "Nama Ibu", "Alamat"]]
    for number, name in enumerate(islice(_names(), len(TYPED))):
        born = f"{number % 28 + 1:02}/0{number % 9 + 1}/2023"
        rows.append([name, "LP"[number % 2], born, "Sijuk", "Sijuk", "stunting", "pendek", name, name])
    wrong = [[*row[:3], row[0], *row[4:]] if number else row for number, row in enumerate(rows)]
    for sheet in (wrong, rows):
        buffer = io.StringIO()
        csv.writer(buffer).writerows(sheet)
        desk.say("/batal")
        desk.say("/impor anak")
        desk.take(photo=SharedPhoto("list", document=True, sheet=True, content=buffer.getvalue().encode()))
    said = desk.out[-1]
    if any(button.label == "Ya, simpan" for button in buttons(said)):
        desk.tap("Ya, simpan")
    desk.say("/batal")
    for which in ("👶 Anak", "🤝 Komitmen", *(["🏠 Kunjungan, 12 bulan"] if visited else [])):
        desk.say("/ekspor")
        desk.tap(which)
        desk.tap("Dengan nama")
        desk.tap("Ya, saya bertanggung jawab")
        prove(desk, beside)
    for command in ("/statistik opd", "/mitra", "/ajak opd", "/laporan 2025-10", "/laporan 2025-10 excel"):
        desk.say(command)
    desk.tap("Ya, buat berkasnya")
    prove(desk, beside)


def prove(desk: Talk, beside: Talk) -> None:
    """Say payloads where a code is asked for, then the code that has come to the other chat; the file follows."""
    for text in SHORT[:3]:
        desk.say(words(text))
    beside.hear()
    desk.say(code_in(beside.out[-1].text))
    assert desk.out[-1].document is not None


# --- what becomes of it --------------------------------------------------------------------------------------


def examine_files(
    database: Database, chance: random.Random, out: list[Outbound], at_the_desk: list[Outbound]
) -> None:
    """Make the files and pictures: no cell calculates or links, and nothing falls over.

    In a text file (one's own data) nothing can.
    """
    cells = 0
    files = [message for message in out if message.document and not message.document.name.endswith(".txt")]
    lists = [message for message in files if message in at_the_desk]
    for message in [*lists, *chance.sample(files, min(DRAWN // 4, len(files)))]:
        content = built(database, message)
        assert message.document is not None
        if message.document.name.endswith(".pdf"):
            assert len(PdfReader(io.BytesIO(content)).pages) >= 2
            continue
        for sheet in load_workbook(io.BytesIO(content)):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type != "f", (message.document.name, cell.coordinate, cell.value)
                assert cell.hyperlink is None, (message.document.name, cell.coordinate, cell.value)
                cells += bool(WORD.search(str(cell.value)))
    assert cells > 200, "hardly a payload in any cell"
    drawn = [message.picture for message in out if message.picture and message.picture[0] in charts.CHARTS]
    assert drawn
    for kind, data in chance.sample(drawn, min(DRAWN, len(drawn))):
        assert charts.draw(kind, data)


def built(database: Database, message: Outbound) -> bytes:
    assert message.document is not None
    data = dict(message.document.data)
    if documents.FILE in data:
        data[documents.CONTENT] = database.submit(lambda c: content_of(c, data[documents.FILE])).result()
    return documents.build(message.document.kind, data)


def send_all(out: list[Outbound], database: Database, clock: FixedClock, keys_text: str) -> None:
    """Send every message as each platform wants it; it takes them all, and shows words where words were typed."""
    reader = PhoneOwner(7_700_000_001, "Rekaan", started=True)
    whatsapp_reader = PhoneOwner(
        7_700_000_002, "Rekaan", phone="628000000002", channel="whatsapp", started=True
    )
    with running_simulator(clock, pace=Pace.off(), people=[reader, whatsapp_reader]) as simulator:
        wrong = asyncio.run(_sent(out, simulator, keys_text))
        assert wrong == []
        for person in (reader, whatsapp_reader):
            seen = [m for m in simulator.driver.phone(person.id).messages if m.from_bot]
            assert len(seen) >= len(out)
            for message in seen if person is reader else []:
                assert _torn(message.text, message.entities) == []
        assert simulator.driver.whatsapp()["invalid"] == []


async def _sent(out: list[Outbound], simulator: RunningSimulator, keys_text: str) -> list[str]:
    settings = settings_for(simulator, "sqlite:///", keys_text, **whatsapp_settings(simulator))
    telegram = Telegram(simulator.token, f"{simulator.url}/telegram", SendingPace(10_000, 1_000, 4))
    whatsapp = whatsapp_of(settings)
    assert whatsapp is not None
    await telegram.start()
    await whatsapp.start()
    simulator.driver.phone(7_700_000_002).send("halo")
    wrong = []
    for number, message in enumerate(out, start=1):
        shown = replace(
            message, tidy=None, replaces=None, picture=None, document=None, template=None, late=None
        )
        for channel, address in ((telegram, "7700000001"), (whatsapp, "628000000002")):
            try:
                await channel.send(Recipient(address, "id", number), replace(shown), None)
            except ChannelError as error:
                wrong.append(f"{channel.name}: {error.reason}: {shown.text[:300]!r} {shown.rows}")
    await telegram.stop()
    await whatsapp.stop()
    return wrong


def _torn(text: str, entities: list[dict[str, Any]]) -> list[str]:
    """Return the words of payloads that formatting begins or ends beside: it goes around a whole value or none."""
    units, found = text.encode("utf-16-le"), []
    for entity in entities:
        if entity["type"] in MARKS:
            start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
            inside = units[start:end].decode("utf-16-le")
            if WORD.fullmatch(inside.strip()) and inside.strip() not in BARE:
                found.append(inside)
    return found


BARE = {word for word, text in payloads() if word == visible(text).strip()}
"""Payloads of which nothing but their word is left: these may be all of what is set in bold."""
