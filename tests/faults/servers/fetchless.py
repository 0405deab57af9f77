"""A proxy in front of Kafka that knows its answers apart, and may keep those to fetches."""

import asyncio
import struct
from contextlib import suppress

from chaos.proxy import Forwarder

FETCH = 1  # the API key


class FetchlessProxy(Forwarder):
    """Forwards connections; while `swallows`, no fetch is answered, and all else is.

    Args:
        port: where Kafka listens.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.swallows, self.swallowed = False, 0

    async def _close_all(self) -> None:
        own = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            from_kafka, to_kafka = await asyncio.open_connection("127.0.0.1", self._target)
            fetches: set[int] = set()  # correlation ids of requests yet to be answered
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._ask(reader, to_kafka, fetches))
                    group.create_task(self._answer(from_kafka, writer, fetches))
            except* (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                to_kafka.transport.abort()
        writer.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fetches: set[int]
    ) -> None:
        while message := await _message(reader):
            key, _, number = struct.unpack_from(">hhi", message)
            if key == FETCH:
                fetches.add(number)
            await _send(writer, message)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fetches: set[int]
    ) -> None:
        while message := await _message(reader):
            (number,) = struct.unpack_from(">i", message)
            is_fetch = number in fetches
            fetches.discard(number)
            if is_fetch and self.swallows:
                self.swallowed += 1
            else:
                await _send(writer, message)


async def _message(reader: asyncio.StreamReader) -> bytes:
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)


async def _send(writer: asyncio.StreamWriter, message: bytes) -> None:
    writer.write(struct.pack(">i", len(message)) + message)
    await writer.drain()
