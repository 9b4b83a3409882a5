"""Files that travelled: uploads of the bot and of people, pictures scaled on demand."""

import io
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

THUMBNAILS = (("s", 90), ("m", 320), ("x", 800))
"""Telegram's smaller photo sizes: type letter, longest side in pixels (api/files#image-thumbnail-types)."""
LARGEST_SIDE = 1280
"""What phones shrink a picture to before they send it as a photo."""
DOWNLOAD_LIMIT = 20 * 1024 * 1024
"""core.telegram.org/bots/api#getfile: bots download files of up to 20 MB."""


_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
"""Pillow's guard against huge pictures; where warnings are errors the warning arrives as an exception."""


class NotAPictureError(Exception):
    """The bytes do not decode as an image."""


@dataclass(slots=True)
class StoredFile:
    """A file as the Bot API names it: `side` set means "the picture `source` scaled to that longest side"."""

    file_id: str
    unique_id: str
    path: str
    data: bytes = b""
    mime_type: str = "application/octet-stream"
    name: str = ""
    source: str = ""
    side: int = 0


class FileStore:
    """All files by id and by download path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def get(self, file_id: str) -> StoredFile | None:
        """Return the file with this id."""
        return self._by_id.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        """Return the file whose getFile answer named this path."""
        return self._by_path.get(path)

    def content(self, file: StoredFile) -> bytes:
        """Return the bytes; a thumbnail is scaled now."""
        if not file.side:
            return file.data
        with Image.open(io.BytesIO(self._by_id[file.source].data)) as image:
            small = image.convert("RGB")
            small.thumbnail((file.side, file.side))
            return _as_jpeg(small)

    def add_document(self, data: bytes, name: str, mime_type: str) -> dict[str, Any]:
        """Keep a document; return its Document object."""
        file = self._keep("BQACAgUA", "documents", name.rpartition(".")[2] if "." in name else "", data)
        file.mime_type, file.name = mime_type, name
        return {
            "file_name": name,
            "mime_type": mime_type,
            "file_id": file.file_id,
            "file_unique_id": file.unique_id,
            "file_size": len(data),
        }

    def add_photo(self, data: bytes, width: int, height: int) -> list[dict[str, Any]]:
        """Keep a picture of these pixels; return its PhotoSize list, smallest first."""
        whole = self._keep("AgACAgUA", "photos", "jpg", data)
        whole.mime_type = "image/jpeg"
        sizes: list[dict[str, Any]] = []
        for letter, side in THUMBNAILS:
            if max(width, height) > side:
                small = self._keep(f"AgACAgUA{letter}", "photos", "jpg", b"", seed=whole.file_id)
                small.mime_type, small.source, small.side = "image/jpeg", whole.file_id, side
                scale = side / max(width, height)
                sizes.append(_photo_size(small, round(width * scale) or 1, round(height * scale) or 1))
        sizes.append({**_photo_size(whole, width, height), "file_size": len(data)})
        return sizes

    def _keep(self, prefix: str, folder: str, extension: str, data: bytes, seed: str = "") -> StoredFile:
        number = len(self._by_id)
        mark = blake2b(f"{number}{seed}".encode(), digest_size=24).hexdigest()
        file = StoredFile(
            file_id=f"{prefix}{mark}",
            unique_id=f"AQAD{mark[:12]}",
            path=f"{folder}/file_{number}" + (f".{extension}" if extension else ""),
            data=data,
        )
        self._by_id[file.file_id] = self._by_path[file.path] = file
        return file


def picture_size(data: bytes, at_most_sum: int = 10_000) -> tuple[int, int]:
    """Return width and height in pixels of an image that really decodes.

    Pixels are only decoded when width + height is at most `at_most_sum`. Raise NotAPictureError otherwise.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            size = image.size
            if sum(size) <= at_most_sum:
                image.load()
            return size
    except (UnidentifiedImageError, *_BOMBS, OSError, ValueError, SyntaxError) as error:
        raise NotAPictureError(str(error)) from error


def as_phone_photo(data: bytes) -> tuple[bytes, int, int]:
    """Return the picture as a phone sends it as a photo: upright JPEG of at most 1280 px, without metadata.

    Raise NotAPictureError when it does not decode.
    """
    picture_size(data)
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        return _as_jpeg(upright), upright.width, upright.height


def _as_jpeg(image: Image.Image) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    buffer = io.BytesIO()
    clean.save(buffer, "JPEG", quality=87)
    return buffer.getvalue()


def _photo_size(file: StoredFile, width: int, height: int) -> dict[str, Any]:
    return {"file_id": file.file_id, "file_unique_id": file.unique_id, "width": width, "height": height}
