"""What comes in and what goes out, in no platform's words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

NEWS = "news"
"""The template of whatever has none of its own: it says that there is something to read."""

NEWS_CATEGORY, FREE_CATEGORY = "utility", "service"
"""The categories that this template and free text are charged in, where messages are charged."""

SHOW = "!show"
"""The data of a template's button: show me what was held back."""


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A phone number that somebody shared. `own`: the platform vouches that it is the sender's own."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class SharedPhoto:
    """A picture that somebody sent, as a photo or (`document`) as a file.

    `file_id` and `size` (bytes, 0 when not said) are the platform's; pictures sent together share an `album`.
    `content` is there once it has been fetched and redrawn (`models.pictures`); `refused` says why it never will
    be: `too_big`, `not_a_picture`, `damaged`, `not_fetched`. `sheet`: it is no picture but a spreadsheet, and its
    `content` is what was sent.
    """

    file_id: str
    size: int = 0
    document: bool = False
    sheet: bool = False
    album: str = ""
    content: bytes | None = field(default=None, repr=False)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One update from a chat.

    `address` is where an answer goes, `also` another name of the same sender; `update_id` is unique per channel;
    `choice` is a tapped button's data and `message_id` the platform's id of the message that was written, tapped or
    edited. `gone`: the person has blocked (True) or unblocked (False) the bot. `reply_to` is the platform's id of
    the message that this one answers, where the person chose one. `phone`: the sender's number, vouched for by the
    platform (E.164). `free_until_ms` (epoch): on a platform that limits what may be said, free text may be sent until
    then. `no_ids`: the platform forbids asking for identity numbers. `quiet`: nothing to answer (a reaction).
    `moved_to`: the sender has this address now, and this other name.
    """

    channel: str
    address: str
    update_id: str
    message_id: str = ""
    private: bool = True
    text: str | None = None
    choice: str | None = None
    contact: SharedContact | None = None
    photo: SharedPhoto | None = None
    edited: bool = False
    gone: bool | None = None
    reply_to: str = ""
    also: str | None = None
    phone: str | None = None
    free_until_ms: int | None = None
    no_ids: bool = False
    quiet: bool = False
    moved_to: tuple[str, str | None] | None = None

    @property
    def lane(self) -> str:
        """Updates of one chat are handled in order."""
        return f"{self.channel}:{self.address}"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to tap. `data` comes back as `Inbound.choice`: at most 64 bytes.

    `short` says the same in fewer letters, for platforms whose buttons are small; empty when the label is short.
    """

    label: str
    data: str
    short: str = ""

    def dump(self) -> list[str]:
        """Return the JSON form."""
        return [self.label, self.data, self.short] if self.short else [self.label, self.data]


STORED = "file"
"""The kind of a picture that is not drawn but kept in `models.files`."""


def stored_picture(file_id: int) -> tuple[str, dict[str, Any]]:
    """Return a stored file as a message's picture; whoever sends it has asked whether the reader may see it."""
    return STORED, {"id": file_id}


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes out: made from `(kind, data)` by `jobs.documents` when it leaves, under `name`.

    `sorry` is said in its place when it cannot be made. `stages` (drawing, writing, sending, done) are shown meanwhile
    in one message that changes, where a platform can change one.
    """

    kind: str
    data: dict[str, Any]
    name: str
    sorry: str
    stages: dict[str, str] = field(default_factory=dict)

    def dump(self) -> list[Any]:
        """Return the JSON form."""
        return [self.kind, self.data, self.name, self.sorry, self.stages]


@dataclass(frozen=True, slots=True)
class Face:
    """How a channel looks to people: its name, and (`template`) the words and the button of one that is filled in.

    `template` takes a template's name, its values and a language; None where none is needed.
    """

    title: str
    template: Callable[[str, Sequence[str], str], tuple[str, str]] | None = None


@dataclass(slots=True)
class Outbound:
    """One message to a chat, already in the reader's language, in the light markup of `handlers.texts`.

    `rows` are the answers, `nav` the ways out below them; `share_phone` is the label of a button that shares
    the reader's own number; `picture` is `(kind, data)` for `jobs.charts`, or a `stored_picture`. `replaces` is
    the platform's id of an earlier message whose place this one takes (a platform that cannot edit sends it
    anew); `tidy` is the id of one whose keys are taken away, with the words that stay. `commands` is the chat's
    new command menu, (name, what it does). `to_pass_on`: the reader is meant to forward it. `document` is a file,
    whose caption the text then is. Without text there is nothing to send, only to tidy. `listed` writes out, numbered,
    what a tick list offers, for platforms on which each tick would be a message of its own. `template` is (name,
    values) of what may be said where free text may not (yet): a platform without such limits never uses it.
    """

    text: str
    rows: list[list[Button]] = field(default_factory=list)
    nav: list[Button] = field(default_factory=list)
    share_phone: str | None = None
    picture: tuple[str, dict[str, Any]] | None = None
    replaces: str | None = None
    tidy: tuple[str, str] | None = None
    commands: list[tuple[str, str]] | None = None
    late: tuple[str, dict[str, Any]] | None = None
    to_pass_on: bool = False
    document: Document | None = None
    listed: str | None = None
    template: tuple[str, list[str]] | None = None

    def dump(self) -> dict[str, Any]:
        """Return the JSON form that the outbox keeps; only what is set."""
        raw: dict[str, Any] = {"text": self.text}
        if self.rows:
            raw["rows"] = [[b.dump() for b in row] for row in self.rows]
        if self.nav:
            raw["nav"] = [b.dump() for b in self.nav]
        if self.document:
            raw["document"] = self.document.dump()
        optional = (
            "share_phone",
            "picture",
            "replaces",
            "tidy",
            "commands",
            "late",
            "to_pass_on",
            "listed",
            "template",
        )
        for name in optional:
            if value := getattr(self, name):
                raw[name] = value
        return raw

    @classmethod
    def load(cls, raw: dict[str, Any]) -> "Outbound":
        """Read the JSON form."""
        picture, tidy, template = raw.get("picture"), raw.get("tidy"), raw.get("template")
        return cls(
            text=raw["text"],
            rows=[[Button(*b) for b in row] for row in raw.get("rows", [])],
            nav=[Button(*b) for b in raw.get("nav", [])],
            share_phone=raw.get("share_phone"),
            picture=(picture[0], picture[1]) if picture else None,
            document=Document(*raw["document"]) if "document" in raw else None,
            replaces=raw.get("replaces"),
            tidy=(tidy[0], tidy[1]) if tidy else None,
            commands=[(c[0], c[1]) for c in raw["commands"]] if "commands" in raw else None,
            late=(raw["late"][0], raw["late"][1]) if "late" in raw else None,
            to_pass_on=bool(raw.get("to_pass_on")),
            listed=raw.get("listed"),
            template=(template[0], list(template[1])) if template else None,
        )
