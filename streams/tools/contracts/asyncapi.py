"""An AsyncAPI 3 document of the topics: what may be sent, what is published, in which shape.

`python -m streams.tools.contracts.asyncapi` writes the committed one.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from schemas.export import rendered, shared_schemas
from streams.broker.topics import TopicSpec, topic_specs
from streams.config import Settings, dead_letter_topic

Document = dict[str, Any]

BINDING: Final = "0.5.0"  # of Kafka, which the document's `bindings` follow
_SCHEMAS: Final = "#/components/schemas/{model}"
_JSON: Final = "application/json"
_KEY: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": 64,
    "description": "The customer's id; it decides the partition.",
}
# Channel, contract and what it is for; an output's `ce_type` is worked out from the event.
_INPUTS: Final = (
    ("transaction", "Card transactions and what belongs to an account's money."),
    ("interaction", "What customers do beside paying, and what becomes of their accounts."),
    ("outcome", "What became of warnings and cases: answers of people who worked them."),
)
_OUTPUTS: Final = (
    ("risk", "early_warning", "Early warnings of the route risk."),
    ("relationship", "early_warning", "Early warnings of the route relationship."),
    ("case", "customer_case", "Each customer's one case; compacted, a null value erases."),
    ("score", "customer_score", "Each customer's last scores; compacted, a null value erases."),
    ("assignment", "desk_assignment", "Cases handed out to officers; compacted, from the desk."),
)
CONTRACT_OF: Final[Mapping[str, str]] = MappingProxyType(  # by channel
    {**{name: name for name, _ in _INPUTS}, **{name: of for name, of, _ in _OUTPUTS}}
)
_TEXT: Final = {"type": "string"}
_CLOUD_EVENTS: Final = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": _TEXT | {"description": "The same after any replay."},
    "ce_type": _TEXT | {"description": "Such as `bank.customer.case.v1`."},
    "ce_source": _TEXT | {"description": "URI reference of the installation."},
    "ce_time": _TEXT | {"format": "date-time"},
    "content-type": {"const": _JSON},
}
_ERRORS: Final = {
    f"__streams.errors.{name}": _TEXT | {"description": what}
    for name, what in (
        ("exception", "The reason's name, such as `no_rate`."),
        ("message", "Where, expected, got."),
        ("topic", "Where the record stood."),
        ("partition", "Where the record stood."),
        ("offset", "Where the record stood."),
    )
}


def asyncapi(settings: Settings) -> Document:
    """Describe an installation's topics.

    Args:
        settings: names, counts and retention.

    Raises:
        ValueError: two topics have the same name.
    """
    payloads, shared = shared_schemas(_SCHEMAS)
    specs = {spec.name: spec for spec in topic_specs(settings)}
    channels, operations, messages = {}, {}, {}
    for name, told in _INPUTS:
        topic = getattr(settings, f"{name}_topic")
        dead = dead_letter_topic(topic)
        channels[name] = _channel(specs[topic], name, told)
        operations[f"receive_{name}"] = _operation("receive", name, name)
        messages[name] = _message(name, told, payload=payloads[name])
        channels[f"{name}_dead"] = _channel(specs[dead], "dead_letter", f"Not used: {told}")
        operations[f"send_{name}_dead"] = _operation("send", f"{name}_dead", "dead_letter")
    for name, contract, told in _OUTPUTS:
        channels[name] = _channel(specs[getattr(settings, f"{name}_topic")], contract, told)
        operations[f"send_{name}"] = _operation("send", name, contract)
        headers = _headers(_CLOUD_EVENTS, _CLOUD_EVENTS)
        messages[contract] = _message(contract, told, payload=payloads[contract], headers=headers)
    messages["dead_letter"] = {
        **_message("dead_letter", "A record as it came, and why it is of no use."),
        "contentType": "application/octet-stream",
        "headers": _headers(_ERRORS, ()),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ebbwatch",
            "version": version("ebbwatch"),
            "description": "Early warnings of card customers who are about to leave.",
        },
        "defaultContentType": _JSON,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": _plain(shared)},
    }


def write(settings: Settings, folder: Path) -> Path:
    """Write the document into a folder, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "asyncapi.json"
    path.write_text(rendered(asyncapi(settings)), encoding="utf-8")
    return path


def _channel(spec: TopicSpec, message: str, told: str) -> Document:
    wanted = spec.configs
    configured = {
        "cleanup.policy": wanted["cleanup.policy"].split(","),
        **({"retention.ms": int(wanted["retention.ms"])} if "retention.ms" in wanted else {}),
    }
    kafka = {
        "topic": spec.name,
        "partitions": spec.partitions,
        "replicas": spec.replication,
        "topicConfiguration": configured,
        "bindingVersion": BINDING,
    }
    return {
        "address": spec.name,
        "description": told,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"kafka": kafka},
    }


def _operation(action: str, channel: str, message: str) -> Document:
    place = f"#/channels/{channel}"
    return {
        "action": action,
        "channel": {"$ref": place},
        "messages": [{"$ref": f"{place}/messages/{message}"}],
    }


def _message(name: str, told: str, **more: Document) -> Document:
    kafka = {"key": _KEY, "bindingVersion": BINDING}
    parts = {part: _plain(schema) for part, schema in more.items()}
    return {
        "name": name,
        "summary": told,
        "contentType": _JSON,
        **parts,
        "bindings": {"kafka": kafka},
    }


def _headers(fields: Mapping[str, Document], required: Iterable[str]) -> Document:
    return {"type": "object", "properties": dict(fields), "required": [*required]}


def _plain(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A schema as AsyncAPI has it: there `discriminator` is a name, and `type` tells one anyhow."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = {"discriminator"} if "oneOf" in schema else set()
    return {name: _plain(value) for name, value in schema.items() if name not in dropped}


if __name__ == "__main__":
    write(Settings(), Path(__file__).parents[3] / "docs")
