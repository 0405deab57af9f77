"""Draws the pages on the demo's data: `python -m tools.pages.draw FOLDER`."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

from tools.pages.chromium import DESK, PHONE, Browser, chromium
from tools.pages.demo import Shown, show

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
PAGES: Final = {"portfolio": "/", "queue": "/queue", "customer": "/customers/persona-a"}
MARGIN: Final = 6  # pixels below what is drawn last
# README's: page, language, width, what is drawn last, and whether dark.
SHOWN: Final = {
    "customer": ("customer", "en", DESK, "section:has(#alive)", False),
    "portfolio": ("portfolio", "en", DESK, "section:has(#open) thead", False),
    "queue-dark": ("queue", "en", DESK, "tbody tr:nth-child(8)", True),
    "customer-phone-zh": ("customer", "zh", PHONE, "section:has(#case)", False),
    "queue-phone": ("queue", "en", PHONE, "tbody tr:nth-child(3)", False),
}


async def draw(shown: Shown, folder: Path) -> None:
    """Draw each page on a desk and a phone, in both languages, light and dark; and README's."""
    async with chromium() as browser:
        for name, path in PAGES.items():
            for width, device in ((DESK, ""), (PHONE, "-phone")):
                for kind in ("en", "zh", "dark"):
                    there = path if kind == "dark" else f"{path}?lang={kind}"
                    file = folder / f"{name}-{kind}{device}.png"
                    await _one(browser, shown.address + there, file, width, dark=kind == "dark")
        for name, (page, language, width, last, dark) in SHOWN.items():
            address = f"{shown.address}{PAGES[page]}?lang={language}"
            await _one(browser, address, PICTURES / f"{name}.png", width, last=last, dark=dark)


async def _one(
    browser: Browser,
    address: str,
    file: Path,
    width: int,
    *,
    last: str = "body",
    dark: bool = False,
) -> None:
    async with browser.tab() as tab:
        await tab.look_as(width, dark=dark)
        await tab.open(address)
        found = f"document.querySelector({json.dumps(last)}).getBoundingClientRect().bottom"
        height = None if last == "body" else round(await tab.evaluate(found)) + MARGIN
        await tab.draw(file, width, height)
    print(file)


def main(folder: Path) -> None:
    """Draw into a folder, and README's pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    show(lambda shown: asyncio.run(draw(shown, folder)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
