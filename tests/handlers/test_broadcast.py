"""/siaran: it reaches whom it says and nobody else, once; it shows how far it has come, and can be stopped."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select, update
from sqlmodel import Session, col

from bot.channels.faces import FACES
from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from jobs.broadcasting import track
from models.audience import Aim, Group, Situation, headcount, people_of
from models.audit import AuditEntry
from models.broadcasts import Broadcast
from models.children import Child
from models.consents import ConsentKind, give_consent
from models.contacts import Contact, contacts_of, mark_unreachable, prefer
from models.database import Database, in_session
from models.keys import KeyRing
from models.messages import Outcome, Priority, outbox
from models.months import Month
from models.outbox import Failed, Sent, mark
from models.payouts import Payout, PayoutState
from models.people import Person, Standing
from models.pledges import Pledge
from models.programme import Programme
from models.quiet import stop_messages
from models.statements import milliseconds
from models.visits import Condition, Visit, VisitKind
from tests.builders import (
    a_child,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_guardian,
    a_person,
    a_pledge,
    id_of,
)
from tests.clock import MONDAY_MORNING, FixedClock
from tests.handlers.talk import Post, Talk

TODAY = MONDAY_MORNING.date()
TOMORROW = MONDAY_MORNING + timedelta(days=1)
WORDS = "Rapat Jumat pukul 9.\n*Tolong* datang <b>tepat</b> waktu [x](http://rekaan.example)"


class District:
    """Two kecamatan, their givers and families, who is late, and the coordinators."""

    def __init__(self, session: Session, keys: KeyRing) -> None:
        self.names: dict[int, str] = {}
        self.session, self.keys = session, keys
        self.coordinator = self.known("koordinator", a_coordinator(session, keys))
        self.sijuk_coordinator = self.known("koordinator sijuk", a_coordinator(session, keys, area="Sijuk"))
        for area in ("Sijuk", "Badau"):
            name = area.lower()
            mother = self.known(f"ibu {name}", a_person(session, keys))
            give_consent(session, MONDAY_MORNING, id_of(mother), ConsentKind.PARENTAL)
            guardian = a_guardian(session, keys, person=mother)
            child = a_child(session, area=area, guardian=guardian)
            self.gives(f"pemberi {name}", child, visited=area == "Badau", late=area == "Sijuk")
        silent = a_child(session, area="Sijuk")
        silent.silent_since = MONDAY_MORNING
        self.gives("pemberi diam", silent, late=True)
        idle = a_person(session, keys)
        a_foster_parent(session, keys, person=idle)
        self.known("belum memberi", idle)
        waiting = a_person(session, keys)
        a_foster_parent(session, keys, person=waiting, standing=Standing.PENDING)
        self.known("belum diverifikasi", waiting)

    def known(self, name: str, person: Person) -> Person:
        self.names[id_of(person)] = name
        a_contact(self.session, self.keys, address=name, person=person)
        return person

    def gives(self, name: str, child: Child, *, visited: bool = False, late: bool = False) -> None:
        session, keys = self.session, self.keys
        person = self.known(name, a_person(session, keys))
        gives = a_foster_parent(session, keys, person=person)
        promised = a_pledge(session, child=child, foster_parent=gives, first_month=Month(2025, 7))
        state = PayoutState.DUE if late else PayoutState.CONFIRMED
        month = Month.of(TODAY).plus(-1)
        session.add(Payout(pledge_id=id_of(promised), month=month, amount_idr=450_000, state=state))
        if visited:
            session.add(
                Visit(
                    child_id=promised.child_id,
                    pledge_id=id_of(promised),
                    visitor_id=id_of(person),
                    visited_on=TODAY,
                    kind=VisitKind.HOME,
                    condition=Condition.WELL,
                    created_at=MONDAY_MORNING,
                )
            )
        session.flush()


@pytest.fixture
def district(database: Database, keys: KeyRing) -> District:
    all_conversations()
    return database.submit(in_session(lambda session: District(session, keys))).result()


@pytest.fixture
def desk(
    district: District, database: Database, keys: KeyRing, programme: Programme, clock: FixedClock
) -> Talk:
    """The district coordinator's chat."""
    assert district.names
    return Talk(database, Context(programme, keys, clock, faces=FACES), "koordinator", Post(list))


