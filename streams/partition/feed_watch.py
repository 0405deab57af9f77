"""A partition's gate: taken forward with its log, told of, and handed to each turn."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import numpy as np
import structlog

from scoring.arrays import Floats
from scoring.facts.events import hash_ids
from scoring.warning.gate import Gate, Passed, Stream, advance, arrivals, from_parts, to_parts
from scoring.warning.gate.arrivals import LOOK
from streams.intake.chunk import Chunk, empty_chunk
from streams.telemetry.metrics import Metrics

log = structlog.get_logger()


class FeedWatch:
    """The gate of one partition, as far as it is committed.

    Args:
        number: of the partition.
        stored: parts of the gate, by name; none where nothing was watched yet.
        metrics: where what is held shows.

    Raises:
        GateError: it was written by another version.
    """

    def __init__(self, number: int, stored: Mapping[str, bytes], metrics: Metrics) -> None:
        self._number, self._metrics = number, metrics
        self._gate = from_parts(stored)
        self._stored = dict(stored)
        self._idle: tuple[int, Passed] | None = None
        self._held = dict.fromkeys(Stream, 0.0)
        self._show()

    def passed(self, chunk: Chunk, clocks: Floats, until: float) -> Passed:
        """What becomes of the gate by a stretch of the log; nothing is kept of it yet."""
        hashes = hash_ids(chunk.customers) if len(chunk) else np.empty(0, np.uint64)
        return advance(self._gate, arrivals(clocks, chunk.events, hashes), until)

    def at(self, until: float) -> Passed:
        """The same where nothing came."""
        look = int(until // LOOK)
        if self._idle is None or self._idle[0] != look:  # within a look nothing is judged
            self._idle = look, self.passed(empty_chunk(0), np.empty(0), until)
        return self._idle[1]

    def is_other(self, gate: Gate) -> bool:
        """Whether a gate holds other streams than the one that is committed."""
        return bool(((gate.present["since"] > 0) != (self._gate.present["since"] > 0)).any())

    def news(self, gate: Gate | None) -> dict[str, bytes]:
        """Parts of a gate that are to be stored, by name."""
        if gate is None:
            return {}
        parts = to_parts(gate)
        return {name: value for name, value in parts.items() if self._stored.get(name) != value}

    def committed(self, gate: Gate | None, news: Mapping[str, bytes]) -> None:
        """Take a gate as the one that is stored, and tell of what it holds otherwise."""
        if gate is not None:
            self._gate, self._idle = gate, None
            self._stored.update(news)
            self._show()

    def _show(self) -> None:
        since = self._gate.present["since"].tolist()
        for stream in Stream:
            before, self._held[stream] = self._held[stream], since[stream]
            if bool(before) == bool(since[stream]):
                continue
            name, label = stream.name.lower(), str(self._number)
            self._metrics.feed_held.labels(label, name).set(bool(since[stream]))
            if since[stream]:
                at = datetime.fromtimestamp(since[stream], UTC).isoformat(timespec="seconds")
                log.warning("feed quiet", partition=self._number, stream=name, since=at, help=HELP)
            else:
                log.warning("feed back", partition=self._number, stream=name)


HELP: Final = "silence warnings wait; look at what sends this feed"
