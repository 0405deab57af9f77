"""The parts of the way that need no server, alone: decode, step and messages, us an event.

    python -m benchmarks.step [--events 400000] [--customers 20000]

One partition's log is applied in memory: all but its end to make the states ripe, then the end
again and again, in batches of several sizes.
"""

import argparse
import copy
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
from aiokafka.structs import ConsumerRecord

from benchmarks.event_log import EventLog
from benchmarks.wire import is_transaction, messages
from schemas import BatchAdapter, Interaction, Transaction
from scoring.arrays import Ints
from scoring.facts.state import States, new_states
from scoring.step.outcome import Outcome
from scoring.step.run import step
from streams.config import Settings
from streams.intake.chunk import Chunk, join
from streams.intake.decode import Decoder
from streams.intake.rates import RateTable
from streams.intake.records import Records
from streams.outbox.messages import Messages
from streams.parameters.file import load_model

SIZES: Final = (100, 500, 1_000, 2_000, 4_000, 10_000, 20_000)
SLICE: Final = 40_000  # events at the log's end that are measured at each size
RIPENING: Final = 10_000  # events a batch before that
TIMED: Final = ("decode", "step", "entries")
COUNTED: Final = ("rounds", "timers", "warnings", "scores")


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
        self._messages = Messages(
            self._model, routes, settings.score_topic, settings.case_topic, "/bench"
        )
        self._states: States = new_states(customers)
        self._clock = 0.0
        self.tally: Counter[str] = Counter()

    def copy(self) -> "Partition":
        """The same states, to be changed apart, and nothing tallied."""
        twin = copy.copy(self)
        twin._states, twin.tally = self._states.copy(), Counter()  # noqa: SLF001 - of its own kind
        return twin

    def apply(self, by_topic: Sequence[Records]) -> None:
        """Decode, step and word one batch."""
        with self._timed("decode"):
            parts = zip(self._decoders, by_topic, strict=True)
            chunks = [decoder.decode(records)[0] for decoder, records in parts if records]
        chunk = join(chunks)
        outcome, customers = self._step(chunk, np.argsort(chunk.offsets))
        ids = [b"c%07d" % number for number in customers.tolist()]
        with self._timed("entries"):
            self._messages.entries(outcome, ids)
        self._count(outcome)

    def _step(self, chunk: Chunk, order: Ints) -> tuple[Outcome, Ints]:
        events = chunk.events[order]
        numbers = np.array([int(name[1:]) for name in chunk.customers])[order]
        clocks = np.maximum.accumulate(np.maximum(events["time"], self._clock))
        self._clock = until = float(clocks[-1])
        own, rows = np.unique(numbers, return_inverse=True)
        due = np.flatnonzero(self._states["armed_at"] <= until)
        customers = np.concatenate([own, np.setdiff1d(due, own)])
        before = self._states[customers]
        with self._timed("step"):
            outcome = step(before, events, rows, clocks, until, self._model)
        self._states[customers] = outcome.states
        self.tally["rounds"] += int(np.bincount(rows).max())
        return outcome, customers

    def _count(self, outcome: Outcome) -> None:
        self.tally["timers"] += outcome.timers
        self.tally["warnings"] += len(outcome.warnings)
        self.tally["scores"] += len(outcome.scores)

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        start = time.process_time_ns()
        yield
        self.tally[part] += time.process_time_ns() - start


def records_of(
    log: EventLog,
) -> Iterator[tuple[bool, "ConsumerRecord[bytes | None, bytes | None]"]]:
    """The log as it would be fetched, each record with whether it is a card transaction."""
    events = log.columns()
    now = int(time.time() * 1000)
    cards = is_transaction(events).tolist()
    for offset, (card, sent) in enumerate(zip(cards, messages(events), strict=True)):
        key, value = sent.key, sent.value
        yield card, ConsumerRecord("t", 0, offset, now, 0, key, value, None, 0, 0, ())


def run(partition: Partition, records: Sequence[tuple[bool, ConsumerRecord]], size: int) -> None:
    """Apply all records, `size` at once."""
    for start in range(0, len(records), size):
        batch = records[start : start + size]
        partition.apply([[r for card, r in batch if card is topic] for topic in (True, False)])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--events", type=int, default=400_000)
    parser.add_argument("--customers", type=int, default=20_000)
    options = parser.parse_args()
    records = list(records_of(EventLog(options.events, options.customers)))
    ripe = Partition(options.customers)
    run(ripe, records[:-SLICE], RIPENING)
    print("us an event:".rjust(8), *(f"{name:>10}" for name in (*TIMED, *COUNTED)))
    for size in SIZES:
        partition = ripe.copy()
        run(partition, records[-SLICE:], size)
        print(f"{size:>12}", *_figures(partition.tally))


def _figures(tally: Counter[str]) -> Iterator[str]:
    yield from (f"{tally[name] / SLICE / 1000:>10.2f}" for name in TIMED)
    yield from (f"{tally[name] / SLICE:>10.4f}" for name in COUNTED)


if __name__ == "__main__":
    main()