SIJUK = frozenset({"Sijuk"})


@pytest.mark.parametrize(
    ("aim", "expected"),
    [
        (Aim(Group.GIVERS), {"pemberi sijuk", "pemberi badau", "pemberi diam", "belum memberi"}),
        (Aim(Group.GIVERS, SIJUK), {"pemberi sijuk"}),
        (Aim(Group.GIVERS, situation=Situation.LATE), {"pemberi sijuk"}),
        (Aim(Group.GIVERS, frozenset({"Badau"}), situation=Situation.LATE), set()),
        (Aim(Group.GIVERS, situation=Situation.UNVISITED), {"pemberi sijuk"}),
        (Aim(Group.GIVERS, situation=Situation.IDLE), {"belum memberi"}),
        (Aim(Group.GIVERS, SIJUK, situation=Situation.IDLE), set()),
        (Aim(Group.GIVERS, organisation_id=4711), set()),
        (Aim(Group.FAMILIES), {"ibu sijuk", "ibu badau"}),
        (Aim(Group.FAMILIES, SIJUK), {"ibu sijuk"}),
        (Aim(Group.FAMILIES, situation=Situation.UNVISITED), {"ibu sijuk"}),
        (Aim(Group.FAMILIES, situation=Situation.LATE), {"ibu sijuk", "ibu badau"}),
        (Aim(Group.COORDINATORS), {"koordinator", "koordinator sijuk"}),
        (Aim(Group.COORDINATORS, frozenset({"Badau"})), {"koordinator"}),
    ],
)
def test_an_audience_is_whom_it_says(
    district: District, database: Database, programme: Programme, aim: Aim, expected: set[str]
) -> None:
    def look(session: Session) -> list[int]:
        return list(session.execute(people_of(programme, MONDAY_MORNING, aim)).scalars())

    found = database.submit(in_session(look)).result()
    assert len(found) == len(set(found))
    assert {district.names[person_id] for person_id in found} == expected


def test_who_has_only_begun_to_give_is_not_unvisited(
    district: District, database: Database, programme: Programme
) -> None:
    def begun(session: Session) -> list[int]:
        session.execute(update(Pledge).values(first_month=Month(2025, 10)))
        aims = [Aim(group, situation=Situation.UNVISITED) for group in (Group.GIVERS, Group.FAMILIES)]
        return [
            i for aim in aims for i in session.execute(people_of(programme, MONDAY_MORNING, aim)).scalars()
        ]

    assert database.submit(in_session(begun)).result() == []


def begin(desk: Talk, *taps: str) -> str:
    desk.say("/siaran")
    for label in taps:
        desk.tap(label)
    return desk.say(WORDS)


KNOCKED = "Ya, dengan pemberitahuan"
EVERYBODY = ("🤝 Orang tua asuh", "Semua kecamatan", "Semua, juga yang bukan ASN", "Semuanya")


def tick(desk: Talk) -> str:
    desk.database.submit(lambda connection: track(connection, desk.context)).result()
    return desk.hear()


def test_it_is_previewed_sent_once_to_everybody_and_its_words_stay_words(
    desk: Talk, database: Database
) -> None:
    preview = begin(desk, *EVERYBODY)
    assert "4 orang" in preview
    said = desk.tap("Ya, kirim ke 4 orang")
    assert "Siaran dimulai" in said
    got = {
        address: messages for address, messages in desk.post.items() if messages and address != "koordinator"
    }
    assert set(got) == {"pemberi sijuk", "pemberi badau", "pemberi diam", "belum memberi"}
    for messages in got.values():
        assert [message.text.count("Rapat Jumat pukul 9.\n") for _, message in messages] == [1]
        assert "*Tolong*" not in messages[0][1].text, "what was typed is no markup"
    acts = database.submit(
        in_session(lambda s: [(e.act, e.note) for e in s.execute(select(AuditEntry)).scalars()])
    ).result()
    assert ("broadcast", "people 4") in acts


