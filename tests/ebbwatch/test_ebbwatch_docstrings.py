import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOWN = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in (ROOT / "ebbwatch").rglob("*.py")
    if ">>>" in file.read_text()
)


def test_some_functions_are_shown_by_example() -> None:
    assert len(SHOWN) >= 5


@pytest.mark.parametrize("module", SHOWN)
def test_the_examples_in_docstrings_hold(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted > 0
    assert found.failed == 0
