"""A warning as an HTTP request: its attributes where CloudEvents has them, its bytes untouched."""

import base64
import json

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from hypothesis import given
from hypothesis import strategies as st

from streams.broker.headers import Header
from streams.tools.webhook.http_event import NotAnEventError, Style, http_event

ATTRIBUTES: list[Header] = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"ab12.churn.1.3"),
    ("ce_type", b"bank.customer.warning.risk.v1"),
    ("ce_source", b"/ebbwatch/production"),
    ("ce_rule", b"churn"),
]
CONTENT: Header = ("content-type", b"application/json; charset=utf-8")


def test_binary_mode_has_the_attributes_as_headers_and_the_value_as_it_is() -> None:
    sent = http_event([*ATTRIBUTES, CONTENT], b'{"score": 1.10}', Style.BINARY)
    assert sent.body == b'{"score": 1.10}'
    assert sent.headers["content-type"] == "application/json; charset=utf-8"
    assert sent.headers["ce-rule"] == "churn"
    assert sent.id == sent.headers["ce-id"] == "ab12.churn.1.3"


def test_structured_mode_is_one_json_whose_numbers_are_written_as_they_were() -> None:
    sent = http_event([*ATTRIBUTES, CONTENT], b'{"score": 1.10}', Style.STRUCTURED)
    assert sent.headers == {"content-type": "application/cloudevents+json"}
    assert b'"data":{"score": 1.10}' in sent.body
    assert json.loads(sent.body)["type"] == "bank.customer.warning.risk.v1"


@pytest.mark.parametrize("style", Style)
def test_others_read_it_as_a_cloud_event(style: Style) -> None:
    sent = http_event([*ATTRIBUTES, CONTENT], b'{"score": 1.10}', style)
    event = from_http_event(HTTPMessage(dict(sent.headers), sent.body))
    assert (event.get_id(), event.get_source()) == ("ab12.churn.1.3", "/ebbwatch/production")
    assert event.get_extension("rule") == "churn"
    assert event.get_data() == {"score": 1.1}


def test_what_is_no_json_goes_as_base64() -> None:
    body = json.loads(http_event(ATTRIBUTES, b"\xff\x00", Style.STRUCTURED).body)
    assert base64.b64decode(body["data_base64"]) == b"\xff\x00"
    assert "data" not in body


@given(st.text(max_size=40))
def test_no_attribute_can_break_out_of_its_header(text: str) -> None:
    named = [*ATTRIBUTES, ("ce_rule", text.encode("utf-8", "ignore"))]
    value = http_event(named, b"{}", Style.BINARY).headers["ce-rule"]
    assert value.isascii()
    assert not set(value) & set(' "\r\n\0')


@pytest.mark.parametrize("name", ["ce_specversion", "ce_id", "ce_type", "ce_source"])
def test_a_message_without_a_required_attribute_is_no_event(name: str) -> None:
    rest = [header for header in ATTRIBUTES if header[0] != name]
    with pytest.raises(NotAnEventError, match=name):
        http_event(rest, b"{}", Style.BINARY)


@pytest.mark.parametrize("header", [("ce_id", b"\xff"), ("content-type", b"\xff")])
def test_a_header_that_is_no_text_makes_no_event(header: Header) -> None:
    with pytest.raises(NotAnEventError, match=header[0]):
        http_event([*ATTRIBUTES, header], b"{}", Style.STRUCTURED)
