"""A network that can be cut, slowed down or swallow everything: a proxy in front of one server."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any, Self

BLOCK = 65_536


class Line(Enum):
    """How the line is."""

    FINE = "fine"
    CUT = "cut"  # connections are closed, new ones too
    SWALLOWS = "swallows"  # connections stay, half open: nothing comes through, nor ever will


class Forwarder(ABC):
    """Forwards connections from a port of its own to another one of this machine, in a thread.

    Args:
        port: where the server listens.
    """

    def __init__(self, port: int) -> None:
        self._target, self.port = port, 0
        self._loop = asyncio.new_event_loop()

    @contextmanager
    def open(self) -> Iterator[Self]:
        """Forward while the block lasts."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self._do(self._close_all())
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30.0)

    @abstractmethod
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward a connection."""

    @abstractmethod
    async def _close_all(self) -> None:
        """Close every connection."""


class Proxy(Forwarder):
    """One whose line can be cut, slowed down, or swallow everything.

    Args:
        port: where the server listens.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.line, self.delay = Line.FINE, 0.0
        self._writers: set[asyncio.StreamWriter] = set()

    def become(self, line: Line, delay: float = 0.0) -> None:
        """Change how the line is, for connections there are and for new ones."""
        self.line, self.delay = line, delay
        if line is Line.CUT:
            self._do(self._close_all())

    async def _close_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if self.line is Line.CUT:
            writer.transport.abort()
            return
        ends = [(reader, writer)]
        with suppress(OSError):
            ends.append(await asyncio.open_connection("127.0.0.1", self._target))
            self._writers.add(ends[1][1])
            pipes = (self._pipe(ends[0][0], ends[1][1]), self._pipe(ends[1][0], ends[0][1]))
            await asyncio.gather(*pipes)
        for _, end in ends:
            self._writers.discard(end)
            end.transport.abort()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one way; what was once swallowed is never followed by anything."""
        has_swallowed = False
        while block := await reader.read(BLOCK):
            has_swallowed |= self.line is Line.SWALLOWS
            if not has_swallowed:
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(block)
                await writer.drain()
        raise ConnectionResetError
