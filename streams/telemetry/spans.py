"""Where a partition's work is noted for traces: nowhere, unless an endpoint is set.

What traces is `tracing`, which needs an extra and is imported by who asked for it alone.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final, TypeVar

from prometheus_client import Histogram

from streams.retry import persist
from streams.telemetry.metrics import Metrics

T = TypeVar("T")
Call = Callable[[], Awaitable[T]]


class NoTrace:
    """A partition's trace that nobody keeps: timers go on, and nothing else costs anything."""

    def turn(self) -> AbstractContextManager[object]:
        """Span a turn; it is told only if something was committed or an error ended it."""
        return nullcontext()

    def part(self, name: str, timer: Histogram, **told: str) -> AbstractContextManager[object]:  # noqa: ARG002 - for who traces
        """Time a part of the turn, and span it."""
        return timer.time()

    async def ask(self, operation: str, timer: Histogram, call: Call[T]) -> T:
        """Time a call to Redis that is tried until it succeeds, and span it with what it waits for.

        Args:
            operation: its name.
            timer: with a label for the operation.
            call: must be harmless to repeat.
        """
        with timer.labels(operation).time():
            return await persist(operation, call)

    def committed(
        self, figures: Callable[[], Mapping[str, int]], offsets: Mapping[str, int], version: str
    ) -> None:
        """Note what the turn committed.

        Args:
            figures: counts by name, asked for only if they are told.
            offsets: next offset to apply by topic.
            version: of the parameters.
        """

    def stood(self, outbox: int) -> None:
        """Note the number of the last message of the outbox, before anything more is committed."""

    def relaying(self, messages: int, upto: int) -> AbstractContextManager[object]:  # noqa: ARG002 - for who traces
        """Span a publication, linked to the turns that made its messages.

        Args:
            messages: to be published.
            upto: number of the last of them in the outbox.
        """
        return nullcontext()


NO_TRACE: Final = NoTrace()


class NoTracing:
    """Traces of all partitions that nobody keeps."""

    def of(self, partition: int) -> NoTrace:  # noqa: ARG002 - for who traces
        """A partition's trace, the same for its sequencer and its relay."""
        return NO_TRACE

    async def close(self) -> None:
        """Send what waits, as far as that takes no time worth speaking of."""


def tracing(endpoint: str | None, metrics: Metrics) -> NoTracing:
    """Traces to an endpoint, or none.

    Args:
        endpoint: base address of what takes OTLP over HTTP.
        metrics: count what becomes of spans.

    Raises:
        ModuleNotFoundError: the extra `tracing` is not installed.
        TracingError: a variable of OpenTelemetry's cannot be used.
    """
    if endpoint is None:
        return NoTracing()
    from streams.telemetry.tracing import Tracing  # noqa: PLC0415 - an extra

    return Tracing(endpoint, metrics)
