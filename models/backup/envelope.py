"""The sealed stream around a backup: AES-256-GCM in blocks, so that a file larger than memory can be made and read.

    magic (15 bytes) | key id (1) | salt (16) | block | block | …

The key is derived from the ring's newest key and the salt (HKDF), so it seals one file only, and the nonce is the
block's number with a mark on the last one: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár,
"Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015). A block that is changed, moved,
repeated or cut off does not open. What stands before the blocks is authenticated with each of them. Within, the
lines are compressed (zlib).
"""

import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import BackupRefused, ConfigurationError
from models.keys import KeyRing

MAGIC = b"GENTING\x00BACKUP1"
PURPOSE = "genting backup 1"
SALT = 16
HEAD = len(MAGIC) + 1 + SALT
BLOCK = 64 * 1024
TAG = 16


class SealedLines:
    """Takes lines, writes sealed blocks; `finish` writes the last one, without which the file does not open."""

    def __init__(self, file: BinaryIO, keys: KeyRing) -> None:
        salt = os.urandom(SALT)
        self._head = MAGIC + bytes([keys.newest]) + salt
        self._cipher = AESGCM(keys.derived(keys.newest, salt, PURPOSE))
        self._squeezing = zlib.compressobj()
        self._file, self._number, self._waiting = file, 0, bytearray()
        file.write(self._head)

    def write(self, line: bytes) -> None:
        """Add a line (without its end)."""
        self._waiting += self._squeezing.compress(line + b"\n")
        while len(self._waiting) > BLOCK:
            self._seal(bytes(self._waiting[:BLOCK]), last=False)
            del self._waiting[:BLOCK]

    def finish(self) -> None:
        """Write what is left, marked as the end."""
        self._waiting += self._squeezing.flush()
        while len(self._waiting) > BLOCK:
            self._seal(bytes(self._waiting[:BLOCK]), last=False)
            del self._waiting[:BLOCK]
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, block: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), block, self._head))
        self._number += 1


def opened_lines(file: BinaryIO, keys: KeyRing) -> Iterator[bytes]:
    """Yield the lines of a sealed stream. Raises BackupRefused for one that is not whole and unchanged."""
    inflating, rest = zlib.decompressobj(), b""
    for block in _opened_blocks(file, keys):
        *lines, rest = (rest + inflating.decompress(block)).split(b"\n")
        yield from lines
    if rest or not inflating.eof:
        raise BackupRefused("the backup ends in the middle of a line")


def _opened_blocks(file: BinaryIO, keys: KeyRing) -> Iterator[bytes]:
    head = file.read(HEAD)
    if len(head) < HEAD or not head.startswith(MAGIC):
        raise BackupRefused("this file is not a backup made by `genting backup`")
    number, salt = head[len(MAGIC)], head[len(MAGIC) + 1 :]
    try:
        cipher = AESGCM(keys.derived(number, salt, PURPOSE))
    except ConfigurationError:
        raise BackupRefused(f"the backup was made with key {number}, which this key ring lacks") from None
    position, sealed = 0, file.read(BLOCK + TAG)
    while True:
        following = file.read(BLOCK + TAG)
        try:
            yield cipher.decrypt(_nonce(position, last=not following), sealed, head)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            raise BackupRefused(
                "the backup cannot be opened: another key ring, or a file that was cut off or changed"
            ) from None
        if not following:
            return
        position, sealed = position + 1, following


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
