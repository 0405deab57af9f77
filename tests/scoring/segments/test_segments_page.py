from pathlib import Path

import pytest

from scoring.facts.categories import GROUPS
from scoring.segments import DEFINITIONS

PAGE = (Path(__file__).parents[3] / "docs" / "segments.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.name)
def test_the_page_tells_every_definition_as_the_code_has_it(definition):
    classes = ", ".join(definition.classes)
    assert f"| `{definition.name}` | {classes} | {definition.meaning} |" in PAGE


def test_the_page_tells_every_category():
    for category, stretches in GROUPS:
        codes = (f"{a:04}" if a == b else f"{a:04} to {b:04}" for a, b in stretches)
        assert f"| {category.name.lower()} | {', '.join(codes)} |" in PAGE
