"""Contracts against those that are out: whose programs would a change break?

`tests/data/contracts` are the contracts that others rely on. Events that were right stay right;
messages are read by programs that know the old fields, and old ones by programs that know the new.
"""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compatible import broken

from schemas.export import json_schemas

OUT = Path(__file__).parents[1] / "data" / "contracts"
INPUTS = ("transaction", "interaction", "outcome")
OUTPUTS = ("early_warning", "customer_case", "desk_assignment", "customer_score", "dead_letter")
Schema = dict[str, Any]


def out(name: str) -> Schema:
    read: Schema = json.loads((OUT / f"{name}.schema.json").read_text(encoding="utf-8"))
    return read


def test_every_contract_is_compared() -> None:
    assert {*INPUTS, *OUTPUTS} == json_schemas().keys()
    assert {path.name for path in OUT.iterdir()} == {f"{n}.schema.json" for n in json_schemas()}


@pytest.mark.parametrize("name", INPUTS)
def test_what_was_a_right_event_still_is(name: str) -> None:
    assert broken(out(name), json_schemas()[name], tolerant=False) == []


@pytest.mark.parametrize("name", OUTPUTS)
def test_messages_are_read_by_old_and_new_programs(name: str) -> None:
    new = json_schemas()[name]
    assert broken(new, out(name), tolerant=True) == []
    assert broken(out(name), new, tolerant=True) == []


def optional(schema: Schema) -> None:
    schema["properties"]["mood"] = {"type": "string"}


def needed(schema: Schema) -> None:
    optional(schema)
    schema["required"].append("mood")


def gone(schema: Schema) -> None:
    del schema["properties"]["severity"]
    schema["required"].remove("severity")


def no_longer_needed(schema: Schema) -> None:
    schema["required"].remove("score")


def another_type(schema: Schema) -> None:
    schema["properties"]["sequence"] = {"type": "string"}


def another_value(schema: Schema) -> None:
    schema["properties"]["band"]["enum"].append("extreme")


def wider(schema: Schema) -> None:
    schema["properties"]["churn_risk"]["maximum"] = 100.0


def deeper(schema: Schema) -> None:
    schema["$defs"]["Reason"]["required"].remove("points")


def freer(schema: Schema) -> None:
    del schema["properties"]["warning_id"]["pattern"]


def cannot_be_told(schema: Schema) -> None:
    schema["properties"]["band"]["not"] = {"const": "low"}


@pytest.mark.parametrize(
    ("change", "old_reader", "new_reader"),
    [
        (optional, "", ""),
        (needed, "", "$.mood: may be absent"),
        (gone, "$.severity: may be absent", ""),
        (no_longer_needed, "$.score: may be absent", ""),
        (another_type, "$.sequence: string where a integer", "$.sequence: integer where a string"),
        (another_value, "$.band: ['low', 'middle', 'high', 'extreme'", ""),
        (wider, "$.churn_risk: maximum 100.0 where 1", ""),
        (deeper, "$.reasons[].points: may be absent", ""),
        (freer, "$.warning_id: pattern None", ""),
        (cannot_be_told, "$.band: cannot tell what ['not']", "$.band: cannot tell what ['not']"),
    ],
)
def test_a_change_of_a_message_that_breaks_a_reader_is_told(
    change: Callable[[Schema], None], old_reader: str, new_reader: str
) -> None:
    old = json_schemas()["early_warning"]
    new = copy.deepcopy(old)
    change(new)
    for written, read, expected in ((new, old, old_reader), (old, new, new_reader)):
        faults = broken(written, read, tolerant=True)
        assert bool(faults) == bool(expected), faults
        assert all(fault.startswith(expected) for fault in faults), faults


def test_an_event_type_may_come_and_none_may_go() -> None:
    old = json_schemas()["interaction"]
    fewer = copy.deepcopy(old)
    taken = fewer["oneOf"].pop()["$ref"].rpartition("/")[2]
    assert broken(fewer, old, tolerant=False) == []
    faults = broken(old, fewer, tolerant=False)
    assert faults, taken
    assert all("$" in fault for fault in faults)


def test_a_field_that_an_event_must_not_have_any_more_is_told() -> None:
    old = json_schemas()["interaction"]
    new = copy.deepcopy(old)
    del new["$defs"]["Survey"]["properties"]["touchpoint"]
    assert broken(old, new, tolerant=False) == ["$.touchpoint: a field that was not known"]
    narrower = copy.deepcopy(old)
    narrower["$defs"]["Survey"]["properties"]["score"]["maximum"] = 4
    assert broken(old, narrower, tolerant=False) == ["$.score: maximum 5 where 4 was the limit"]
