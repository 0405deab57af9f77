"""The fenced blocks and inline code of the documentation, and what is typed in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
USAGE = re.compile(r"(^|\s)\[|…|\.\.\.")  # options in brackets, or words left out
ENDS = {"|", "||", "&", "&&", ";"}
REDIRECTS = {"<", ">", ">>"}


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: its file, from the root on.
        line: where its fence opens.
        kind: what stands behind the fence; a shell's where nothing does.
        text: what is in it.
    """

    page: str
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """All pages of the source, none of what was installed or made."""
    found = (path for top in ("docs", "deploy", "examples") for path in (ROOT / top).rglob("*.md"))
    return sorted([*ROOT.glob("*.md"), *found])


def blocks() -> list[Block]:
    """The fenced blocks of all pages."""
    found = []
    for path in pages():
        text = path.read_text("utf-8")
        for block in FENCED.finditer(text):
            line = text[: block.start()].count("\n") + 1
            found.append(Block(str(path.relative_to(ROOT)), line, block["kind"], block["text"]))
    return found


def inline() -> Iterator[tuple[str, str]]:
    """What stands in backticks in a line of text, with its page."""
    for path in pages():
        for found in re.findall(r"`([^`]+)`", FENCED.sub("", path.read_text("utf-8"))):
            yield str(path.relative_to(ROOT)), " ".join(found.split())


def lines(text: str) -> list[str]:
    """Lines of a shell block, each with those that go on with it, without comments."""
    joined = re.sub(r"\\?\n[ ]+", " ", text)
    return [re.sub(r"(^|\s+)#.*", "", line) for line in joined.splitlines()]


def typed(line: str) -> list[list[str]]:
    """The words of each command of a line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    words = iter(lexer)
    for word in words:
        if word in REDIRECTS:
            next(words)
        elif word in ENDS:
            found.append([])
        else:
            found[-1].append(word)
    return [command for command in found if command]
