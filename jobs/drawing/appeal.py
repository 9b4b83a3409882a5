"""A card that invites to become a foster parent: how far the programme has come, who invites, how to begin."""

from jobs.charts import AppealCard
from jobs.drawing.page import ONE_AT_A_TIME, Page, wrapped

WIDTH, HEIGHT, MARGIN = 1080, 860, 64
GROUND, DEEP, BAR, REST = "#0B5FA5", "#083F70", "#FFC145", "#5E95C6"
PAPER, SOFT = "#FFFFFF", "#DCEBF7"


def draw(data: AppealCard) -> bytes:
    """Return the card as PNG, 1080 by 860 pixels."""
    with ONE_AT_A_TIME:
        return _page(data).png()


def _page(data: AppealCard) -> Page:
    page, within = Page(WIDTH, HEIGHT), WIDTH - 2 * MARGIN
    page.box(0, 0, WIDTH, HEIGHT, GROUND)
    page.text(MARGIN, 98, data["title"], size=36, color=SOFT, within=within)
    page.text(MARGIN, 222, data["headline"], size=92, color=PAPER, weight="bold", within=within, smallest=0.5)
    page.text(MARGIN, 278, data["subtitle"], size=34, color=SOFT, within=within)
    page.box(MARGIN, 318, within, 30, REST, radius=15)
    page.box(MARGIN, 318, within * min(1.0, max(0.0, data["share"])), 30, BAR, radius=15)
    y = 436.0
    for line in data["lines"]:
        for part in wrapped(line, 38, within)[:2]:
            page.text(MARGIN, y, part, size=38, color=PAPER)
            y += 52
        y += 8
    page.box(0, HEIGHT - 190, WIDTH, 190, DEEP)
    page.text(MARGIN, HEIGHT - 116, data["invites"], size=36, color=PAPER, weight="bold", within=within)
    page.text(MARGIN, HEIGHT - 54, data["link"], size=32, color=BAR, within=within)
    return page
