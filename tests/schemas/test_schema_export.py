import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from schemas import EXAMPLES, export

NAMES = [
    "transaction",
    "interaction",
    "outcome",
    "early_warning",
    "customer_case",
    "desk_assignment",
    "customer_score",
    "dead_letter",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_schema_is_not_stale(name: str) -> None:
    committed = (export.FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == export.rendered(export.json_schemas()[name]), (
        "stale: run `python -m schemas.export` and commit schemas/json"
    )


def test_nothing_else_is_committed() -> None:
    assert {path.name for path in export.FOLDER.iterdir()} == {
        f"{name}.schema.json" for name in NAMES
    }


def test_a_document_that_holds_all_contracts_has_one_definition_of_what_they_share() -> None:
    schemas, shared = export.shared_schemas("#/places/{model}")
    assert list(schemas) == NAMES
    named = set(re.findall(r'"#/places/(\w+)"', json.dumps([schemas, shared])))
    assert named == shared.keys()
    assert "Reason" in named


def test_the_schemas_are_written_where_asked(tmp_path: Path) -> None:
    written = export.write(tmp_path / "new")
    assert [path.name for path in written] == [f"{name}.schema.json" for name in NAMES]
    assert (
        json.loads(written[0].read_text(encoding="utf-8"))["$id"] == "urn:ebbwatch:transaction:v1"
    )


@pytest.mark.filterwarnings("ignore:'schemas.export' found in sys.modules")
def test_the_module_runs_as_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(Path, "write_text", lambda path, *_, **__: written.append(path.name))
    runpy.run_module("schemas.export", run_name="__main__")
    assert written == [f"{name}.schema.json" for name in NAMES]


def contracts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema itself and its definitions, as far as they are of objects."""
    every = [schema, *schema.get("$defs", {}).values()]
    return [contract for contract in every if "properties" in contract]


@pytest.mark.parametrize("name", NAMES)
def test_every_contract_is_closed_and_every_field_described(name: str) -> None:
    found = contracts(export.json_schemas()[name])
    assert found
    for contract in found:
        assert contract["additionalProperties"] is False
        assert contract["description"]
        for field in contract["properties"].values():
            assert field.get("description") or field["$ref"] == "#/$defs/Currency"


def test_the_patterns_of_the_json_schema_accept_every_example() -> None:
    for name in ("transaction", "interaction"):
        for contract in export.json_schemas()[name]["$defs"].values():
            fields = contract.get("properties", {})
            example = EXAMPLES.get(fields.get("type", {}).get("const"), {})
            assert set(contract.get("required", [])) <= set(example)
            for field in set(example) & {f for f in fields if "pattern" in fields[f]}:
                assert re.search(fields[field]["pattern"], example[field])
