"""What is kept of a picture: its pixels, upright, and nothing of where or when it was taken."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.errors import BadInput
from models.pictures import LARGEST_BYTES, LONGEST_SIDE, redrawn
from tests.pictures import HOME, ON_ITS_SIDE, a_bomb, a_photo, colour_at, noise, size_of


def refused(raw: bytes) -> str:
    with pytest.raises(BadInput) as refusal:
        redrawn(raw)
    return refusal.value.code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_and_when_a_picture_was_taken_is_gone(kind: str) -> None:
    sent = a_photo(kind=kind)
    assert HOME in sent
    kept = redrawn(sent)
    assert HOME not in kept
    assert b"Karambola" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_picture_taken_sideways_is_kept_upright() -> None:
    kept = redrawn(a_photo((640, 480), orientation=ON_ITS_SIDE))
    assert size_of(kept) == (480, 640)
    assert colour_at(kept, 400, 60)[1] < 60  # its red quarter was top left, and is top right when upright
    assert colour_at(kept, 60, 60)[1] > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_picture_is_made_smaller_and_a_small_one_stays_as_it_is(kind: str) -> None:
    assert size_of(redrawn(a_photo((4000, 3000), kind=kind))) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)
    assert size_of(redrawn(a_photo((320, 200), kind=kind))) == (320, 200)


def test_what_is_transparent_becomes_white_paper() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(buffer, "PNG")
    assert colour_at(redrawn(buffer.getvalue()), 25, 25) == (255, 255, 255)


def test_other_colours_than_red_green_and_blue_are_read_too() -> None:
    for mode in ("CMYK", "L"):
        buffer = io.BytesIO()
        Image.new(mode, (50, 50)).save(buffer, "JPEG")
        assert size_of(redrawn(buffer.getvalue())) == (50, 50)


@pytest.mark.parametrize(
    ("width", "height"),
    [
        pytest.param(5_001, 5_000, id="just beyond 25 megapixels"),
        pytest.param(12_000, 8_000, id="where the library begins to warn"),
        pytest.param(20_000, 20_000, id="where the library refuses"),
    ],
)
def test_a_small_file_that_would_fill_the_memory_is_refused(width: int, height: int) -> None:
    bomb = a_bomb(width, height)
    assert len(bomb) < 100_000
    assert refused(bomb) == "too_big"


def test_25_megapixels_are_still_taken() -> None:
    assert size_of(redrawn(a_bomb(5_000, 5_000))) == (LONGEST_SIDE, LONGEST_SIDE)


def test_more_than_ten_megabytes_are_refused_before_they_are_looked_at() -> None:
    large = noise(1_820)
    assert 0 < LARGEST_BYTES - len(large) < 600_000
    assert size_of(redrawn(large)) == (LONGEST_SIDE, LONGEST_SIDE)
    assert refused(large + bytes(LARGEST_BYTES + 1 - len(large))) == "too_big"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"Bukti transfer Rp450.000", id="text"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", id="PDF"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', id="SVG"),
        pytest.param(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", id="GIF"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", id="PostScript"),
    ],
)
def test_what_is_no_photo_is_refused(sent: bytes) -> None:
    assert refused(sent) == "not_a_picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_was_cut_off_is_refused_and_not_kept_half_grey(kind: str) -> None:
    whole = a_photo(kind=kind)
    assert refused(whole[: len(whole) // 2]) in {"damaged", "not_a_picture"}
    assert refused(whole[: len(whole) * 9 // 10]) == "damaged"


def test_of_a_file_that_is_a_picture_and_an_archive_only_the_picture_is_kept() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("payload.html", "<script>alert(document.cookie)</script>")
    both = a_photo() + archive.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(both))
    kept = redrawn(both)
    assert not zipfile.is_zipfile(io.BytesIO(kept))
    assert b"payload" not in kept


def test_of_a_picture_with_a_page_in_its_comment_only_the_picture_is_kept() -> None:
    sent = a_photo()
    comment = b"<html><script>alert(1)</script>"
    both = sent[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + sent[2:]
    assert b"<script>" not in redrawn(both)


@given(st.binary(max_size=2000), st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 3000))
def test_whatever_bytes_are_sent_are_redrawn_or_refused_with_a_reason(
    junk: bytes, kind: str, at: int
) -> None:
    broken = a_photo((64, 48), kind=kind)
    broken = broken[:at] + junk + broken[at + len(junk) :]
    try:
        kept = redrawn(broken)
    except BadInput as refusal:
        assert refusal.code in {"too_big", "not_a_picture", "damaged"}  # noqa: PT017 - either may happen
    else:
        assert max(size_of(kept)) <= LONGEST_SIDE
