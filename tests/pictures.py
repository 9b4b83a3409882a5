"""Pictures for tests, each made in one call: ordinary ones, and ones that were made to hurt."""

import io
import struct
import zlib

from PIL import Image, ImageDraw
from PIL.ExifTags import IFD, Base

HOME = b"2.7352 S 107.6314 E, Gang Karambola 77"
"""What a phone writes about a place that nobody may learn."""

ON_ITS_SIDE = 6
"""Exif orientation: rotate by 90 degrees to the right to see it upright."""


def a_photo(
    size: tuple[int, int] = (640, 480), *, kind: str = "JPEG", orientation: int = 1, quality: int = 75
) -> bytes:
    """A picture with a red top-left quarter, taken at `HOME`."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1] // 2), fill=(200, 20, 20))
    exif = Image.Exif()
    exif[Base.ImageDescription] = HOME.decode()
    exif[Base.Make] = "Karambola Phone"
    exif[Base.Orientation] = orientation
    exif.get_ifd(IFD.GPSInfo).update({1: "S", 2: (2.0, 44.0, 7.0), 3: "E", 4: (107.0, 37.0, 53.0)})
    buffer = io.BytesIO()
    image.save(buffer, kind, exif=exif, quality=quality)
    return buffer.getvalue()


def noise(side: int) -> bytes:
    """A PNG of random pixels: three bytes each, nothing to compress."""
    buffer = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


def a_bomb(width: int, height: int) -> bytes:
    """A PNG that claims, and would unfold to, so many pixels, in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    lines = b"".join(packer.compress(bytes(1 + width // 8)) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height."""
    with Image.open(io.BytesIO(picture)) as image:
        return image.size


def colour_at(picture: bytes, x: int, y: int) -> tuple[int, int, int]:
    """Return a pixel's red, green and blue."""
    with Image.open(io.BytesIO(picture)) as image:
        red, green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc] # of an RGB picture
        return int(red), int(green), int(blue)
