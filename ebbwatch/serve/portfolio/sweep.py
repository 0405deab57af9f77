"""Looking through all customers again and again, never fast enough to be in anybody's way."""

import asyncio
import time
from typing import Final

import numpy as np
import structlog
from redis.exceptions import RedisError

from ebbwatch.serve.portfolio.tally import CustomerTally, Overview
from scoring.facts.consent import is_unscored
from scoring.facts.packing import StateError, unpack
from streams.config import Settings
from streams.parameters.in_use import InUse
from streams.retry import told
from streams.store import DamagedError
from streams.store.lookups import Lookups

SLICE: Final = 128  # customers scored without a pause: some milliseconds
FIRST: Final = 0.5  # share of a core that the first look may take, since nothing is known before
LEAST: Final = 5.0  # seconds between two looks' beginnings
AGAIN: Final = 5.0  # seconds until it is tried again where Redis is away
log = structlog.get_logger()


class Sweeper:
    """Keeps the figures of all customers.

    Args:
        settings: name the partitions, and whose clock it is.
        lookups: of the store.
        in_use: the parameters in use.
        effort: share of one core that looking may take.

    Attributes:
        overview: the figures as last known; None before any are.
        progress: share of the customers looked at in the look under way.
    """

    def __init__(self, settings: Settings, lookups: Lookups, in_use: InUse, effort: float) -> None:
        self._settings, self._lookups, self._in_use = settings, lookups, in_use
        self._effort = effort
        self.overview: Overview | None = None
        self.progress = 0.0

    async def run(self) -> None:
        """Look until cancelled; whatever fails is told and tried again."""
        while True:
            began = time.monotonic()
            try:
                self.overview = await self.look()
            except (RedisError, DamagedError, StateError) as error:
                log.warning("portfolio not seen", error=told(error), exc_info=None)
                await asyncio.sleep(AGAIN)
            await asyncio.sleep(max(LEAST - (time.monotonic() - began), 0.0))

    async def look(self) -> Overview:
        """Look at every customer once.

        Raises:
            StateError: a record is of another version.
            DamagedError: likewise of a partition.
            redis.exceptions.RedisError: Redis cannot be reached.
        """
        effort = self._effort if self.overview is not None else max(FIRST, self._effort)
        tally, began = CustomerTally(self._in_use.current.model), time.monotonic()
        total = max(await self._lookups.customers(self._settings.partitions), 1)
        self.progress = 0.0
        for number in range(self._settings.partitions):
            seen: set[bytes] = set()
            cursor, clock = 0, await self._clock(number)
            while True:
                cursor, states = await self._lookups.slice(number, cursor, SLICE)
                started = time.thread_time()
                fresh = {name: states[name] for name in states.keys() - seen}
                seen |= fresh.keys()
                _add(tally, fresh, clock)
                self.progress = min(tally.customers / total, 1.0)
                spent = time.thread_time() - started
                await asyncio.sleep(spent * (1.0 / effort - 1.0))
                if not cursor:
                    break
        return tally.overview(time.time(), time.monotonic() - began)

    async def _clock(self, number: int) -> float | None:
        """The log's clock in replay, None for the wall's."""
        if self._settings.mode != "replay":
            return None
        _, claims = await self._lookups.find([(number, b"")])
        return claims[number].clock


def _add(tally: CustomerTally, states: dict[bytes, bytes], clock: float | None) -> None:
    names = list(states)
    if names:
        unpacked = unpack([states[name] for name in names])
        now = np.maximum(unpacked["last_event"], time.time() if clock is None else clock)
        scored = np.flatnonzero(~is_unscored(unpacked))
        if scored.size:
            tally.add([names[row] for row in scored.tolist()], unpacked.take(scored), now[scored])
