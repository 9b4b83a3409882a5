"""A page to draw on: pixels from the top left, two fonts, no state outside the page.

matplotlib draws it (`Figure` and Agg; pyplot keeps figures alive and belongs to one thread). Text is never read
as mathematics, and characters that the shipped fonts lack are left out instead of warned about.
"""

import io
import re
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from PIL import Image

DPI = 100
POINTS_PER_PIXEL = 72 / DPI

COLORS = 256
"""Of a palette PNG: with fewer, a colour that covers little is mixed with its neighbours."""

ONE_AT_A_TIME = threading.RLock()
"""matplotlib's font and text caches are not made for several threads."""

Align = Literal["left", "center", "right"]
Weight = Literal["regular", "bold"]


class Page:
    """A white page, `width` by `height` pixels; x grows to the right and y downwards."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
        self._canvas: Any = FigureCanvasAgg(self._figure)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float,
        color: str,
        weight: Weight = "regular",
        align: Align = "left",
        within: float | None = None,
        smallest: float = 0.75,
    ) -> float:
        """Write one line with its baseline at `y`; return its width.

        `size` is the em in pixels. A line wider than `within` is set smaller, down to `smallest` of its size,
        and then cut with an ellipsis.
        """
        words, size = fitted(words, size, weight, within, smallest)
        self._figure.text(
            x / self.width,
            1 - y / self.height,
            words,
            fontproperties=_font(weight, size),
            color=color,
            ha=align,
            va="baseline",
            parse_math=False,
            usetex=False,
        )
        return text_width(words, size, weight)

    def box(self, x: float, y: float, width: float, height: float, color: str, *, radius: float = 0) -> None:
        """Fill a rectangle whose top left corner is (x, y)."""
        if width <= 0 or height <= 0:
            return
        bottom = self.height - y - height
        shape: Any = Rectangle((x, bottom), width, height)
        if radius := min(radius, width / 2, height / 2):
            style = f"round,pad=0,rounding_size={radius}"
            shape = FancyBboxPatch((x, bottom), width, height, boxstyle=style)
        self._add(shape, facecolor=color, edgecolor="none")

    def dot(self, x: float, y: float, radius: float, color: str) -> None:
        """Fill a circle with a white rim, above every line."""
        shape = Circle((x, self.height - y), radius)
        self._add(shape, facecolor=color, edgecolor="white", linewidth=2, zorder=3)

    def area(self, points: Sequence[tuple[float, float]], color: str) -> None:
        """Fill a polygon."""
        self._add(Polygon(self._up(points), closed=True), facecolor=color, edgecolor="none")

    def line(self, points: Sequence[tuple[float, float]], color: str, thickness: float) -> None:
        """Draw a line through points, `thickness` pixels thick."""
        xs, ys = zip(*self._up(points), strict=True)
        stroke = Line2D(xs, ys, color=color, linewidth=thickness * POINTS_PER_PIXEL, solid_capstyle="round")
        stroke.set_transform(None)
        self._figure.add_artist(stroke)

    def png(self) -> bytes:
        """Return the picture; the same page gives the same bytes."""
        self._canvas.draw()
        pixels = Image.frombuffer("RGBA", (self.width, self.height), self._canvas.buffer_rgba())
        # A handful of flat colours and their edges fit a palette, at a third of the bytes: families pay for data.
        palette = pixels.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        buffer = io.BytesIO()
        palette.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()

    def _add(self, shape: Any, **look: Any) -> None:
        shape.set(**look)
        shape.set_transform(None)  # pixels
        self._figure.add_artist(shape)

    def _up(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x, self.height - y) for x, y in points]


def fitted(
    words: str, size: float, weight: Weight, within: float | None, smallest: float = 0.75
) -> tuple[str, float]:
    """Return what can be written of a line within a width, and the size for it."""
    words = readable(words)
    if within is None or (width := text_width(words, size, weight)) <= within:
        return words, size
    size = max(size * smallest, size * within / width * 0.995)
    while len(words) > 1 and text_width(words, size, weight) > within:
        words = words.removesuffix("…")[:-1].rstrip() + "…"
    return words, size


def wrapped(words: str, size: float, within: float) -> list[str]:
    """Break text into lines that fit a width; a word longer than a line stands alone."""
    lines: list[str] = []
    for word in readable(words).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= within:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def text_width(words: str, size: float, weight: Weight = "regular") -> float:
    """Return the width in pixels of a line."""
    width, _, _ = _ruler().get_text_width_height_descent(readable(words), _font(weight, size), ismath=False)
    return float(width)


def readable(words: str) -> str:
    """Return a line with single spaces and only characters that the fonts have."""
    known = _characters()
    return "".join(c for c in re.sub(r"\s", " ", words) if ord(c) in known)


def font_file(weight: Weight) -> Path:
    """Return the file of a font that everything is written in."""
    name = "DejaVuSans-Bold.ttf" if weight == "bold" else "DejaVuSans.ttf"
    return Path(mpl.get_data_path(), "fonts", "ttf", name)


def _font(weight: Weight, size: float) -> FontProperties:
    return FontProperties(fname=font_file(weight), size=size * POINTS_PER_PIXEL)


@cache
def _ruler() -> Any:
    """What draws text is what measures it."""
    return RendererAgg(1, 1, DPI)  # type: ignore[no-untyped-call] # matplotlib types only parts of itself


@cache
def _characters() -> frozenset[int]:
    weights: tuple[Weight, ...] = ("regular", "bold")
    return frozenset.intersection(
        *(frozenset(FT2Font(font_file(weight)).get_charmap()) for weight in weights)
    )
