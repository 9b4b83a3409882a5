"""Who exists in the simulated world: people, groups, and the programme's invented cast."""

from dataclasses import dataclass, field
from typing import Any

COLOURS = ("#2f80c2", "#b4573f", "#3d8b55", "#8460b8", "#b8761d", "#2b8a93", "#b5487d", "#5b6b8c")
"""Avatar backgrounds; each keeps white text readable (contrast 4:1 or more)."""


@dataclass(slots=True)
class Person:
    """Someone with a phone.

    `id` is the Telegram user id (a positive int, beyond 32 bits is fine) and also the id of the private chat.
    `phone` is in international form without "+", as Telegram sends it. On WhatsApp (`channel`) it is the address,
    unless the person has a username and `hides_number`. `label` is the role note shown on the
    page, `hint` what to try as this person; the bot never sees them.
    """

    id: int
    first_name: str
    last_name: str = ""
    language_code: str = "id"
    phone: str = ""
    emoji: str = ""
    colour: str = ""
    label: str = ""
    hint: str = ""
    channel: str = "telegram"
    hides_number: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    @property
    def name(self) -> str:
        """Return the full name."""
        return f"{self.first_name} {self.last_name}".strip()

    def as_user(self) -> dict[str, Any]:
        """Return the Bot API's User object (core.telegram.org/bots/api#user)."""
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.language_code:
            user["language_code"] = self.language_code
        return user


@dataclass(slots=True)
class Group:
    """A group chat: `id` is negative, `members` are ids of people; the bot is a member unless `bot_left`."""

    id: int
    title: str
    members: list[int] = field(default_factory=list)
    supergroup: bool = False
    migrated_to: int | None = None
    bot_left: bool = False
    channel: str = "telegram"


def demo_cast() -> list[Person]:
    """Return the invented people whom a visitor of the page may play.

    Their phone numbers start with 62 800 0000, which no operator hands out.
    """
    rows = (
        ("Rina", "Marlina", "ASN", "🧕"),
        ("Dewi", "Anggraini", "Koordinator", "👩‍💼"),
        ("Yanti", "Sari", "Keluarga", "👩"),
        ("Hendra", "Saputra", "ASN", "👨‍💼"),
        ("Faisal", "Rahman", "Koordinator kecamatan", "🧑‍⚕️"),
        ("Sulaiman", "", "Keluarga", "🎣"),
        ("Melati", "Kusuma", "Perusahaan", "👩‍🏭"),
    )
    return [
        Person(
            id=7_000_000_101 + index,
            first_name=first,
            last_name=last,
            phone=f"628000000{101 + index}",
            emoji=emoji,
            colour=COLOURS[index % len(COLOURS)],
            label=label,
        )
        for index, (first, last, label, emoji) in enumerate(rows)
    ]


FIRST_NAMES = (
    "Ayu",
    "Budi",
    "Citra",
    "Dian",
    "Eko",
    "Fitri",
    "Gilang",
    "Hana",
    "Irfan",
    "Joko",
    "Kartika",
    "Laras",
)
LAST_NAMES = ("Pratama", "Wulandari", "Hidayat", "Lestari", "Nugroho", "Permata", "Setiawan", "Utami")


def invented_person(serial: int) -> Person:
    """Return the `serial`-th fresh ASN (0, 1, 2, …): the same serial gives the same person."""
    return Person(
        id=7_000_100_000 + serial,
        first_name=FIRST_NAMES[serial % len(FIRST_NAMES)],
        last_name=LAST_NAMES[(serial // len(FIRST_NAMES) + serial) % len(LAST_NAMES)],
        phone=f"62800001{serial % 10_000:04d}",
        colour=COLOURS[serial % len(COLOURS)],
        label="ASN",
    )
