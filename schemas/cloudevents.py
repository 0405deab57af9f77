"""Kafka headers of the CloudEvents 1.0 Kafka binding, binary mode."""

from typing import Final, TypeAlias

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
    time = event.event_time.isoformat()
    return [
        SPECIFICATION,
        ("ce_id", _id(event, time).encode()),
        ("ce_type", _type(event).encode()),
        ("ce_source", source.encode()),
        ("ce_time", time.encode()),
        CONTENT,
        *_extensions(event),
    ]


def _extensions(event: Published) -> list[tuple[str, bytes]]:
    """Extension attributes, by which a consumer can filter without reading the JSON."""
    if isinstance(event, CustomerScore):
        return []
    own = ("rule", event.rule) if isinstance(event, EarlyWarning) else ("status", event.status)
    named = ((f"ce_{own[0]}", own[1]), ("ce_band", event.band), ("ce_route", event.route))
    return [(name, text.encode()) for name, text in named]


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
