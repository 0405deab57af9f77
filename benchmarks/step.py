"""The parts of the way that need no server, alone: decode, step and messages, us an event.

    python -m benchmarks.step [--events 200000] [--customers 10000]

One partition's share of a log is applied in memory: its first half to make the states ripe, then
slices of the second half in batches of several sizes.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from aiokafka.structs import ConsumerRecord

from benchmarks.event_log import EventLog, Events
from benchmarks.wire import TRANSACTIONS, messages
from schemas import BatchAdapter, Interaction, Transaction
from scoring.model import Model
from scoring.state import Floats, Ints, States, new_states
from scoring.step import Outcome, step
from streams.app import load_model
from streams.config import Settings
from streams.decode import Decoder, columns
from streams.merge import Chunk, empty_chunk, join
from streams.messages import Messages
from streams.rates import RateTable
from streams.transport import Records

SIZES: Final = (100, 500, 1_000, 2_000, 4_000, 10_000, 20_000)
SLICE: Final = 40_000  # events measured at each size
RIPENING: Final = 10_000


class Batch(NamedTuple):
    """What `step` is given, but the states."""

    events: Events
    rows: Ints
    clocks: Floats


class Timing(NamedTuple):
    """Microseconds an event, and what an event came to."""

    decode: float
    step: float
    entries: float
    reviews: float
    messages: float


class Part:
    """One partition, in memory: states by customer number."""

    def __init__(self, customers: int, model: Model) -> None:
        self.states, self._model = new_states(customers), model

    def copy(self) -> "Part":
        """The same states, to be changed apart."""
        twin = Part(0, self._model)
        twin.states = self.states.copy()
        return twin

    def apply(self, batch: Batch) -> tuple[Outcome, Ints]:
        """Step a batch and keep the states; return the outcome and its rows' customers."""
        until = float(batch.clocks[-1])
        due = np.flatnonzero(self.states["armed_at"] <= until)
        own, rows = np.unique(batch.rows, return_inverse=True)
        customers = np.concatenate([own, np.setdiff1d(due, own)])
        outcome = step(
            self.states[customers], batch.events, rows, batch.clocks, until, self._model
        )
        self.states[customers] = outcome.states
        return outcome, customers