def test_its_progress_is_one_message_that_is_edited_to_the_end(desk: Talk) -> None:
    begin(desk, *EVERYBODY)
    desk.tap("Ya, kirim ke 4 orang")
    one_sent_the_others_held(desk)
    assert "*1 dari 4*" in tick(desk)
    shown = desk.ids[-1]
    assert tick(desk) == "", "nothing new, nothing said"
    now = update(outbox).where(outbox.c.about.like("broadcast:%")).values(not_before_ms=0)
    desk.database.submit(lambda c: c.execute(now)).result()
    desk.hear()
    assert "Sampai kepada 4 dari 4 orang" in tick(desk)
    assert desk.out[-1].replaces == shown
    assert tick(desk) == ""


def test_in_the_quiet_hours_it_waits_and_says_so(desk: Talk, clock: FixedClock) -> None:
    clock.set(datetime(2025, 10, 13, 14, tzinfo=UTC))  # 21.00
    assert "mulai" in begin(desk, *EVERYBODY)
    desk.tap("Ya, kirim ke 4 orang")
    priorities = select(outbox.c.priority).where(outbox.c.about.like("broadcast:%")).distinct()
    found = desk.database.submit(lambda c: list(c.execute(priorities).scalars())).result()
    assert found == [Priority.REMINDER], "what is self-started is not claimed then"


def outcomes(connection: Connection) -> list[int]:
    query = select(outbox.c.outcome).where(outbox.c.about.like("broadcast:%"))
    return sorted(connection.execute(query).scalars())


def one_sent_the_others_held(desk: Talk) -> None:
    def work(connection: Connection) -> None:
        hers = connection.execute(
            select(outbox.c.id).where(outbox.c.about.like("broadcast:%")).order_by(outbox.c.id).limit(1)
        ).scalar_one()
        connection.execute(
            update(outbox)
            .where(outbox.c.about.like("broadcast:%"))
            .values(outcome=0, not_before_ms=2**50, leased_until_ms=0)
        )
        connection.execute(update(outbox).where(outbox.c.id == hers).values(outcome=int(Outcome.SENT)))

    desk.database.submit(work).result()


def test_stopping_takes_back_what_has_not_left(desk: Talk) -> None:
    begin(desk, *EVERYBODY)
    desk.tap("Ya, kirim ke 4 orang")
    one_sent_the_others_held(desk)
    assert "*1 dari 4*" in tick(desk)
    assert "3 pesan tidak jadi dikirim" in desk.tap("⏹ Hentikan")
    assert desk.database.submit(outcomes).result() == [Outcome.SENT] + [Outcome.WITHDRAWN] * 3
    assert "dihentikan" in tick(desk)


def test_what_is_over_cannot_be_stopped_any_more(desk: Talk) -> None:
    begin(desk, *EVERYBODY)
    desk.tap("Ya, kirim ke 4 orang")

    def send_all(connection: Connection) -> None:
        ids = connection.execute(select(outbox.c.id).where(outbox.c.about.like("broadcast:%"))).scalars()
        mark(connection, MONDAY_MORNING, [Sent(id_, "1") for id_ in ids])

    desk.database.submit(send_all).result()
    over = tick(desk)
    assert "dihentikan" not in desk.say("/siaran berhenti 1")
    assert "4 dari 4" in over.replace("*", "")
    stopped = desk.database.submit(in_session(lambda s: s.get_one(Broadcast, 1).stopped_at)).result()
    assert stopped is None


def test_who_was_not_reached_is_named(desk: Talk) -> None:
    begin(desk, *EVERYBODY)
    desk.tap("Ya, kirim ke 4 orang")

    def fail_one(connection: Connection) -> None:
        query = select(outbox.c.id).where(outbox.c.about.like("broadcast:%")).limit(1)
        mark(connection, MONDAY_MORNING, [Failed(connection.execute(query).scalar_one(), "blocked")])

    desk.database.submit(fail_one).result()
    assert "gagal 1" in tick(desk)
    assert "Tidak sampai kepada:" in desk.tap("Siapa yang gagal")


