"""Many people who sign up at the same time, each patient: nobody acts before the bot has answered."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from string import ascii_uppercase

from sqlmodel import Session, col, select

from bot.simulator.driver import Driver, Phone
from bot.simulator.people import Person as PhoneOwner
from models.contacts import Contact
from models.nip import Nip
from models.people import FosterParent, Person
from tests.builders import a_nip

WAIT = 180.0
FIRST_CHAT = 7_200_000_000
OFFICE = "Dinas Rekaan"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who signs up, and what they answer."""

    number: int

    @property
    def chat_id(self) -> int:
        return FIRST_CHAT + self.number

    @property
    def name(self) -> str:
        tens, ones = divmod(self.number, 26)
        return f"Orang Rekaan {ascii_uppercase[tens]}{ascii_uppercase[ones]}"

    @property
    def nip(self) -> Nip:
        return a_nip(self.number)

    def on_the_phone(self) -> PhoneOwner:
        return PhoneOwner(self.chat_id, "Rekaan", started=True)

    def script(self) -> list[tuple[str, str]]:
        """Return what they type (or `[tap]`), each with words of the bot's answer."""
        return [
            ("/daftar", "UU No. 27 Tahun 2022"),
            ("[Ya, saya setuju]", "sebagai apa"),
            ("[ASN (PNS/PPPK)]", "Nama lengkap"),
            (self.name, "NIP Bapak/Ibu"),
            (self.nip, "OPD"),
            (OFFICE, "Nomor HP"),
            (f"0812{self.number:07d}", "Mohon periksa"),
            ("[Ya, daftar]", "Pendaftaran sudah masuk"),
        ]


STEPS = len(Newcomer(0).script())


def sign_up(url: str, newcomers: Sequence[Newcomer], stop: threading.Event) -> None:
    """Play these people's dialogs side by side: all act, then each waits for the answer."""
    with Driver(url) as driver:
        phones = [driver.phone(newcomer.chat_id) for newcomer in newcomers]
        for step in range(STEPS):
            acts = [newcomer.script()[step] for newcomer in newcomers]
            for phone, (says, _) in zip(phones, acts, strict=True):
                if stop.is_set():
                    return
                _act(phone, says)
            for phone, (_, answer) in zip(phones, acts, strict=True):
                if stop.is_set():
                    return
                phone.wait_for(answer, WAIT)


@contextmanager
def signing_up(url: str, newcomers: Sequence[Newcomer], threads: int = 8) -> Iterator[list[Future[None]]]:
    """Have a handful of threads play everybody's dialog in the background; end them when the test fails."""
    stop = threading.Event()
    with ThreadPoolExecutor(threads) as pool:
        try:
            yield [pool.submit(sign_up, url, newcomers[start::threads], stop) for start in range(threads)]
        except BaseException:
            stop.set()
            raise


def registered(session: Session) -> dict[str, tuple[str, str | None]]:
    """Return (name, NIP) of every foster parent by chat; a chat that stands twice fails."""
    rows = session.exec(
        select(Contact, Person, FosterParent)
        .join(Person, col(Contact.person_id) == Person.id)
        .join(FosterParent, col(FosterParent.person_id) == Person.id)
    ).all()
    found = {contact.address: (person.name, foster.nip) for contact, person, foster in rows}
    assert len(found) == len(rows)
    assert (
        len(session.exec(select(FosterParent)).all()) == len(session.exec(select(Person)).all()) == len(rows)
    )
    return found


def expected(newcomers: Iterable[Newcomer]) -> dict[str, tuple[str, str | None]]:
    """Return what `registered` should find."""
    return {str(newcomer.chat_id): (newcomer.name, newcomer.nip) for newcomer in newcomers}


def _act(phone: Phone, says: str) -> None:
    if says.startswith("["):
        phone.tap(says[1:-1])
    else:
        phone.send(says)
