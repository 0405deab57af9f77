"""Waiting for Kafka, but not for ever."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

LIMIT: Final = 120.0  # seconds: what Kafka leaves unanswered so long is begun anew
T = TypeVar("T")


async def bounded(what: str, work: Coroutine[Any, Any, T]) -> T:
    """Wait for what asks Kafka, but not for ever; what it leaves is not waited for either.

    The clients' own time-outs end each request; that they never lose one to a broker which died is
    not theirs to promise, and clearing up after a cancellation asks Kafka again.

    Raises:
        TimeoutError: there was no answer in time.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # told or not
    try:
        await asyncio.wait({task}, timeout=LIMIT)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        raise TimeoutError(f"{what}: expected an answer of Kafka within {LIMIT:g} s, got none")
    return task.result()
