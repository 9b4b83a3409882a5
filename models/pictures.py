"""A picture as it may be kept: its pixels and nothing else.

Phones write into a picture where and when it was taken, and sometimes by whom; a picture sent as a file brings all
of it (a child's home by GPS). A file can also be two things at once, or small on the wire and huge in memory. So
what is kept is never what was sent: the pixels are decoded within limits and written anew.
"""

import io
from typing import TYPE_CHECKING, Final

from models.errors import BadInput

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_BYTES: Final = 10 * 1024 * 1024
LARGEST_PIXELS: Final = 25_000_000
LONGEST_SIDE: Final = 1600
"""Pixels: a receipt's small print can still be read, and a picture weighs a few hundred kilobytes."""

QUALITY: Final = 80
FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""What phones send; every other decoder of the library stays closed to what strangers upload."""


def redrawn(raw: bytes) -> bytes:
    """Return the picture as a JPEG of its pixels alone: upright, at most `LONGEST_SIDE`, without metadata.

    Takes up to a second; call it outside any transaction. Raises BadInput: `too_big` (bytes or pixels),
    `not_a_picture`, `damaged` (begins as a picture, and cannot be decoded to its end).
    """
    if len(raw) > LARGEST_BYTES:
        raise BadInput("too_big")
    buffer = io.BytesIO()
    _pixels(raw).save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


def _pixels(raw: bytes) -> "Image":
    # Late on purpose: the library takes a tenth of a second, which a start after a crash should not pay.
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    try:
        opened = Image.open(io.BytesIO(raw), formats=FORMATS)
    except UnidentifiedImageError:
        raise BadInput("not_a_picture") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadInput("too_big") from None
    except Exception:  # noqa: BLE001 - a decoder may raise anything over bytes that were made to hurt it
        raise BadInput("damaged") from None
    with opened as picture:
        if picture.width * picture.height > LARGEST_PIXELS:
            raise BadInput("too_big")
        try:
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded smaller, in less memory
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=3.0)
            return _on_white(upright)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise BadInput("too_big") from None
        except Exception:  # noqa: BLE001 - as above
            raise BadInput("damaged") from None


def _on_white(picture: "Image") -> "Image":
    """Return the bare pixels on white paper: a new image, so that nothing hangs on to it."""
    from PIL import Image  # noqa: PLC0415 - as above

    paper = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        paper.paste(picture, mask=picture.getchannel("A"))
    else:
        paper.paste(picture.convert("RGB"))
    return paper
