"""JSON Schema of every contract; `python -m schemas.export` writes the committed files."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from schemas.events.interactions import Interaction
from schemas.events.outcomes import CustomerOutcome
from schemas.events.transactions import Transaction
from schemas.outputs.cases import CustomerCase
from schemas.outputs.dead_letters import DeadLetter
from schemas.outputs.desk import DeskAssignment
from schemas.outputs.messages import CustomerScore, EarlyWarning

FOLDER = Path(__file__).parent / "json"
"""Where the generated files are committed."""

_Mode = Literal["validation", "serialization"]

_CONTRACTS: Mapping[str, tuple[Any, _Mode]] = MappingProxyType(
    {
        "transaction": (Transaction, "validation"),
        "interaction": (Interaction, "validation"),
        "outcome": (CustomerOutcome, "validation"),
        "early_warning": (EarlyWarning, "serialization"),
        "customer_case": (CustomerCase, "serialization"),
        "desk_assignment": (DeskAssignment, "serialization"),
        "customer_score": (CustomerScore, "serialization"),
        "dead_letter": (DeadLetter, "serialization"),
    }
)


class _Described(GenerateJsonSchema):
    """Describes constants too, so that no field is without a word."""

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        described = super().literal_schema(schema)
        if "const" in described:
            described["description"] = f"Always `{described['const']}`."
        return described


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (draft 2020-12) of every contract by its name."""
    return {name: _schema(name, *contract) for name, contract in _CONTRACTS.items()}


def shared_schemas(reference: str) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The same contracts for a document that holds all of them.

    Args:
        reference: a definition's place in that document, such as `#/components/schemas/{model}`.

    Returns:
        The schema of every contract by its name, and the definitions that they share.
    """
    schemas, shared = TypeAdapter.json_schemas(
        [(name, mode, TypeAdapter(of)) for name, (of, mode) in _CONTRACTS.items()],
        schema_generator=_Described,
        ref_template=reference,
    )
    return {name: schema for (name, _), schema in schemas.items()}, shared["$defs"]


def write(folder: Path = FOLDER) -> list[Path]:
    """Write a `.schema.json` file per contract into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in json_schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(rendered(schema), encoding="utf-8")
        written.append(path)
    return written


def rendered(schema: Mapping[str, Any]) -> str:
    """Return a schema as the text that is committed."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _schema(name: str, contract: Any, mode: _Mode) -> dict[str, Any]:  # noqa: ANN401
    generated = TypeAdapter(contract).json_schema(mode=mode, schema_generator=_Described)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:ebbwatch:{name}:v1",
        **generated,
    }


if __name__ == "__main__":
    write()
