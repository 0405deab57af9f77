import json

import pytest
from driving import checked

from ebbwatch.demo.events.cdnow import CUSTOMERS, ROWS, purchases
from ebbwatch.demo.events.log import messages, synthetic
from ebbwatch.demo.events.personas import PERSONAS
from streams.config import Settings


@pytest.fixture(scope="module")
def events() -> list[dict[str, object]]:
    return purchases()


def test_the_log_is_whole(events: list[dict[str, object]]) -> None:
    assert len(events) == ROWS == 69_659
    assert len({event["customer_id"] for event in events}) == CUSTOMERS == 23_570
    assert len({event["event_id"] for event in events}) == ROWS


def test_the_log_keeps_what_the_file_says(events: list[dict[str, object]]) -> None:
    by_id = {event["event_id"]: event for event in events}
    third = by_id["CDNOW_master.txt:3"]
    assert third["customer_id"] == "cdnow-00002"
    assert third["event_time"] == "1997-01-12T00:00:00Z"
    assert third["amount"] == 7_700
    assert sum(event["amount"] == 0 for event in events) == 80


def test_the_log_is_in_event_time_order(events: list[dict[str, object]]) -> None:
    times = [str(event["event_time"]) for event in events]
    assert times == sorted(times)
    assert (times[0], times[-1]) == ("1997-01-01T00:00:00Z", "1998-06-30T00:00:00Z")


def test_every_event_keeps_its_contract(events: list[dict[str, object]]) -> None:
    whole = [*events, *synthetic()]
    assert len(checked(whole)) == len(whole)


def test_messages_are_keyed_by_customer_and_ordered_in_each_topic() -> None:
    settings = Settings()
    by_topic = messages(settings)
    assert set(by_topic) == set(settings.input_topics)
    assert sum(map(len, by_topic.values())) == ROWS + len(synthetic())
    for written in by_topic.values():
        parsed = [json.loads(message.value) for message in written]
        assert [event["customer_id"].encode() for event in parsed] == [m.key for m in written]
        times = [event["event_time"] for event in parsed]
        assert times == sorted(times)


def test_four_synthetic_customers_are_added() -> None:
    names = {event["customer_id"] for event in synthetic()}
    assert names == {persona.name for persona in PERSONAS}
    assert all(name.startswith("persona-") for name in names)
