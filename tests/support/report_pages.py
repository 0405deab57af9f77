"""Reading a report back: its numbers, ids and references; and that it is whole."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "hr", "input"}


@dataclass
class Seen(HTMLParser):
    """What a page holds, and what is wrong with it."""

    text: str
    numbers: list[tuple[float, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)  # the columns that they name

    def __post_init__(self):
        super().__init__(convert_charrefs=True)
        self._open = []
        self._value = None
        self.feed(self.text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        self._look(tag, dict(attrs))

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self._look(tag, dict(attrs))

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes another element")

    def handle_data(self, data):
        self.words.append(data)
        if self._open and self._open[-1] == "data":
            self.numbers.append((float(self._value), data))

    def _look(self, tag, attrs):
        names = [name for name in attrs if name.startswith("on") or name in {"src", "action"}]
        self.outside += [f"{tag} {name}" for name in names]
        for name in ("href", "xlink:href"):
            if not attrs.get(name, "#").startswith("#"):
                self.outside.append(f"{tag} {attrs[name]}")
        if tag == "td":
            self.cells.append(attrs["data-column"])
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "data":
            self._value = attrs["value"]

    @property
    def values(self):
        return [value for value, _ in self.numbers]

    @property
    def said(self):
        return " ".join(" ".join(self.words).split())


def seen(html):
    """Read a page that must be whole, alone and without script."""
    page = Seen(html)
    assert page.faults == []
    assert page.outside == []
    assert not re.search(r"<th[^>]*>\s*</th>", html), "a column without a name"
    assert not {"script", "link", "img", "image", "iframe", "object", "embed"} & set(page.tags)
    assert page.tags.count("style") == 1
    assert len(page.ids) == len(set(page.ids))
    assert "http" not in html.replace("http-equiv", "")
    assert "@import" not in html
    assert "url(" not in html.replace("url(#", "")
    return page
