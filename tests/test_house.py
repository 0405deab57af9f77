"""The house's own figures: small files, few siblings, one meaning a name, imports one way."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ebbwatch", "modelling", "streams", "scoring", "schemas")
LINES, SIBLINGS = 250, 14
MARKS = {"__init__.py", "py.typed", "__pycache__"}


def code() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def folders() -> list[Path]:
    return sorted({path.parent for path in code()})


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", code(), ids=named)
def test_a_file_is_small_enough_to_be_read_at_once(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES


@pytest.mark.parametrize("folder", folders(), ids=named)
def test_a_folder_has_few_enough_siblings_to_be_seen_at_once(folder: Path) -> None:
    siblings = sorted(child.name for child in folder.iterdir() if child.name not in MARKS)
    assert len(siblings) <= SIBLINGS, siblings


@pytest.mark.parametrize("folder", folders(), ids=named)
def test_a_package_says_what_belongs_there_and_what_does_not(folder: Path) -> None:
    told = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert told is not None
    assert len(told.splitlines()) >= 3


def test_no_import_is_hidden_from_the_contracts() -> None:
    hidden = [named(path) for path in code() if "TYPE_CHECKING" in path.read_text("utf-8")]
    assert hidden == []


def test_no_two_files_of_tests_have_one_name() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_name_of_a_class_stands_for_two_things() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in code()]
    public = Counter(
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in public.items() if count > 1] == []


@pytest.mark.slow
def test_importing_a_package_starts_nothing_and_reads_no_environment() -> None:
    program = (
        "import os, sys, threading\n"
        "os.environ.clear()\n"
        "import streams.app, streams.run, modelling.fit.run\n"
        "print(threading.active_count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"
