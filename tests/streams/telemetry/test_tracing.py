"""Spans of partitions: what they tell, and that nothing of a customer is in them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fakes import Flaky, sequenced
from otlp_server import Collector, about, collecting
from prometheus_client import CollectorRegistry
from pydantic import ValidationError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from stream_events import event

from streams.config import Settings
from streams.telemetry import sending
from streams.telemetry.metrics import Metrics
from streams.telemetry.sending import TracingError
from streams.telemetry.spans import NO_TRACE, NoTracing, tracing
from streams.telemetry.tracing import Tracing

LOG = [*(event("purchase", day, customer="jane-doe") for day in range(0, 60, 3)),
       event("purchase", 200, customer="john-roe")]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_TRACES_SAMPLER", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def traced(collector: Collector, metrics: Metrics | None = None) -> AsyncIterator[Tracing]:
    """Traces that are all sent once the block is left."""
    made = Tracing(collector.endpoint, metrics or Metrics(CollectorRegistry()))
    yield made
    await made.close()


async def one_turn(made: NoTracing, store: Flaky | None = None) -> None:
    """A partition's whole log in one turn."""
    with made.of(0).turn():
        await sequenced(LOG, store=store, tracing=made)


async def test_a_turn_tells_its_counts_and_holds_its_parts() -> None:
    with collecting() as collector:
        async with traced(collector) as made:
            await one_turn(made)
        (turn,) = collector.named("turn")
        told = about(turn)
        parts = [span for span in collector.spans if span.parent_span_id == turn.span_id]
    assert set(collector.asked) == {"/v1/traces"}
    assert told["ebbwatch.events"] == len(LOG)
    assert told["ebbwatch.customers"] == 2
    assert told["ebbwatch.warnings"] > 0
    assert (told["ebbwatch.partition"], told["ebbwatch.offset.transactions"]) == (0, len(LOG))
    assert told["ebbwatch.parameters"]
    assert {span.name for span in parts} == {"decode", "load", "step", "commit"}
    assert all(turn.start_time_unix_nano <= span.start_time_unix_nano for span in parts)
    assert all(span.end_time_unix_nano <= turn.end_time_unix_nano for span in parts)
    assert {span.trace_id for span in parts} == {turn.trace_id}
    (resource,) = {about(each.resource)["service.name"] for each in collector.resources}
    assert resource == "ebbwatch-worker"


async def test_no_byte_names_a_customer_an_event_or_a_card() -> None:
    with collecting() as collector:
        async with traced(collector) as made:
            await one_turn(made)
    sent = b"".join(collector.bodies)
    assert b"ebbwatch.partition" in sent
    assert not [name for name in (b"jane", b"john", b"card", b"5411", b"50.00") if name in sent]


async def test_a_turn_that_commits_nothing_is_not_told() -> None:
    with collecting() as collector:
        async with traced(collector) as made:
            await sequenced(LOG, tracing=made)  # outside of any turn
            with made.of(0).turn():
                pass
    assert collector.spans == []


async def test_what_was_tried_again_is_told_by_its_code_without_its_text() -> None:
    refused = ResponseError("MISCONF Errors of jane-doe")
    store = Flaky([refused, RedisConnectionError("jane-doe")])
    with collecting() as collector:
        async with traced(collector) as made:
            await one_turn(made, store)
        spans = [span for span in collector.spans if span.events]
        events = [about(each) for span in spans for each in span.events]
    assert {span.name for span in spans} == {"load"}
    assert events[0] == {"error.type": "MISCONF", "db.response.status_code": "MISCONF"}
    assert events[1] == {"error.type": "ConnectionError"}
    assert not any(span.status.code for span in spans)  # it ended well
    assert b"jane" not in b"".join(collector.bodies)


