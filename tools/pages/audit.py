"""Audits the pages in Chromium: `python -m tools.pages.audit AXE.JS [REPORT.HTML ...]`.

Each page is looked at by axe-core in both languages, light and dark, on a desk, a phone and paper.
Besides what axe finds, no page may complain in its console, ask anybody else for anything, be cut
off on paper, or lose who goes through it by keyboard.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ebbwatch.serve.access.sessions import COOKIE
from tools.pages.chromium import DESK, PHONE, Browser, Tab, chromium
from tools.pages.demo import Shown, show
from tools.pages.keyboard import walked
from tools.pages.places import Place, places_of, with_logins
from tools.pages.printing import unprintable
from tools.pages.withdrawing import withdraw

TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CHOSEN: Final = json.dumps({"runOnly": TAGS, "resultTypes": ["violations"]})
BROKEN: Final = Place("broken on purpose", Path(__file__).with_name("broken.html").as_uri(), ("",))
RULES: Final = {
    "console": "a page must not complain",
    "request": "a page must ask nobody else",
    "print": "a page must be fit for paper",
    "keyboard": "a page must be gone through by Tab",
}
NOTHING: Final[Mapping[str, Sequence[str]]] = {}
TO_BE_FOUND: Final = {"color-contrast", "image-alt", "label", "html-has-lang", *RULES}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a page.

    Attributes:
        rule: axe's, or one of `RULES`.
        what: in words.
        where: selectors with what is wrong there, or what was said or asked for.
    """

    rule: str
    what: str
    where: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(
            [f"\n    {self.rule}: {self.what}", *(f"\n        {at}" for at in self.where)]
        )


def faults(
    address: str, axe: dict[str, Any], tab: Tab, more: Mapping[str, Sequence[str]] = NOTHING
) -> list[Fault]:
    """All that is wrong with a page.

    Args:
        address: its own.
        axe: what axe-core says of it.
        tab: where it was open.
        more: where else something is wrong, by rule of `RULES`.
    """
    found = [
        Fault(each["id"], each["help"], tuple(map(_where, each["nodes"])))
        for each in axe["violations"]
    ]
    outside = [asked for asked in tab.requests if not _is_own(asked, address)]
    wrong = {"console": tab.complaints, "request": outside, **more}
    return found + [Fault(rule, RULES[rule], tuple(at)) for rule, at in wrong.items() if at]


def _where(node: dict[str, Any]) -> str:
    said = next((each["message"] for each in node["any"] + node["all"] + node["none"]), "")
    return f"{' '.join(map(str, node['target']))}: {said}"


def _is_own(asked: str, address: str) -> bool:
    to, at = urlsplit(asked), urlsplit(address)
    if at.scheme == "file":  # of which there is no server
        return to.scheme == "data" or asked == address
    return to.scheme == "data" or (to.scheme, to.netloc) == (at.scheme, at.netloc)


async def audit(places: Sequence[Place], axe: str) -> dict[str, list[Fault]]:
    """Look at pages, and say how soon each is there and what is wrong with it.

    Args:
        places: the pages.
        axe: axe-core's source.

    Returns:
        What is wrong, by page and look.
    """
    told: dict[str, list[Fault]] = {}
    async with chromium() as browser:
        for place, language in [(each, of) for each in places for of in each.languages]:
            name = f"{place.name} {language}".strip()
            seconds, looks = await _looks(browser, place, language, axe)
            print(f"{name:30} first paint {1e3 * seconds:5.0f} ms", flush=True)
            for look, found in looks.items():
                told[f"{name} {look}"] = found
                if found:
                    print(f"  {look}", *found, sep="", flush=True)
    return told


async def _looks(
    browser: Browser, place: Place, language: str, axe: str
) -> tuple[float, dict[str, list[Fault]]]:
    address = place.in_language(language)
    cookie = {"name": COOKIE, "value": place.cookie, "url": address}
    async with browser.tab([cookie] if place.cookie else []) as tab:
        await tab.look_as(DESK)
        seconds = await tab.open(address)
        if place.leads_on:
            async with tab.loading():
                await tab.evaluate(place.act)
        elif place.act:
            await tab.evaluate(place.act)
        await tab.look_as(PHONE if language in place.languages[1:] else DESK)
        lost = {"keyboard": await walked(tab)}
        found = {"by keyboard": faults(address, {"violations": []}, tab, lost)}
        await tab.evaluate(f"{axe}; 0")
        for dark, width in product((False, True), (DESK, PHONE)):
            await tab.look_as(width, dark=dark)
            look = f"{'dark' if dark else 'light'} {'desk' if width == DESK else 'phone'}"
            found[look] = faults(address, await tab.evaluate(f"axe.run({CHOSEN})"), tab)
        unfit = {"print": await unprintable(tab)}
        found["print"] = faults(address, await tab.evaluate(f"axe.run({CHOSEN})"), tab, unfit)
        return seconds, found


def judge(axe: str, reports: Sequence[Path], shown: Shown) -> None:
    """Look at all pages and at reports; exit code 1 where anything is wrong.

    The page that is broken on purpose comes first: an audit that finds nothing there proves none.
    """
    found = {each.rule for of in asyncio.run(audit([BROKEN], axe)).values() for each in of}
    if not found >= TO_BE_FOUND:
        sys.exit(f"audit: not found on the broken page: {', '.join(TO_BE_FOUND - found)}")
    withdraw(shown)
    with with_logins(shown) as address:
        files = [Place(each.name, each.absolute().as_uri(), ("",)) for each in reports]
        told = asyncio.run(audit([*places_of(shown.address, address), *files], axe))
    wrong = sum(map(bool, told.values()))
    print(f"{len(told)} looks at pages, {wrong} of them with something wrong")
    sys.exit(1 if wrong else 0)


def main(axe: Path, *reports: Path) -> None:
    """Audit the pages on the demo's data, and reports."""
    source = axe.read_text("utf-8")
    show(lambda shown: judge(source, reports, shown))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
