"""docs/events.md, settings.md and metrics.md are what the program declares."""

import subprocess
import sys
from pathlib import Path

import pytest
from metric_registry import every_metric

from ebbwatch.cli.reference import variables
from ebbwatch.cli.reference.__main__ import PAGES
from ebbwatch.serve.settings import ServeSettings
from schemas.export import json_schemas
from streams.config import Settings

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_program_declares(name: str) -> None:
    assert (DOCS / f"{name}.md").read_text("utf-8") == PAGES[name](), (
        f"python -m ebbwatch.cli.reference {name} > docs/{name}.md"
    )


def test_every_setting_has_a_meaning_and_no_other() -> None:
    told = [(contract, name) for _, contract, of in variables.SECTIONS for name in of]
    own = [
        (contract, name) for contract in (Settings, ServeSettings) for name in contract.model_fields
    ]
    assert sorted(map(str, told)) == sorted(map(str, own))


def test_every_field_and_event_type_is_told_of() -> None:
    page = PAGES["events"]()
    for name, contract in json_schemas().items():
        parts = [contract, *contract["$defs"].values()] if "$defs" in contract else [contract]
        for field in {field for part in parts for field in part.get("properties", {})}:
            assert f"| `{field}` |" in page or field == "type", (name, field)
        for kind in contract.get("discriminator", {}).get("mapping", ()):
            assert f"\n### {kind}\n" in page


def test_every_metric_is_told_of_with_its_labels() -> None:
    page = PAGES["metrics"]()
    for family in every_metric().collect():
        assert f"| `{family.name}" in page
    assert "| `ebbwatch_dead_letters_total` | counter | `topic`, `reason` | Records" in page


def test_a_secret_s_default_is_shown_only_where_it_is_none() -> None:
    page = PAGES["settings"]()
    assert "| `EBBWATCH_KAFKA_PASSWORD` | secret |  |" in page
    assert "| `EBBWATCH_PANEL_EFFORT` | number above 0 to 1 | `0.02` |" in page


def test_it_is_printed_by_a_command() -> None:
    asked = [sys.executable, "-m", "ebbwatch.cli.reference", "settings"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout == PAGES["settings"]()
