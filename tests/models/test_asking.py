"""Questions for figures: what is understood, and that nothing else is answered."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.asking import Figure, understand
from models.errors import BadInput
from models.programme import Programme


@pytest.mark.parametrize(
    ("text", "figure", "area", "village"),
    [
        ("anak di Sijuk yang belum dapat?", Figure.UNSUPPORTED, "Sijuk", None),
        ("anak?", Figure.CHILDREN, None, None),
        ("", Figure.CHILDREN, None, None),
        ("anak di kecamatan tanjung pandan sudah dapat", Figure.FULLY, "Tanjungpandan", None),
        ("anak belum punya orang tua asuh di Air Rayak", Figure.UNSUPPORTED, "Tanjungpandan", "Aik Rayak"),
        ("yang terlambat setor di Badau", Figure.LATE, "Badau", None),
        ("yang belum setor", Figure.LATE, None, None),
        ("anak yang belum didukung penuh di Membalong", Figure.NOT_FULLY, "Membalong", None),
        ("anak sebagian di Selat Nasik", Figure.PARTLY, "Selat Nasik", None),
        ("kunjungan bulan ini", Figure.VISITS, None, None),
        ("anak belum dikunjungi bulan ini di Sijuk", Figure.UNVISITED, "Sijuk", None),
        ("anak lulus", Figure.GRADUATED, None, None),
        ("anak yang membaik", Figure.IMPROVED, None, None),
        ("ASN jadi orang tua asuh", Figure.STAFF, None, None),
        ("orang tua asuh?", Figure.GIVERS, None, None),
        ("orang tua asuh di Sijuk", Figure.GIVERS, "Sijuk", None),
        ("foster parents in Badau", Figure.GIVERS, "Badau", None),
        ("orang tua asuh yang belum setor", Figure.LATE, None, None),
        ("setoran bulan ini?", Figure.PAYOUTS, None, None),
        ("transfer yang sudah di Badau", Figure.PAYOUTS, "Badau", None),
        ("yang sudah setor", Figure.PAYOUTS, None, None),
        ("anak di desa Sijuk", Figure.CHILDREN, "Sijuk", "Sijuk"),
        ("anak di Sijuk", Figure.CHILDREN, "Sijuk", None),
        ("komitmen menunggu persetujuan", None, None, None),
        ("menunggu persetujuan", Figure.WAITING, None, None),
        ("children in Sijuk without support", Figure.UNSUPPORTED, "Sijuk", None),
    ],
)
def test_everyday_questions(
    programme: Programme, text: str, figure: Figure | None, area: str | None, village: str | None
) -> None:
    if figure is None:
        with pytest.raises(BadInput) as refused:
            understand(programme, text)
        assert refused.value.details["given"] == "komitmen"
        return
    asked = understand(programme, text)
    found = (asked.figure, asked.area.name if asked.area else None, asked.village)
    assert found == (figure, area, village)


@pytest.mark.parametrize(
    "text",
    [
        "anak di Jakarta",
        "anak perempuan di Sijuk",
        "anak belum sudah dapat gizi",
        "anak yang belum tidak dapat",
        "anak bulan lalu",
        "anak didukung dan belum lulus",
        "setoran yang belum",
        "pembayaran yang ditunda",
        "orang tua asuh yang sudah",
        "kecamatan",
        "desa",
        "bantuan",
    ],
)
def test_a_word_that_is_not_understood_is_named_and_nothing_answered(programme: Programme, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        understand(programme, text)
    assert refused.value.code == "question"
    assert refused.value.details["given"] in text.casefold()


@given(text=st.text(max_size=120))
def test_any_text_is_understood_or_refused(programme: Programme, text: str) -> None:
    with suppress(BadInput):
        assert understand(programme, text).figure in Figure
