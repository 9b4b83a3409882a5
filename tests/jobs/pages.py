"""What is asked of every page that is drawn."""

from jobs.drawing.page import Page


def no_word_leaves(page: Page) -> None:
    """Fail when words are cut at the edge of the page."""
    renderer = page._canvas.get_renderer()
    for text in page._figure.texts:
        box = text.get_window_extent(renderer)
        assert not text.get_text() or (box.x0 >= 8 and box.x1 <= page.width - 8), text.get_text()
        assert box.y0 >= 0
        assert box.y1 <= page.height
