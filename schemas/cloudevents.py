"""Kafka headers of the CloudEvents 1.0 Kafka binding, binary mode."""

from typing import Final, NamedTuple, TypeAlias

from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment
from schemas.outputs.messages import CustomerScore, EarlyWarning

SPECIFICATION: Final = ("ce_specversion", b"1.0")
CONTENT: Final = ("content-type", b"application/json")
Published: TypeAlias = EarlyWarning | CustomerCase | DeskAssignment | CustomerScore


def cloud_event_headers(event: Published, source: str) -> list[tuple[str, bytes]]:
    """Return the headers under which an event's JSON is published.

    `ce_id` is the same after any replay: warning or case and sequence, or customer and instant. An
    assignment's is its case's with a sequence of its own: its source is to be another.

    Args:
        event: What is published.
        source: URI reference of the publishing installation, such as `/ebbwatch/production`.
    """
    return headers_of(*attributes(event), source)


class Own(NamedTuple):
    """Attributes that an event has of its own."""

    id: str
    time: str


class Shared(NamedTuple):
    """Attributes that many events have alike.

    Attributes:
        type: of the event.
        extensions: names and values by which a consumer can filter without reading the JSON.
    """

    type: str
    extensions: tuple[tuple[str, str], ...]


def attributes(event: Published) -> tuple[Own, Shared]:
    """The CloudEvents attributes of an event."""
    time = event.event_time.isoformat()
    return Own(_id(event, time), time), Shared(_type(event), _extensions(event))


def headers_of(own: Own, shared: Shared, source: str) -> list[tuple[str, bytes]]:
    """The headers that say these attributes."""
    return [
        SPECIFICATION,
        ("ce_id", own.id.encode()),
        ("ce_type", shared.type.encode()),
        ("ce_source", source.encode()),
        ("ce_time", own.time.encode()),
        CONTENT,
        *((f"ce_{name}", text.encode()) for name, text in shared.extensions),
    ]


def _extensions(event: Published) -> tuple[tuple[str, str], ...]:
    if isinstance(event, CustomerScore):
        return ()
    own = ("rule", event.rule) if isinstance(event, EarlyWarning) else ("status", event.status)
    return own, ("band", event.band), ("route", event.route)


def _id(event: Published, time: str) -> str:
    if isinstance(event, EarlyWarning):
        return f"{event.warning_id}.{event.sequence}"
    if isinstance(event, CustomerCase | DeskAssignment):
        return f"{event.case_id}.{event.sequence}"
    return f"{event.customer_id}.{time}"


def _type(event: Published) -> str:
    if isinstance(event, EarlyWarning):
        return f"bank.customer.warning.{event.route}.v1"
    if isinstance(event, CustomerCase):
        return "bank.customer.case.v1"
    if isinstance(event, DeskAssignment):
        return "bank.desk.assignment.v1"
    return "bank.customer.score.v1"
