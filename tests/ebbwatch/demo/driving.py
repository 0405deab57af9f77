"""Driving wire events through the step in memory, as a partition would."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from schemas import BatchAdapter, Interaction, Transaction, validate_batch
from schemas.events.examples import TRANSACTION_EXAMPLES
from scoring.facts.state import new_states
from scoring.model import ScoringModel
from scoring.step.outcome import Outcome
from scoring.step.run import step
from streams.intake.columns import columns

ADAPTERS = {True: BatchAdapter[Any](Transaction), False: BatchAdapter[Any](Interaction)}
LOG_ENDS = datetime(1998, 7, 1, tzinfo=UTC).timestamp()


def checked(events: Sequence[dict[str, Any]]) -> list[Any]:
    """The events as the contracts parse them, in the given order."""
    parsed: list[Any] = [None] * len(events)
    for is_transaction, adapter in ADAPTERS.items():
        picks = [
            at
            for at, event in enumerate(events)
            if (event["type"] in TRANSACTION_EXAMPLES) is is_transaction
        ]
        good, bad = validate_batch(adapter, [json.dumps(events[at]).encode() for at in picks])
        assert bad == []
        for at, event in zip(picks, good, strict=True):
            parsed[at] = event
    return parsed


def warned(lives: Sequence[list[dict[str, Any]]], model: ScoringModel) -> Outcome:
    """What becomes of customers whose lives are given, one row each, until the log's end."""
    merged = sorted(
        ((event["event_time"], row, event) for row, life in enumerate(lives) for event in life),
        key=lambda entry: entry[:2],
    )
    rows = np.array([row for _, row, _ in merged])
    wire = checked([event for *_, event in merged])
    times = np.array([event["event_time"].timestamp() for event in wire])
    events = columns(wire, times.tolist(), [event.get("amount", 0) for event in wire])
    return step(new_states(len(lives)), events, rows, times, LOG_ENDS, model)
