"""The examples in docstrings, run: whoever reads one may rely on it."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ebbwatch", "modelling", "schemas", "scoring", "streams")
LEAST = 119  # docstrings with an example
MODULES = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for package in PACKAGES
    for file in (ROOT / package).rglob("*.py")
    if ">>>" in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    found = doctest.testmod(import_module(name))
    assert found.attempted > 0
    assert found.failed == 0


def test_there_are_as_many_examples_as_there_were() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    shown = [test for name in MODULES for test in finder.find(import_module(name))]
    assert sum(bool(test.examples) for test in shown) >= LEAST
