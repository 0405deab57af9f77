"""A page gone through by Tab: all of it, in the order that it is read in, and always seen where."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from tools.pages.chromium import Tab

STOP: Final = Path(__file__).with_name("stops.js").read_text("utf-8")
FIELDS: Final = 12  # places within an input of a date, at most


class Stop(NamedTuple):
    """Where the keyboard is.

    Attributes:
        name: of the element.
        place: among all elements that are to be come to, from 0; -1 for none of them.
        count: how many these are.
        box: left, top, right and bottom in the page, pixels.
        has_ring: whether it shows that it has the focus.
        is_seen: whether nothing lies over it.
        is_kept: whether it keeps the focus where what it is in is drawn anew.
        is_main: whether it is the content as a whole.
        in_main: whether it is in it.
        has_bar: whether the page has a bar to be skipped.
    """

    name: str
    place: int
    count: int
    box: tuple[float, float, float, float]
    has_ring: bool
    is_seen: bool
    is_kept: bool
    is_main: bool
    in_main: bool
    has_bar: bool


async def walked(tab: Tab) -> list[str]:
    """Go once round a tab's page, and back to where that began; what is wrong on the way."""
    stops: list[Stop] = []
    left = FIELDS
    while left:
        stop = await _pressed(tab, "Tab")
        if not stop.count or (len(stops) > 1 and stop.place == stops[0].place):
            return [*judged(stops, stop.count), *await _skipped(tab, stop)]
        if stop.place < 0 or (stops and stop.place == stops[-1].place):
            left -= 1  # the browser's own, or within a date
        else:
            stops, left = [*stops, stop], FIELDS
        if len(stops) > stop.count:
            break
    where = stops[-1].name if stops else "the page"
    return [f"{where}: Tab does not lead on"]


def judged(stops: Sequence[Stop], count: int) -> list[str]:
    """What is wrong with the stops on the way round a page, which are to be `count`."""
    start = min(range(len(stops)), key=lambda at: stops[at].place, default=0)
    stops = [*stops[start:], *stops[:start]]
    missed = set(range(count)) - {stop.place for stop in stops}
    said = [f"{len(missed)} of {count} cannot be come to: {sorted(missed)}"] if missed else []
    for stop in stops:
        wrong = {
            "shows no focus": not stop.has_ring,
            "is covered": not stop.is_seen,
            "loses the focus where it is drawn anew: has no id": not stop.is_kept,
        }
        said += [f"{stop.name}: {what}" for what, is_so in wrong.items() if is_so]
    for before, after in pairwise(stops):
        if after.place < before.place or _is_back(before.box, after.box):
            said.append(f"{after.name}: comes after {before.name}")
    return said


def _is_back(before: Sequence[float], after: Sequence[float]) -> bool:
    """Whether one lies above another, and in no later column."""
    return after[3] <= before[1] and after[0] < before[2]


async def _skipped(tab: Tab, at: Stop) -> list[str]:
    """What is wrong with the link that skips the bar, from somewhere in the page on."""
    if not at.has_bar:
        return []
    while at.place:
        at = await _pressed(tab, "Tab")
    if at.name != "a skip" or not at.is_seen or at.box[0] < 0:
        return [f"{at.name}: expected the link that skips the bar, to be seen"]
    there = await _pressed(tab, "Enter")
    after = await _pressed(tab, "Tab")
    is_right = there.is_main and (after.in_main or after.place <= 0)  # or nothing is in it
    return [] if is_right else [f"a skip: leads to {there.name}, and on to {after.name}"]


async def _pressed(tab: Tab, key: str) -> Stop:
    code, text = {"Tab": (9, ""), "Enter": (13, "\r")}[key]
    named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
    own = {"text": text} if text else {}
    await tab.call("Input.dispatchKeyEvent", type="keyDown", **named, **own)
    await tab.call("Input.dispatchKeyEvent", type="keyUp", **named)
    return Stop(**await tab.evaluate(STOP))
