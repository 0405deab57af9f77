"""Traces by OpenTelemetry: a span for each turn of a partition, with its parts as children.

Counts, offsets and codes are told, never an id or an amount.
"""

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from time import time_ns
from typing import Final, TypeVar

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, StatusCode, Tracer, set_span_in_context
from prometheus_client import Histogram

from streams.retry import code, persist
from streams.telemetry.metrics import Metrics
from streams.telemetry.sending import provider, shut
from streams.telemetry.spans import NoTrace, NoTracing

T = TypeVar("T")
LINKS: Final = 100  # turns told of with one publication, at most


class Trace(NoTrace):
    """One partition's spans.

    Args:
        partition: its number.
        tracer: makes them.
    """

    def __init__(self, partition: int, tracer: Tracer) -> None:
        self._tracer, self._about = tracer, {"ebbwatch.partition": partition}
        self._turn: Span | None = None
        self._parts: list[tuple[Span, int]] = []
        self._counts: Counter[str] = Counter()
        self._outbox, self._unpublished = 0, deque[tuple[int, SpanContext]](maxlen=LINKS)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """See `NoTrace.turn`; spans are told when they end, and these end with their turn if so."""
        turn = self._tracer.start_span("turn", Context(), attributes=self._about)
        self._turn = turn if turn.is_recording() else None
        self._parts, self._counts, failed = [], Counter(), False
        try:
            with _failing(turn):
                yield
        except Exception:
            failed = True
            raise
        finally:
            self._turn = None
            if self._counts or failed:
                for part, ended in self._parts:
                    part.end(ended)
                turn.end()

    @contextmanager
    def part(self, name: str, timer: Histogram, **told: str) -> Iterator[Span | None]:
        """See `NoTrace.part`."""
        with timer.time():
            if self._turn is None:
                yield None
                return
            about = {f"ebbwatch.{key}": value for key, value in told.items()}
            within = set_span_in_context(self._turn, Context())
            span = self._tracer.start_span(name, within, attributes=about)
            try:
                with _failing(span):
                    yield span
            finally:
                self._parts.append((span, time_ns()))

    async def ask(self, operation: str, timer: Histogram, call: Callable[[], Awaitable[T]]) -> T:
        """See `NoTrace.ask`."""
        with self.part(operation, timer.labels(operation)) as span:
            return await persist(operation, call if span is None else _noting(call, span))

    def committed(
        self, figures: Callable[[], Mapping[str, int]], offsets: Mapping[str, int], version: str
    ) -> None:
        """See `NoTrace.committed`; where a turn commits several times, the counts add up."""
        now, turn = figures(), self._turn
        self._outbox += now["messages"]
        if turn is None:
            return
        self._counts.update(now)
        if now["messages"]:
            self._unpublished.append((self._outbox, turn.get_span_context()))
        turn.set_attributes({f"ebbwatch.{name}": count for name, count in self._counts.items()})
        turn.set_attributes({f"ebbwatch.offset.{topic}": each for topic, each in offsets.items()})
        turn.set_attribute("ebbwatch.parameters", version)

    def stood(self, outbox: int) -> None:
        """See `NoTrace.stood`."""
        self._outbox = outbox
        self._unpublished.clear()

    @contextmanager
    def relaying(self, messages: int, upto: int) -> Iterator[None]:
        """See `NoTrace.relaying`; a turn is linked with where its last message goes."""
        about = {**self._about, "ebbwatch.messages": messages}
        links = [Link(context) for last, context in self._unpublished if last <= upto]
        span = self._tracer.start_span("relay", Context(), attributes=about, links=links)
        try:
            with _failing(span):
                yield
        finally:
            span.end()
        while self._unpublished and self._unpublished[0][0] <= upto:
            self._unpublished.popleft()


class Tracing(NoTracing):
    """Traces of all partitions of a process, sent to an endpoint.

    Sampling, headers, certificates, attributes of the resource and the pace of sending are told by
    OpenTelemetry's own variables.

    Args:
        endpoint: base address of what takes OTLP over HTTP.
        metrics: count what becomes of spans.

    Raises:
        TracingError: one of those variables cannot be used.
    """

    def __init__(self, endpoint: str, metrics: Metrics) -> None:
        self._provider = provider(endpoint, metrics)
        self._tracer = self._provider.get_tracer("ebbwatch")
        self._of: dict[int, Trace] = {}

    def of(self, partition: int) -> Trace:
        """See `NoTracing.of`."""
        return self._of.setdefault(partition, Trace(partition, self._tracer))

    async def close(self) -> None:
        """See `NoTracing.close`."""
        await shut(self._provider)


@contextmanager
def _failing(span: Span) -> Iterator[None]:
    """Note an error that leaves the block by its code or class: its text may name customers."""
    try:
        yield
    except Exception as error:
        span.set_attributes(_kind(error))
        span.set_status(StatusCode.ERROR)
        raise


def _noting(call: Callable[[], Awaitable[T]], span: Span) -> Callable[[], Awaitable[T]]:
    """A call each error of which is noted, also of those after which it is tried again."""

    async def tried() -> T:
        try:
            return await call()
        except Exception as error:
            span.add_event("error", _kind(error))
            raise

    return tried


def _kind(error: Exception) -> dict[str, str]:
    replied = code(error)
    told = {"error.type": replied or type(error).__name__}
    return told | ({"db.response.status_code": replied} if replied else {})
