"""A real worker's spans, on a real Kafka and Redis; and endpoints that are no help."""

import time
from collections.abc import Callable
from itertools import chain

import pytest
from harness import Worker, await_that, make_settings, unused_port
from otlp_server import Manner, about, collecting
from portfolio import portfolio
from traces import as_messages, ends, is_done, samples, warnings_by_id, write

from ebbwatch.stack import Stack
from streams.config import Settings


def fed(stack: Stack, prefix: str, endpoint: str) -> Settings:
    settings = make_settings(
        stack, prefix, traces_endpoint=endpoint, metrics_port=unused_port(), batch_records=100
    )
    log = portfolio(60, seed=7)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))
    return settings


def test_spans_nest_and_no_byte_names_anybody(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    log = portfolio(60, seed=7)
    with collecting() as collector:
        settings = fed(stack, topic_prefix, collector.endpoint)
        upto = ends(settings)
        worker = start(settings)
        await_that("all applied", lambda: is_done(settings, upto), worker)
        assert worker.stop() == 0, worker.tail()
    turns = {span.span_id: span for span in collector.named("turn")}
    relays = collector.named("relay")
    parts = [span for span in collector.spans if span.span_id not in turns and span not in relays]
    events = list(chain(log.transactions, log.interactions))
    assert sum(about(turn)["ebbwatch.events"] for turn in turns.values()) == len(events)
    assert {about(turn)["ebbwatch.partition"] for turn in turns.values()} == {0, 1, 2, 3}
    assert {span.name for span in parts} == {"decode", "load", "step", "commit"}
    assert all(span.parent_span_id in turns for span in parts)
    assert all(not span.parent_span_id for span in [*turns.values(), *relays])
    # The relay may be ahead of the sequencer's own hearing of its commit, so not each is linked.
    assert {link.span_id for relay in relays for link in relay.links} <= turns.keys()
    assert any(relay.links for relay in relays)
    rises = sum(about(turn)["ebbwatch.warnings"] for turn in turns.values())
    assert 0 < rises <= len(warnings_by_id(settings))  # which also tell what cleared
    sent = b"".join(collector.bodies)
    ids = {event[name] for event in events for name in ("customer_id", "event_id", "card_id")
           if name in event}  # fmt: skip
    assert not [each for each in ids if each.encode() in sent]
    assert b"customer-" not in sent


@pytest.mark.parametrize("manner", ["hangs", "refuses", "is away"])
def test_an_endpoint_that_is_no_help_delays_nothing(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker], manner: str
) -> None:
    serving: Manner = "refuses" if manner == "refuses" else "hangs"
    with collecting(serving) as collector:
        away = f"http://127.0.0.1:{unused_port()}"
        endpoint = away if manner == "is away" else collector.endpoint
        settings = fed(stack, topic_prefix, endpoint)
        upto = ends(settings)
        worker = start(settings)
        await_that("all applied", lambda: is_done(settings, upto), worker)
        if manner == "refuses":
            outcome = (("outcome", "refused"),)
            counted = lambda: samples(settings, "ebbwatch_spans_total")[outcome]  # noqa: E731
            await_that("counted", counted, worker)
        began = time.monotonic()
        assert worker.stop() == 0, worker.tail()
        assert time.monotonic() - began < 8.0  # and is not ended by force
    assert "left_undone" not in worker.log.read_text()
