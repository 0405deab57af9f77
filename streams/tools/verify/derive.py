"""One customer replayed through the live step, under each parameters as they came into force."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from scoring.arrays import NEVER, Bools
from scoring.facts.events import Events
from scoring.facts.state import States, new_states
from scoring.step.outcome import Outcome
from scoring.step.run import step
from scoring.warning.gate import Holding
from streams.parameters.in_use import Using
from streams.store import Activation, Entry
from streams.tools.verify.partition_log import OwnEvents
from streams.tools.verify.published import VerifyError


class Chapter(NamedTuple):
    """A stretch of a partition's life under one parameter file.

    Attributes:
        using: the file, made ready.
        clock: the partition's when it came into force, epoch seconds; that of no event yet for the
            first one.
        offsets: next ones by topic at that moment.
    """

    using: Using
    clock: float
    offsets: Mapping[str, int]


class Life(NamedTuple):
    """What a log made of a customer.

    Attributes:
        said: all that was said of them, in order.
        states: theirs at the end, shape (1,).
        using: the parameters in force at the end.
    """

    said: list[Entry]
    states: States
    using: Using


def chapters(
    first: str | None, activations: Sequence[Activation], files: Mapping[str, Using], until: float
) -> list[Chapter]:
    """The chapters that begin up to an instant.

    Args:
        first: version that a partition without activations is scored with; None where that was
            never noted, for the only file there is.
        activations: of the partition, in order.
        files: parameter files by version.
        until: epoch seconds.

    Raises:
        VerifyError: a file is missing.
    """
    version = next((each.replaced for each in activations), first)
    begun = [each for each in activations if each.clock <= until]
    found = [Chapter(_file(version, files), 0.0, {})]
    return found + [Chapter(_file(each.version, files), each.clock, each.offsets) for each in begun]


def _file(version: str | None, files: Mapping[str, Using]) -> Using:
    if version is None and len(files) == 1:
        return next(iter(files.values()))
    if version is None or version not in files:
        got = ", ".join(files)
        expected = f"the parameter file of version {version}, which scored the customer"
        raise VerifyError(f"--params: expected {expected}, got {got}")
    return files[version]


def derived(
    customer: bytes,
    past: Events,
    own: OwnEvents,
    topics: Sequence[str],
    history: Sequence[Chapter],
    until: float,
    held: Holding,
) -> Life:
    """A customer's life up to an instant.

    Args:
        customer: their id.
        past: their events from files, by time, shape (n,), dtype `EVENT`.
        own: their events from the topics.
        topics: input topics, as `own` numbers them.
        history: the chapters, in order.
        until: when the last timers may fire, epoch seconds; later where an event is.
        held: when which rises are held.
    """
    states, said = new_states(1), []
    if len(past):
        first = history[0]
        outcome = _stepped(states, past, past["time"], float(past["time"][-1]), first, held)
        states = outcome.states
        said += first.using.messages.entries(outcome, [customer])
    for chapter, part, end in _parts(own, topics, history, until):
        if chapter.offsets:  # its customers became due when it came into force
            states["armed_at"] = np.minimum(states["armed_at"], chapter.clock)
        outcome = _stepped(states, part.events, part.clocks, end, chapter, held)
        states = outcome.states
        said += chapter.using.messages.entries(outcome, [customer])
    return Life(said, states, history[-1].using)


def _parts(
    own: OwnEvents, topics: Sequence[str], history: Sequence[Chapter], until: float
) -> Iterator[tuple[Chapter, OwnEvents, float]]:
    """Each chapter, its events, and the clock at its end."""
    begun = [_begun(own, topics, chapter) for chapter in history]
    ends = [chapter.clock for chapter in history[1:]] + [until]
    for number, (chapter, end) in enumerate(zip(history, ends, strict=True)):
        later = begun[number + 1] if number + 1 < len(begun) else np.zeros(len(begun[0]), np.bool_)
        part = own.pick(np.flatnonzero(begun[number] & ~later))
        yield chapter, part, max(end, float(part.clocks.max(initial=-NEVER)))


def _begun(own: OwnEvents, topics: Sequence[str], chapter: Chapter) -> Bools:
    """Which events were applied once a chapter had begun, shape (n,)."""
    starts = np.array([chapter.offsets.get(topic, 0) for topic in topics], np.int64)
    begun: Bools = own.offsets >= starts[own.topics]
    return begun


def _stepped(
    states: States,
    events: Events,
    clocks: np.ndarray,
    until: float,
    chapter: Chapter,
    held: Holding,
) -> Outcome:
    rows = np.zeros(len(events), np.int64)
    activated = chapter.clock if chapter.offsets else -NEVER
    return step(states, events, rows, clocks, until, chapter.using.model, activated, held=held)
