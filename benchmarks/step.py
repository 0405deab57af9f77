"""The parts of the way that need no server, alone: decode, step and messages, us an event.

    python -m benchmarks.step [--events 400000] [--customers 20000]

One partition's log is applied in memory: all but its end to make the states ripe, then the end
again and again, in batches of several sizes.
"""

import argparse
import copy
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from aiokafka.structs import ConsumerRecord

from benchmarks.event_log import EventLog, Events
from benchmarks.wire import TRANSACTION, messages
from schemas import BatchAdapter, Interaction, Transaction
from scoring.state import States, new_states
from scoring.step import Outcome, step
from streams.app import load_model
from streams.config import Settings
from streams.decode import Decoder
from streams.merge import Chunk, join
from streams.messages import Messages
from streams.rates import RateTable
from streams.transport import Records

SIZES: Final = (100, 500, 1_000, 2_000, 4_000, 10_000, 20_000)
SLICE: Final = 40_000  # events at the log's end that are measured at each size
RIPENING: Final = 10_000  # events a batch before that
PARTS: Final = ("decode", "step", "entries")


class Partition:
    """One partition, its states in memory by customer number."""

    def __init__(self, customers: int) -> None:
        settings = Settings()
        self._model = load_model(settings)
        rates = RateTable(self._model.parameters.book_currency)
        self._decoders = [
            Decoder(BatchAdapter(contract), rates, settings.future_tolerance)
            for contract in (Transaction, Interaction)
        ]
        routes = {route: settings.route_topic(route) for route in ("risk", "relationship")}
        self._messages = Messages(self._model, routes, settings.score_topic, "/bench")
        self._states: States = new_states(customers)
        self._clock = 0.0
        self.tally: Counter[str] = Counter()

    def copy(self) -> "Partition":
        """The same states, to be changed apart, and nothing tallied."""
        twin = copy.copy(self)
        twin._states, twin.tally = self._states.copy(), Counter()
        return twin

    def apply(self, batch: Records, is_transaction: np.ndarray) -> None:
        """Decode, step and write the messages of one batch."""
