"""A Kafka message as the HTTP request that carries it (CloudEvents 1.0, HTTP protocol binding)."""

import base64
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import quote

from streams.broker.headers import Header

PREFIX: Final = "ce_"  # of an attribute's Kafka header
STRUCTURED: Final = "application/cloudevents+json"
REQUIRED: Final = ("specversion", "id", "type", "source")
# Section 3.1.3.2: printable ASCII stands as it is, but for space, double quote and per cent.
_AS_IT_IS: Final = "".join(map(chr, range(0x21, 0x7F))).replace('"', "").replace("%", "")


class Style(StrEnum):
    """Where an event's attributes stand: in headers beside its JSON, or in one JSON around it."""

    BINARY = "binary"
    STRUCTURED = "structured"


class NotAnEventError(ValueError):
    """A message is no CloudEvent, so that no receiver could know it again."""


class HttpEvent(NamedTuple):
    """A request's parts.

    Attributes:
        id: of the event, the same whenever it is sent.
        headers: all but the signature's.
        body: as it is sent.
    """

    id: str
    headers: Mapping[str, str]
    body: bytes


def http_event(headers: Iterable[Header], value: bytes, style: Style) -> HttpEvent:
    """Make the request of a message.

    Args:
        headers: of the message, in binary mode (Kafka protocol binding, section 3.2).
        value: of the message.
        style: of the request.

    Raises:
        NotAnEventError: a required attribute is missing, or no text.

    >>> told = [("ce_specversion", b"1.0"), ("ce_id", b"7"), ("ce_type", b"t"), ("ce_source", b"/")]
    >>> http_event(told, b"{}", Style.BINARY).headers["ce-id"]
    '7'
    >>> http_event(told, b"{}", Style.STRUCTURED).body
    b'{"specversion":"1.0","id":"7","type":"t","source":"/","data":{}}'
    """
    attributes, content = _attributes(headers)
    if style is Style.STRUCTURED:
        return HttpEvent(
            attributes["id"], {"content-type": STRUCTURED}, _enveloped(attributes, content, value)
        )
    named = {f"ce-{name}": quote(text, safe=_AS_IT_IS) for name, text in attributes.items()}
    return HttpEvent(attributes["id"], {**named, "content-type": content}, value)


def _attributes(headers: Iterable[Header]) -> tuple[dict[str, str], str]:
    found: dict[str, str] = {}
    content = "application/json"
    for name, value in headers:
        try:
            if name.startswith(PREFIX):
                found[name.removeprefix(PREFIX)] = value.decode()
            elif name == "content-type":
                content = quote(value.decode(), safe=_AS_IT_IS + " ")
        except UnicodeDecodeError as error:
            raise NotAnEventError(f"header {name}: expected UTF-8") from error
    missing = [f"{PREFIX}{name}" for name in REQUIRED if not found.get(name)]
    if missing:
        raise NotAnEventError(f"headers: expected a CloudEvent's, got none of {missing}")
    return found, content


def _enveloped(attributes: Mapping[str, str], content: str, value: bytes) -> bytes:
    """The JSON format (section 3): the data's own bytes, so that no number is written otherwise."""
    try:
        json.loads(value)
        told, data = attributes, b'"data":' + value
    except ValueError:
        told = {**attributes, "datacontenttype": content}
        data = b'"data_base64":"' + base64.b64encode(value) + b'"'
    opened = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
    return opened + b"," + data + b"}"
