"""docs/events.md: every event and message, field by field, as the contracts state them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from schemas import EXAMPLES
from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.export import json_schemas
from streams.config import Settings

HEAD: Final = """\
# Events and messages

Written by `python -m ebbwatch.cli.reference events > docs/events.md`; a test holds it to the
contracts, which as JSON Schema are in [schemas/json](../schemas/json).

One JSON object a record, in UTF-8. What is optional is left out where it is not known; null,
unknown fields and values of another type are refused, and such a record goes to `<topic>.dlq`.
Topics are named here as they are without settings ([settings.md](settings.md)).

What every event carries is told once:
"""
FROM_CUSTOMERS: Final = {
    "transaction": "transaction_topic",
    "interaction": "interaction_topic",
    "outcome": "outcome_topic",
}
PUBLISHED: Final = {
    "early_warning": ("Warnings", ("risk_topic", "relationship_topic")),
    "customer_case": ("Cases", ("case_topic",)),
    "customer_score": ("Scores", ("score_topic",)),
    "desk_assignment": ("The desk's day", ("assignment_topic",)),
}
MOST: Final = 12  # values of a choice that are told one by one
COMMON: Final = ("event_id", "customer_id", "event_time", "source", "type")
Schema = Mapping[str, Any]


def page() -> str:
    """The whole page."""
    schemas, settings = json_schemas(), Settings.model_construct()
    first = next(iter(schemas["transaction"]["$defs"].values()))
    parts = [HEAD, *_table(first, schemas["transaction"], COMMON[:-1])]
    for name, topic in FROM_CUSTOMERS.items():
        parts += ["", f"## {getattr(settings, topic)}", ""]
        parts += _events(schemas[name])
    for name, (title, topics) in PUBLISHED.items():
        where = " and ".join(f"`{getattr(settings, topic)}`" for topic in topics)
        parts += ["", f"## {title}", "", f"On {where}. {_told(schemas[name])}", ""]
        parts += _message(schemas[name])
    dead = schemas["dead_letter"]
    parts += ["", "## Dead letters", "", f"On `<topic>.dlq`. {_told(dead)}", "", *_message(dead)]
    return "\n".join(parts) + "\n"


def _events(contract: Schema) -> Iterator[str]:
    for each in contract["oneOf"]:
        of = _resolved(each, contract)
        kind = of["properties"]["type"]["const"]
        own = [name for name in of["properties"] if name not in COMMON]
        yield from (f"### {kind}", "", _told(of), "")
        if own:
            yield from (*_table(of, contract, own), "")
        yield from ("```json", json.dumps({**EXAMPLES, **OUTCOME_EXAMPLES}[kind]), "```", "")


def _message(contract: Schema) -> Iterator[str]:
    """A message's fields, and those of the objects within."""
    yield from _table(contract, contract, list(contract["properties"]))
    for name, of in contract.get("$defs", {}).items():
        if "properties" in of:
            yield from ("", f"**{name}**: {_told(of)}", "")
            yield from _table(of, contract, list(of["properties"]))


def _table(of: Schema, whole: Schema, names: Sequence[str]) -> Iterator[str]:
    yield from ("| field | is | meaning |", "|---|---|---|")
    for name in names:
        field = of["properties"][name]
        seen = _resolved(field, whole)
        need = "" if name in of.get("required", ()) else ", optional"
        told = field.get("description") or seen.get("description", "")
        yield f"| `{name}` | {_kind(field, whole)}{need} | {_line(told)} |"


def _kind(field: Schema, whole: Schema) -> str:
    """What a value may be, in words."""
    options = [_kind(each, whole) for each in field.get("anyOf", ())]
    if options:
        return " or ".join(options)
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return name if "properties" in whole["$defs"][name] else _kind(whole["$defs"][name], whole)
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        given = field["enum"]
        named = ", ".join(f"`{each}`" for each in given)
        return named if len(given) <= MOST else f"one of {len(given)} codes"
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}), whole)}"
    kind = {"null": "null", "date-time": "time"}.get(
        field.get("format", field.get("type", "")), field.get("type", "any JSON value")
    )
    return f"{kind}{_bounds(field)}"


def _bounds(field: Schema) -> str:
    lowest = field.get("minimum", field.get("exclusiveMinimum"))
    highest = field.get("maximum", field.get("exclusiveMaximum"))
    above = "above " if "exclusiveMinimum" in field else ""
    if lowest is not None and highest is not None:
        return f" {above}{lowest:,} to {highest:,}"
    if lowest is not None:
        return f" {above or 'from '}{lowest:,}"
    if "maxLength" in field:
        return f" up to {field['maxLength']} characters"
    return ""


def _resolved(field: Schema, whole: Schema) -> Schema:
    return whole["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else field


def _told(of: Schema) -> str:
    return _line(of.get("description", ""))


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
