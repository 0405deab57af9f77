"""MkDocs hooks: pages outside docs/ that belong to the site, and links to what does not.

A link to a file that is no page becomes its text and the file's place in the source, since the site
has to be whole without it.
"""

import posixpath
import re
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[2]
# Place in the site by place in the source.
OUTSIDE: Final = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "ARCHITECTURE.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "deploy/prometheus/RUNBOOK.md": "RUNBOOK.md",
}
_SOURCE: Final = {place: source for source, place in OUTSIDE.items()}
_LINK: Final = re.compile(r"(?<!!)\[(?P<text>[^][]*)\]\((?P<to>[^()\s#]+)(?P<anchor>#[^()\s]*)?\)")
_PICTURE: Final = re.compile(r"(!\[[^][]*\]\()docs/")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name headings as GitHub does, so that one anchor leads to them in both."""
    config.mdx_configs["toc"]["slugify"] = anchor
    return config


def anchor(heading: str, _separator: str) -> str:
    """A heading's anchor.

    >>> anchor("Few customers: --prior", "-")
    'few-customers---prior'
    """
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside docs/."""
    for source, place in OUTSIDE.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - by name
    """Let links lead to where their files are in the site."""
    own = page.file.src_uri
    folder = posixpath.dirname(_SOURCE.get(own, f"docs/{own}"))
    if own in _SOURCE:
        markdown = _PICTURE.sub(r"\1", markdown)
    return _LINK.sub(lambda link: _led(link, folder), markdown)


def _led(link: re.Match[str], folder: str) -> str:
    source = posixpath.normpath(posixpath.join(folder, link["to"]))
    if not (ROOT / source).exists():
        return link[0]  # an address, or a mistake that --strict tells of
    if source in OUTSIDE or source.startswith("docs/"):
        return f"[{link['text']}]({OUTSIDE.get(source, source[5:])}{link['anchor'] or ''})"
    return f"{link['text']} (`{source}`)"
