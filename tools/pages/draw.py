"""Draws the pages on the demo's data: `python -m tools.pages.draw FOLDER`."""

import asyncio
import sys
from pathlib import Path
from typing import Final

from tools.pages.chromium import DESK, PHONE, Browser, chromium
from tools.pages.demo import Shown, show

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
PAGES: Final = {"portfolio": "/", "queue": "/queue", "customer": "/customers/persona-a"}
# README's, with the height that they are cut off at.
SHOWN: Final = {"customer": 1290, "portfolio": 1190}


async def draw(shown: Shown, folder: Path) -> None:
    """Draw each page on a desk and a phone, in both languages, light and dark; and README's."""
    async with chromium() as browser:
        for name, path in PAGES.items():
            for width, device in ((DESK, ""), (PHONE, "-phone")):
                for kind in ("en", "zh", "dark"):
                    there = path if kind == "dark" else f"{path}?lang={kind}"
                    file = folder / f"{name}-{kind}{device}.png"
                    await _one(browser, shown.address + there, file, width, dark=kind == "dark")
        for name, height in SHOWN.items():
            file = PICTURES / f"{name}.png"
            await _one(browser, shown.address + PAGES[name], file, DESK, height=height)


async def _one(
    browser: Browser,
    address: str,
    file: Path,
    width: int,
    *,
    height: int | None = None,
    dark: bool = False,
) -> None:
    async with browser.tab() as tab:
        await tab.look_as(width, height or 1000, dark=dark)
        await tab.open(address)
        await tab.draw(file, width, height)
    print(file)


def main(folder: Path) -> None:
    """Draw into a folder, and README's pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    show(lambda shown: asyncio.run(draw(shown, folder)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
