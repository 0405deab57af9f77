"""Sending spans by OTLP over HTTP: by a thread, from a bounded queue, so that nothing waits for it.

What spans tell is `tracing`.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from threading import Thread
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from streams.telemetry.metrics import Metrics

QUEUE: Final = 2_048  # spans that wait to be sent; where there are more, the oldest are dropped
FLUSH: Final = 1.0  # seconds that sending what waits may take at the end
PATH: Final = "/v1/traces"


class TracingError(ValueError):
    """A variable of OpenTelemetry's cannot be used."""


def provider(endpoint: str, metrics: Metrics) -> TracerProvider:
    """What makes spans and sends them.

    Args:
        endpoint: base address of what takes OTLP over HTTP.
        metrics: count what becomes of spans.

    Raises:
        TracingError: one of OpenTelemetry's own variables cannot be used.
    """
    about = {"service.name": "ebbwatch-worker", "service.version": version("ebbwatch")}
    resource = Resource({**about, "host.name": socket.gethostname()})
    try:
        made = TracerProvider(
            resource=resource.merge(OTELResourceDetector().detect()), shutdown_on_exit=False
        )
        made.add_span_processor(_Counted(_address(endpoint), metrics))
    except ValueError as error:
        raise TracingError(f"a variable OTEL_*: {error}") from error
    return made


async def shut(made: TracerProvider) -> None:
    """Send what waits, if that is quick; no thread of it keeps the process."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def shutting() -> None:
        made.shutdown()
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(done.set)

    Thread(target=shutting, daemon=True).start()
    with suppress(TimeoutError):
        async with asyncio.timeout(FLUSH):
            await done.wait()


class _Counted(BatchSpanProcessor):
    """Counts the spans that were sent, those refused, and those dropped for want of room."""

    def __init__(self, address: str, metrics: Metrics) -> None:
        self._sending = _Sending(OTLPSpanExporter(address), metrics)
        self._ended = self._dropped = 0
        self._drops = metrics.spans.labels("dropped")
        super().__init__(self._sending, max_queue_size=QUEUE)

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span; the SDK tells nobody that it drops one, but when it does is known."""
        if self._ended - self._dropped - self._sending.taken >= QUEUE:
            self._dropped += 1
            self._drops.inc()
        self._ended += 1
        super().on_end(span)


class _Sending(SpanExporter):
    """Sends by another exporter.

    Attributes:
        taken: spans that no longer wait.
    """

    def __init__(self, exporter: SpanExporter, metrics: Metrics) -> None:
        self._exporter, self.taken = exporter, 0
        self._outcomes = {
            SpanExportResult.SUCCESS: metrics.spans.labels("sent"),
            SpanExportResult.FAILURE: metrics.spans.labels("refused"),
        }

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.taken += len(spans)
        outcome = self._exporter.export(spans)
        self._outcomes[outcome].inc(len(spans))
        return outcome

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _address(endpoint: str) -> str:
    """Where spans are sent, as OTEL_EXPORTER_OTLP_ENDPOINT is understood.

    >>> _address("http://collector:4318/"), _address("http://collector:4318/v1/traces")
    ('http://collector:4318/v1/traces', 'http://collector:4318/v1/traces')
    """
    return endpoint.rstrip("/").removesuffix(PATH) + PATH
