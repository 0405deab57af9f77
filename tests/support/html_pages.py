"""Pages read as a browser would: elements, texts, and what they would ask for."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final

VOID: Final = {"meta", "link", "input", "br", "img", "hr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        parts = (each if isinstance(each, str) else each.text for each in self.children)
        return " ".join(" ".join(parts).split())

    def all(self, tag: str) -> list["Element"]:
        inside = [found for each in self._elements() for found in each.all(tag)]
        return [self, *inside] if self.tag == tag else inside

    def everything(self) -> list["Element"]:
        return [self, *(found for each in self._elements() for found in each.everything())]

    def with_id(self, name: str) -> "Element":
        (found,) = [each for each in self.everything() if each.attributes.get("id") == name]
        return found

    def _elements(self) -> list["Element"]:
        return [each for each in self.children if isinstance(each, Element)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(text: str) -> Element:
    """The document; each element must be closed by its own tag."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert [each.tag for each in reader.open] == ["document"]
    return reader.open[0]


def asked_for(page: Element) -> set[str]:
    """Addresses that a browser would ask for by itself."""
    return {
        each.attributes[name]
        for each in page.everything()
        for name in ("src", "href", "hx-get", "action", "xlink:href", "data", "poster")
        if name in each.attributes and (each.tag != "a" or name != "href")
    }


def mistakes(page: Element) -> list[str]:
    """What a person who hears the page or goes by keyboard would miss, and what CSP forbids."""
    every = page.everything()
    ids = [each.attributes["id"] for each in every if "id" in each.attributes]
    labels = {each.attributes.get("for", "") for each in every if each.tag == "label"}
    found = [f"id twice: {name}" for name in set(ids) if ids.count(name) > 1]
    found += [said for each in every for said in (*_inline(each), *_mute(each, set(ids), labels))]
    levels = [int(each.tag[1]) for each in every if each.tag in {"h1", "h2", "h3"}]
    if levels.count(1) != 1 or levels[0] != 1 or any(b > a + 1 for a, b in pairwise(levels)):
        found.append(f"headings: {levels}")
    if not [each for each in every if each.tag == "html" and each.attributes.get("lang")]:
        found.append("no language")
    return found


def _inline(each: Element) -> list[str]:
    own = each.attributes
    told = {
        f"inline style: {each.tag}": "style" in own or each.tag == "style",
        f"inline script: {each.tag}": any(name.startswith("on") for name in own)
        or (each.tag == "script" and bool(each.text or "src" not in own)),
    }
    return [said for said, is_so in told.items() if is_so]


def _mute(each: Element, ids: set[str], labels: set[str]) -> list[str]:
    own = each.attributes
    needs_label = each.tag == "input" and own.get("type") != "hidden"
    told = {
        f"input without a label: {own}": needs_label and own.get("id") not in labels,
        f"{each.tag} without words": each.tag in {"a", "button"} and not each.text,
        "drawing without words": each.tag == "svg"
        and not {"aria-label", "aria-hidden", "x"} & own.keys(),
        f"label is missing: {own}": "aria-labelledby" in own and own["aria-labelledby"] not in ids,
        f"nothing at: {own}": own.get("href", "").startswith("#") and own["href"][1:] not in ids,
        f"heading of nothing: {each.text}": each.tag == "th" and "scope" not in own,
    }
    return [said for said, is_so in told.items() if is_so]
