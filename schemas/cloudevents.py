"""Kafka headers of the CloudEvents 1.0 Kafka binding, binary mode."""

from schemas.outputs import CustomerScore, EarlyWarning


def cloud_event_headers(
    event: EarlyWarning | CustomerScore, source: str
) -> list[tuple[str, bytes]]:
    """Return the headers under which an event's JSON is published.

    `ce_id` is the same after any replay: warning and sequence, or customer and instant.

    Args:
        event: What is published.
        source: URI reference of the publishing installation, such as `/ebbwatch/production`.
    """
    time = event.event_time.isoformat()
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": _id(event, time),
        "ce_type": _type(event),
        "ce_source": source,
        "ce_time": time,
        "content-type": "application/json",
        **_extensions(event),
    }
    return [(name, text.encode()) for name, text in attributes.items()]


def _extensions(event: EarlyWarning | CustomerScore) -> dict[str, str]:
    """Extension attributes, by which a consumer can filter without reading the JSON."""
    if not isinstance(event, EarlyWarning):
        return {}
    named = {"rule": event.rule, "band": event.band, "route": event.route}
    return {f"ce_{name}": text for name, text in named.items()}


def _id(event: EarlyWarning | CustomerScore, time: str) -> str:
    if isinstance(event, EarlyWarning):
        return f"{event.warning_id}.{event.sequence}"
    return f"{event.customer_id}.{time}"


def _type(event: EarlyWarning | CustomerScore) -> str:
    if isinstance(event, EarlyWarning):
        return f"bank.customer.warning.{event.route}.v1"
    return "bank.customer.score.v1"
