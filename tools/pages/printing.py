"""What a page is on paper: white, without what is for a screen, and with nothing cut off."""

from pathlib import Path
from typing import Final

from tools.pages.chromium import Tab

PAPER: Final = 673  # pixels between the margins of an A4 sheet, of those that have the widest
FAULTS: Final = Path(__file__).with_name("paper.js").read_text("utf-8")


async def unprintable(tab: Tab) -> list[str]:
    """Elements of a tab's page that do not fit for paper, and why; it stays as it is on paper."""
    await tab.look_as(PAPER, dark=True, media="print")
    found: list[str] = await tab.evaluate(FAULTS)
    return found
