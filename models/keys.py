"""The key ring: what encrypts personal data at rest, and what makes it findable without reading it.

Encryption is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. A sealed value is
`key id (1 byte) | nonce (12) | ciphertext and tag`; the ring tries the key of that id, so keys rotate: a new
key is put in front, old ones stay until nothing is sealed with them.

The blind index is HMAC-SHA256 of the normalised value under a key of its own that never rotates, cut to 128
bits: equal values meet, nothing can be read back (an 18-digit NIP could be guessed without the key).
"""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.errors import ConfigurationError

EXAMPLE = "index=<base64 of 32 bytes>;1=<base64 of 32 bytes>"


class KeyRing:
    """Seals, opens and indexes personal data.

    `keys` maps a key id (1-255) to 32 bytes, the newest first; `index_key` is 32 bytes.
    """

    def __init__(self, keys: dict[int, bytes], index_key: bytes) -> None:
        if not keys or any(len(key) != 32 for key in [*keys.values(), index_key]):
            raise ConfigurationError(f"keys must be 32 bytes each, like {EXAMPLE}")
        self._keys = dict(keys)
        self._ciphers = {number: AESGCM(key) for number, key in keys.items()}
        self._newest = next(iter(keys))
        self._index = hmac.new(index_key, digestmod=hashlib.sha256)

    @classmethod
    def generate(cls) -> tuple[Self, str]:
        """Make a fresh ring; return it with the text that `parse` reads."""
        text = ";".join(
            f"{name}={base64.b64encode(secrets.token_bytes(32)).decode()}" for name in ("index", "1")
        )
        return cls.parse(text), text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `index=…;2=…;1=…` (base64, newest first). Raises ConfigurationError, never showing a key."""
        try:
            named = dict(
                part.strip().split("=", 1) for part in text.replace("\n", ";").split(";") if part.strip()
            )
            index_key = base64.b64decode(named.pop("index"), validate=True)
            keys = {int(number): base64.b64decode(key, validate=True) for number, key in named.items()}
        except (ValueError, KeyError):
            raise ConfigurationError(f"the key ring cannot be read; it looks like {EXAMPLE}") from None
        if any(not 1 <= number <= 255 for number in keys):
            raise ConfigurationError("key ids run from 1 to 255")
        return cls(keys, index_key)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read the ring from a file, making one (readable by its owner only) when there is none.

        Raises ConfigurationError, naming the file.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_once(path, cls.generate()[1].replace(";", "\n") + "\n")
        try:
            return cls.parse(path.read_text())
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from None

    def seal(self, plain: bytes) -> bytes:
        """Encrypt with the newest key."""
        nonce = os.urandom(12)
        return bytes([self._newest]) + nonce + self._ciphers[self._newest].encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt. Raises ConfigurationError when the key is missing or the value was tampered with."""
        try:
            return self._ciphers[sealed[0]].decrypt(sealed[1:13], sealed[13:], None)
        except (KeyError, IndexError, ValueError, InvalidTag):
            raise ConfigurationError("a sealed value cannot be opened: wrong or missing key") from None

    @property
    def newest(self) -> int:
        """The id of the key that new values are sealed with."""
        return self._newest

    def derived(self, number: int, salt: bytes, purpose: str) -> bytes:
        """Return 32 bytes derived from a key for another purpose (HKDF-SHA256, RFC 5869).

        Raises ConfigurationError when the ring has no key of that id.
        """
        if number not in self._keys:
            raise ConfigurationError(f"the key ring has no key {number}")
        return HKDF(SHA256(), 32, salt, purpose.encode()).derive(self._keys[number])

    def index(self, value: str) -> str:
        """Return the blind index of an already normalised value: 32 hexadecimal characters."""
        digest = self._index.copy()
        digest.update(value.encode())
        return digest.hexdigest()[:32]


def _write_once(path: Path, text: str) -> None:
    """Write a file whole and to the disk, unless another process was first: a key must never be lost."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