def test_whoever_opted_out_or_is_gone_is_counted_and_left_out(
    desk: Talk, district: District, database: Database, programme: Programme
) -> None:
    ids = {name: person_id for person_id, name in district.names.items()}

    def leave(session: Session) -> None:
        stop_messages(session, MONDAY_MORNING, ids["pemberi badau"])
        gone = contacts_of(session, ids["pemberi sijuk"])[0]
        mark_unreachable(session.connection(), MONDAY_MORNING, id_of(gone))

    database.submit(in_session(leave)).result()
    found = database.submit(
        in_session(lambda s: headcount(s, programme, MONDAY_MORNING, Aim(Group.GIVERS)))
    ).result()
    assert (found.people, found.told, found.left_out) == (4, 2, 2)
    assert "2 orang lain tidak dapat dikirimi" in begin(desk, *EVERYBODY)


@pytest.fixture
def two_on_whatsapp(desk: Talk, district: District) -> Talk:
    """The desk when two of the four givers are told things on WhatsApp, of whom one may not be written to freely."""
    ids = {name: person_id for person_id, name in district.names.items()}

    def on_another_channel(session: Session) -> None:
        for name, free_until in (("pemberi sijuk", MONDAY_MORNING), ("pemberi badau", TOMORROW)):
            chat = contacts_of(session, ids[name])[0]
            chat.channel, chat.free_until_ms = "whatsapp", milliseconds(free_until)
            session.add(chat)

    desk.database.submit(in_session(on_another_channel)).result()
    return desk


PRICED = {"utility": 400, "service": 300}


def priced(desk: Talk, prices: dict[str, int]) -> None:
    programme = desk.context.programme.model_copy(update={"message_prices": prices})
    desk.context = replace(desk.context, programme=programme)


def receivers(connection: Connection) -> list[tuple[str, int]]:
    query = select(outbox.c.channel, func.count()).where(outbox.c.about.like("broadcast:%"))
    return sorted((row[0], row[1]) for row in connection.execute(query.group_by(outbox.c.channel)))


@pytest.mark.parametrize(
    ("channel", "closed", "told", "cost", "left"),
    [
        ("Semua saluran (4)", "Ya, dengan pemberitahuan", [("telegram", 2), ("whatsapp", 2)], "Rp1.000", ""),
        (
            "Semua saluran (4)",
            "Tidak, lewati mereka",
            [("telegram", 2), ("whatsapp", 1)],
            "Rp300",
            "dilewati",
        ),
        ("WhatsApp 2", "Ya, dengan pemberitahuan", [("whatsapp", 2)], "Rp1.000", "2 orang di saluran lain"),
        ("WhatsApp 2", "Tidak, lewati mereka", [("whatsapp", 1)], "Rp300", "2 orang di saluran lain"),
        ("Telegram 2", None, [("telegram", 2)], "tanpa biaya", "2 orang di saluran lain"),
    ],
)
def test_it_reaches_the_chosen_channel_and_tells_its_cost_beforehand(
    two_on_whatsapp: Talk, channel: str, closed: str | None, told: list[tuple[str, int]], cost: str, left: str
) -> None:
    desk, people = two_on_whatsapp, sum(n for _, n in told)
    priced(desk, PRICED)
    preview = begin(desk, *EVERYBODY, channel, *([closed] if closed else []))
    assert f"*{people} orang*" in preview
    assert cost in preview
    assert left in preview
    assert ("Ada kabar untuk Bapak/Ibu dari program Genting" in preview) == (closed == KNOCKED)
    assert "0 orang" not in preview
    desk.tap(f"Ya, kirim ke {people} orang")
    assert desk.database.submit(receivers).result() == told


def test_without_prices_no_cost_is_invented(two_on_whatsapp: Talk) -> None:
    priced(two_on_whatsapp, {"service": 300})
    preview = begin(two_on_whatsapp, *EVERYBODY, "Semua saluran (4)", KNOCKED)
    assert "belum diisi" in preview
    assert "Rp" not in preview


def test_when_all_who_are_left_may_not_be_written_to_it_asks_again(
    two_on_whatsapp: Talk, district: District
) -> None:
    def closes(session: Session) -> None:
        for chat in session.execute(select(Contact).where(col(Contact.channel) == "whatsapp")).scalars():
            chat.free_until_ms = milliseconds(MONDAY_MORNING)

    desk = two_on_whatsapp
    desk.database.submit(in_session(closes)).result()
    desk.say("/siaran")
    for label in (*EVERYBODY, "WhatsApp 2"):
        desk.tap(label)
    assert "Tanpa mereka tidak ada yang dikirimi" in desk.tap("Tidak, lewati mereka")
    desk.tap(KNOCKED)
    assert "*2 orang*" in desk.say(WORDS)


