"""Formatted text: HTML to entities, what Telegram finds by itself, lengths in UTF-16 code units.

core.telegram.org/bots/api#html-style. Telegram lets some mistakes pass (a bare "&" or ">", formatting inside
code, a link with a broken address is dropped without a word); here they are refused.
"""

import re
from typing import Any, Final

from bot.simulator.telegram.refusal import RefusalError, bad_request

Entity = dict[str, Any]

_TAGS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_ATTRIBUTES: Final = {"a": {"href"}, "code": {"class"}, "span": {"class"}, "blockquote": {"expandable"}}
_MARK = re.compile(r"[<>&]")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^<>]*)?)\s*>")
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?""")
_MOST_ENTITIES = 100

_FOUND: Final = (
    ("bot_command", re.compile(r"(?<![\w/<>.-])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("url", re.compile(r"(?:https?://|(?<![\w.@-])t\.me/|(?<![\w.@-])www\.)[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]*[A-Za-z]\b")),
    ("mention", re.compile(r"(?<![\w@.])@[A-Za-z]\w{3,31}\b")),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
)


def utf16_length(text: str) -> int:
    """Return the length of `text` in UTF-16 code units, as Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Return the plain text and its entities (offsets in UTF-16 units), outer before inner.

    Raise RefusalError "can't parse entities: …" for what Telegram, or its documentation, forbids.
    """
    if _MARK.search(source) is None:
        return source, []
    return _Html(source).parse()


class _Html:
    """One pass over the source: text so far, its UTF-16 length, the tags that are open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.parts: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, Entity]] = []
        self.entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        at = 0
        while (mark := _MARK.search(self.source, at)) is not None:
            self._text(self.source[at : mark.start()])
            at = self._character(mark.start()) if mark.group() == "&" else self._tag(mark.start())
        self._text(self.source[at:])
        if self.open:
            raise self._no(f'can\'t find end tag corresponding to start tag "{self.open[-1][0]}"')
        if len(self.entities) > _MOST_ENTITIES:
            raise self._no(f"more than {_MOST_ENTITIES} entities")
        kept = [entity for entity in self.entities if entity["length"] > 0]
        return "".join(self.parts), sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))

    def _text(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self.length += utf16_length(text)

    def _character(self, at: int) -> int:
        found = _CHARACTER.match(self.source, at)
        if found is None:
            raise self._no(f'unsupported or unescaped "&" at byte offset {self._byte(at)}')
        name, decimal, hexadecimal = found.groups()
        code = int(decimal or hexadecimal or "1", 10 if decimal else 16)
        if not 0 < code < 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise self._no(f"invalid character reference at byte offset {self._byte(at)}")
        self._text(_NAMED[name] if name else chr(code))
        return found.end()

    def _tag(self, at: int) -> int:
        if self.source[at] == ">":
            raise self._no(f'unescaped ">" at byte offset {self._byte(at)}')
        found = _TAG.match(self.source, at)
        if found is None:
            raise self._broken_tag(at)
        slash, name, rest = found.group(1), found.group(2).lower(), found.group(3)
        if slash:
            self._close(at, name)
        else:
            self._open(at, name, rest)
        return found.end()

    def _open(self, at: int, name: str, rest: str) -> None:
        if name not in _TAGS:
            raise self._no(f'unsupported start tag "{name}" at byte offset {self._byte(at)}')
        around = [tag for tag, _, _ in self.open]
        if "code" in around or ("pre" in around and name != "code") or (name == "pre" and around):
            raise self._no(f'tag "{name}" can\'t be nested with code at byte offset {self._byte(at)}')
        if name == "blockquote" and "blockquote" in around:
            raise self._no(f"blockquote can't be nested at byte offset {self._byte(at)}")
        attributes = self._attributes(at, name, rest)
        entity: Entity = {"type": _TAGS[name], "offset": self.length, "length": 0}
        if name == "a":
            entity["url"] = _checked_url(attributes.get("href", ""), self._byte(at))
        elif name == "span" and attributes.get("class") != "tg-spoiler":
            raise self._no(f'tag "span" must have class "tg-spoiler" at byte offset {self._byte(at)}')
        elif name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        elif name == "code" and attributes:
            self._language(at, attributes["class"], around)
        self.open.append((name, at, entity))
        self.entities.append(entity)

    def _language(self, at: int, value: str, around: list[str]) -> None:
        if around != ["pre"] or not value.startswith("language-"):
            raise self._no(f'class of "code" must be language-… inside "pre" at byte offset {self._byte(at)}')
        self.open[-1][2]["language"] = value.removeprefix("language-")

    def _attributes(self, at: int, name: str, rest: str) -> dict[str, str]:
        attributes: dict[str, str] = {}
        position = 0
        while rest[position:].strip():
            found = _ATTRIBUTE.match(rest, position)
            if found is None or found.group(1).lower() not in _ATTRIBUTES.get(name, ()):
                raise self._no(f'unsupported attribute in the tag "{name}" at byte offset {self._byte(at)}')
            value = found.group(2) if found.group(2) is not None else found.group(3) or ""
            attributes[found.group(1).lower()] = _CHARACTER.sub(_decoded, value)
            position = found.end()
        return attributes

    def _close(self, at: int, name: str) -> None:
        if not self.open:
            raise self._no(f"unexpected end tag at byte offset {self._byte(at)}")
        expected, _, entity = self.open.pop()
        if name != expected:
            raise self._no(
                f"unmatched end tag at byte offset {self._byte(at)}, "
                f'expected "</{expected}>", found "</{name}>"'
            )
        entity["length"] = self.length - entity["offset"]
        if name == "code" and self.open and self.open[-1][0] == "pre":
            self.entities.remove(entity)

    def _broken_tag(self, at: int) -> RefusalError:
        if self.source.find(">", at) < 0:
            kind = "end" if self.source.startswith("</", at) else "start"
            return self._no(f"unclosed {kind} tag at byte offset {self._byte(at)}")
        name = re.split(r"[\s>]", self.source[at + 1 :], maxsplit=1)[0].lower()
        return self._no(f'unsupported start tag "{name}" at byte offset {self._byte(at)}')

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _no(self, why: str) -> RefusalError:
        return bad_request(f"can't parse entities: {why[0].upper()}{why[1:]}")


def _decoded(found: re.Match[str]) -> str:
    name, decimal, hexadecimal = found.groups()
    return _NAMED[name] if name else chr(int(decimal or hexadecimal, 10 if decimal else 16))


def _checked_url(url: str, byte: int) -> str:
    if not re.match(r"(?:https?://[^\s/]+|tg://[a-z]+\?)", url):
        raise bad_request(f"can't parse entities: Wrong link address at byte offset {byte}")
    return url


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Return the text without white space around it, as Telegram stores it, entities moved along."""
    stripped = text.strip()
    if stripped == text:
        return text, entities
    lead = utf16_length(text[: len(text) - len(text.lstrip())])
    end = utf16_length(stripped)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        stop = min(end, entity["offset"] + entity["length"] - lead)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return stripped, kept


def found_entities(text: str) -> list[Entity]:
    """Return commands, links, mentions, e-mail addresses and hashtags that Telegram marks by itself."""
    if not any(character in text for character in "/@#.:"):
        return []
    entities: list[Entity] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _FOUND:
        for found in pattern.finditer(text):
            start, end = found.span()
            if all(end <= other_start or start >= other_end for other_start, other_end in taken):
                taken.append((start, end))
                entities.append(
                    {
                        "type": kind,
                        "offset": utf16_length(text[:start]),
                        "length": utf16_length(found.group()),
                    }
                )
    return sorted(entities, key=lambda entity: int(entity["offset"]))


def with_found(text: str, entities: list[Entity]) -> list[Entity]:
    """Return the given entities and, where no code or link covers them, those Telegram finds by itself."""
    covered = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in entities
        if entity["type"] in ("code", "pre", "text_link")
    ]
    more = [
        entity
        for entity in found_entities(text)
        if all(
            entity["offset"] + entity["length"] <= start or entity["offset"] >= end for start, end in covered
        )
    ]
    return (
        sorted([*entities, *more], key=lambda entity: (entity["offset"], -entity["length"]))
        if more
        else entities
    )
