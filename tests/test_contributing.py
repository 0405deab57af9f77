"""The page of additions: each of its changes, applied to a copy of the tree, does what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("schemas", "scoring", "streams", "modelling", "ebbwatch", "tests", "docs", "deploy")
PLACES = 2  # files of code that an addition may touch


class Addition(NamedTuple):
    """One section of the page."""

    name: str
    change: str
    holds: str
    suites: list[str]


def _additions() -> list[Addition]:
    sections = re.split(r"^## Add an? ", PAGE, flags=re.MULTILINE)[1:]
    return [
        Addition(
            section.splitlines()[0],
            _block(section, "diff"),
            _block(section, "python"),
            re.findall(r"^Suites: `(.*)`$", section, re.MULTILINE)[0].split(),
        )
        for section in sections
    ]


def _block(section: str, language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return str(found)


ADDITIONS = _additions()


def test_the_page_has_the_five_additions_that_come_up_most() -> None:
    named = [addition.name for addition in ADDITIONS]
    assert named == ["rule", "event type", "score", "segment", "scorecard input"]


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda one: one.name)
def test_an_addition_is_one_or_two_places(addition: Addition) -> None:
    touched = re.findall(r"^\+\+\+ b/(.*)$", addition.change, re.MULTILINE)
    assert 1 <= len([file for file in touched if file.endswith(".py")]) <= PLACES, touched
    assert all(file.endswith((".py", ".toml")) or file.startswith("docs/") for file in touched), (
        touched
    )


@pytest.mark.by_lot(2)
@pytest.mark.slow
@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda one: one.name)
def test_an_addition_works_by_the_page_alone(addition: Addition, tmp_path: Path) -> None:
    tree = _copy(tmp_path / "tree")
    _run(tree, "git", "apply", "-", text=addition.change)
    _run(tree, sys.executable, "-m", "schemas.export")
    _run(tree, sys.executable, "-", text=addition.holds)
    _run(tree, sys.executable, "-m", "pytest", "-x", *addition.suites)


def _copy(tree: Path) -> Path:
    ignored = shutil.ignore_patterns("*.pyc.*")  # what others are just compiling
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tree)
    shutil.copy(ROOT / "CONTRIBUTING.md", tree)
    return tree


def _run(tree: Path, *command: str, text: str = "") -> None:
    path = os.pathsep.join((str(tree), str(tree / "tests" / "support")))
    # A worker of a parallel run passes on what only it may have.
    own = {name: v for name, v in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        command,
        cwd=tree,
        env={**own, "PYTHONPATH": path},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
