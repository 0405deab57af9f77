"""The documentation as a site: whole, found by what one wants, and asking nobody for anything."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

pytestmark = pytest.mark.slow  # builds take seconds

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "tools" / "site" / "mkdocs.yml"
ASKED_FOR = {"script", "link", "img", "source", "iframe", "object", "video", "audio", "use"}


def build(config: Path, to: Path) -> "subprocess.CompletedProcess[str]":
    asked = ["build", "--strict", "--config-file", str(config), "--site-dir", str(to)]
    told = [sys.executable, "-m", "mkdocs", *asked]
    return subprocess.run(told, capture_output=True, text=True, check=False)


class Html(HTMLParser):
    """Ids and addresses of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.asked_for: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.ids |= {has[name] for name in ("id", "name") if name in has}
        addresses = {has[name] for name in ("href", "src", "data", "srcset") if name in has}
        if tag == "a":
            self.links |= addresses
        elif tag in ASKED_FOR:
            self.asked_for |= addresses


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("site")
    done = build(CONFIG, to)
    assert done.returncode == 0, done.stderr
    return to


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Html]:
    return {path: Html(path) for path in site.rglob("*.html")}


def test_every_page_is_found_by_what_one_wants() -> None:
    nav: list[dict[str, list[str]]] = yaml.safe_load(CONFIG.read_text("utf-8"))["nav"]
    wants = ["Tutorials", "How-to guides", "Reference", "Explanation"]
    assert [want for part in nav for want in part] == wants
    named = [page for part in nav for listed in part.values() for page in listed]
    outside = {"index.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "RUNBOOK.md"}
    inside = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert sorted(named) == sorted(inside | outside)


def test_no_page_asks_another_server_for_anything(site: Path, pages: dict[Path, Html]) -> None:
    asked = {each for page in pages.values() for each in page.asked_for}
    assert len(asked) > 5
    assert not [each for each in asked if urlsplit(each).netloc]
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    loaded = re.findall(r"url\(\s*[\"']?([^)\"']+)", styles) + re.findall(r"@import[^;]+", styles)
    assert loaded
    assert not [each for each in loaded if re.match(r"(https?:)?//|@import", each)]


def test_every_link_and_anchor_leads_somewhere(site: Path, pages: dict[Path, Html]) -> None:
    lost = []
    for path, page in pages.items():
        for link in page.links | page.asked_for:
            at = urlsplit(link)
            if at.scheme or at.netloc or path.name == "404.html":  # whose links are from the root
                continue
            to = (path.parent / unquote(at.path)).resolve() if at.path else path
            if to.is_dir():
                to /= "index.html"
            if not to.is_file() or (at.fragment and unquote(at.fragment) not in _ids(pages, to)):
                lost.append(f"{path.relative_to(site)}: {link}")
    assert lost == []


def _ids(pages: dict[Path, Html], of: Path) -> set[str]:
    return pages[of].ids if of in pages else set()


def test_what_is_no_page_is_named_by_its_place_in_the_source(site: Path) -> None:
    assert "<code>deploy/kubernetes</code>" in (site / "kubernetes.html").read_text("utf-8")
    assert 'href="RUNBOOK.html"' in (site / "compose.html").read_text("utf-8")


def test_markdown_means_here_what_it_means_elsewhere(site: Path) -> None:
    """A list or table right behind a line of text is one on GitHub and none in MkDocs."""
    told = {path.name: path.read_text("utf-8") for path in site.glob("*.html")}
    plain = {
        name: re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL) for name, text in told.items()
    }
    assert not [
        name for name, text in plain.items() if re.search(r"^(- |\d+\. |\|)", text, re.MULTILINE)
    ]


def test_all_pages_can_be_searched(site: Path) -> None:
    index: dict[str, Any] = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    found = {each["location"].partition("#")[0] for each in index["docs"]}
    assert {path.name for path in site.glob("*.html")} - {"404.html", "search.html"} <= found


@pytest.mark.parametrize(
    "wrong", ["[gone](nosuch.md)", "[gone](cli.md#nosuch)", "[gone](../no.py)"]
)
def test_a_link_to_nowhere_fails_the_build(tmp_path: Path, wrong: str) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(CONFIG.parent, tmp_path / "tools" / "site")
    (tmp_path / "deploy" / "prometheus").mkdir(parents=True)
    for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"):
        (tmp_path / name).write_text("# A page\n")
    (tmp_path / "deploy" / "prometheus" / "RUNBOOK.md").write_text("# A page\n")
    with (tmp_path / "docs" / "brake.md").open("a") as page:
        page.write(f"\n{wrong}\n")
    done = build(tmp_path / "tools" / "site" / "mkdocs.yml", tmp_path / "site")
    assert done.returncode != 0
    assert re.search(r"brake.md.*(nosuch|no\.py)", done.stderr)