async def test_an_error_that_ends_a_turn_is_told_with_the_reply_s_code() -> None:
    store = Flaky([ResponseError("WRONGTYPE of jane-doe")])
    with collecting() as collector:
        async with traced(collector) as made:
            with pytest.raises(ResponseError):
                await one_turn(made, store)
        failed = {span.name: about(span) for span in collector.spans if span.status.code == 2}
    assert failed.keys() == {"turn", "load"}
    assert failed["load"]["db.response.status_code"] == "WRONGTYPE"
    assert failed["turn"]["error.type"] == "WRONGTYPE"
    assert b"jane" not in b"".join(collector.bodies)


async def test_a_publication_is_linked_to_the_turns_whose_messages_it_ends() -> None:
    with collecting() as collector:
        async with traced(collector) as made:
            trace = made.of(3)
            trace.stood(10)
            for messages in (2, 0, 3):
                with trace.turn():
                    trace.committed(lambda n=messages: {"messages": n}, {}, "v")
            with pytest.raises(OSError, match="away"), trace.relaying(4, 14):
                raise OSError("away")
            for upto in (14, 15):
                with trace.relaying(4, upto):
                    pass
        turns, relays = collector.named("turn"), collector.named("relay")
    linked = [[link.span_id for link in relay.links] for relay in relays]
    first, _, third = (turn.span_id for turn in turns)
    assert linked == [[first], [first], [third]]
    assert [relay.status.code for relay in relays] == [2, 0, 0]
    assert about(relays[1])["ebbwatch.messages"] == 4


async def test_sampling_is_by_opentelemetry_s_own_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    with collecting() as collector:
        async with traced(collector) as made:
            await one_turn(made)
    assert collector.spans == []


async def test_spans_are_counted_by_what_became_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "QUEUE", 512)
    for manner, outcome in (("takes", "sent"), ("refuses", "refused")):
        metrics = Metrics(CollectorRegistry())
        with collecting(manner) as collector:  # type: ignore[arg-type]
            async with traced(collector, metrics) as made:
                await one_turn(made)
        value = metrics.registry.get_sample_value("ebbwatch_spans_total", {"outcome": outcome})
        assert value
        assert value > 4


async def test_a_server_that_hangs_costs_no_time_and_what_has_no_room_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "QUEUE", 512)
    metrics = Metrics(CollectorRegistry())
    with collecting("hangs") as collector:
        made = Tracing(collector.endpoint, metrics)
        publish(made, 512)
        async with asyncio.timeout(60):
            while not collector.asked:  # noqa: ASYNC110 - the server is a thread's
                await asyncio.sleep(0.01)
        began = time.monotonic()
        publish(made, 600)  # of which 512 fit
        assert time.monotonic() - began < 5.0
        began = time.monotonic()
        await made.close()
        assert time.monotonic() - began < 3.0
    dropped = metrics.registry.get_sample_value("ebbwatch_spans_total", {"outcome": "dropped"})
    assert dropped == 88


def publish(made: Tracing, times: int) -> None:
    for upto in range(times):
        with made.of(0).relaying(1, upto):
            pass


async def test_off_it_is_one_object_that_does_nothing() -> None:
    off = tracing(None, Metrics(CollectorRegistry()))
    assert type(off) is NoTracing
    assert off.of(0) is off.of(1) is NO_TRACE
    NO_TRACE.committed(lambda: pytest.fail("asked for figures"), {}, "v")
    await off.close()


def test_a_variable_that_cannot_be_used_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "-1")
    with pytest.raises(TracingError, match="OTEL_"):
        tracing("http://127.0.0.1:1", Metrics(CollectorRegistry()))


@pytest.mark.parametrize(
    "endpoint",
    ["", "collector:4318", "grpc://collector:4317", "http://", "http://c:4318/?a=b",
     "http://user:hush@collector:4318", "http://[::1:4318"],
)  # fmt: skip
def test_an_endpoint_that_is_no_plain_address_is_refused(endpoint: str) -> None:
    with pytest.raises(ValidationError, match="traces_endpoint") as refused:
        Settings(traces_endpoint=endpoint)
    assert "hush" not in str(refused.value)