def test_who_sends_where_nothing_can_be_edited_can_stop_it_too(desk: Talk, district: District) -> None:
    def here(session: Session) -> None:
        chat = contacts_of(session, id_of(district.coordinator))[0]
        chat.free_until_ms = milliseconds(TOMORROW)
        session.add(chat)

    desk.database.submit(in_session(here)).result()
    begin(desk, *EVERYBODY)
    assert "Hasilnya saya kabari" in desk.tap("Ya, kirim ke 4 orang")
    one_sent_the_others_held(desk)
    assert tick(desk) == ""
    assert "3 pesan tidak jadi dikirim" in desk.tap("⏹ Hentikan")
    assert "dihentikan" in tick(desk)


def test_a_notice_goes_first_where_free_text_has_its_time_and_the_result_tells_of_both(
    two_on_whatsapp: Talk, database: Database
) -> None:
    desk = two_on_whatsapp
    begin(desk, *EVERYBODY, "Semua saluran (4)", KNOCKED)
    desk.tap("Ya, kirim ke 4 orang")

    def ends(connection: Connection) -> None:
        """One is held behind its template; the other failed there and went to another chat, where it arrived."""
        first, second = connection.execute(
            select(outbox).where(outbox.c.channel == "whatsapp").order_by(outbox.c.contact_id)
        ).all()
        connection.execute(update(outbox).where(outbox.c.id == first.id).values(outcome=int(Outcome.HELD)))
        connection.execute(update(outbox).where(outbox.c.id == second.id).values(outcome=int(Outcome.FAILED)))
        moved = {
            **second._mapping,
            "id": None,
            "outcome": int(Outcome.SENT),
            "rerouted_from": second.contact_id,
        }
        del moved["id"]
        connection.execute(outbox.insert().values(moved))

    database.submit(ends).result()
    said = tick(desk)
    assert "Sampai kepada 3 dari 4 orang; gagal 0" in said
    assert "1 orang sudah mendapat pemberitahuan singkat" in said


def test_a_person_is_written_to_in_the_chat_they_chose(
    desk: Talk, district: District, database: Database, keys: KeyRing
) -> None:
    ids = {name: person_id for person_id, name in district.names.items()}

    def choose(session: Session) -> None:
        chosen = a_contact(
            session, keys, address="dipilih", person=session.get_one(Person, ids["pemberi badau"])
        )
        prefer(session, MONDAY_MORNING, id_of(chosen))

    database.submit(in_session(choose)).result()
    begin(desk, *EVERYBODY)
    desk.tap("Ya, kirim ke 4 orang")
    assert desk.post["dipilih"]
    assert not desk.post["pemberi badau"]


def test_a_kecamatans_coordinator_reaches_the_own_area_and_no_other_broadcast(desk: Talk) -> None:
    begin(desk, *EVERYBODY)
    desk.tap("Ya, kirim ke 4 orang")
    sijuk = Talk(desk.database, desk.context, "koordinator sijuk")
    said = sijuk.say("/siaran")
    assert "Koordinator" not in said
    sijuk.tap("🤝 Orang tua asuh")
    sijuk.tap("Semuanya")
    assert "1 orang" in sijuk.say("Rapat Jumat")
    assert "bukan milik" in sijuk.say("/siaran berhenti 1")
    assert "bukan milik" in sijuk.say("/siaran 4711")


def test_a_family_in_silence_is_never_addressed(
    database: Database, keys: KeyRing, programme: Programme
) -> None:
    def plant(session: Session) -> int:
        mother = a_person(session, keys)
        give_consent(session, MONDAY_MORNING, id_of(mother), ConsentKind.PARENTAL)
        child = a_child(session, guardian=a_guardian(session, keys, person=mother))
        child.silent_since = MONDAY_MORNING
        return id_of(mother)

    mother = database.submit(in_session(plant)).result()
    query = people_of(programme, MONDAY_MORNING, Aim(Group.FAMILIES))
    assert mother not in database.submit(lambda c: list(c.execute(query).scalars())).result()
