"""A slice of the fault suite, `make chaos`, that runs with the tests: three of its faults by lot.

EBBWATCH_LOT_SEED repeats a run: it draws the faults, and what happens in them.
"""

import os
from collections.abc import Callable, Iterator

import lots
import pytest
from chaos.fault import Fault
from chaos.faults import SLICE
from chaos.run import run
from harness import Worker

from ebbwatch.stack import Stack, running

SEED = int(os.environ[lots.SEED])


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """Servers that may be broken."""
    with running() as started:
        yield started


@pytest.mark.slow
@pytest.mark.by_lot(3)
@pytest.mark.parametrize("fault", SLICE, ids=lambda fault: fault.name)
def test_nothing_is_lost_and_nothing_comes_twice(
    own_stack: Stack, start: Callable[..., Worker], fault: Fault
) -> None:
    outcome = run(fault, own_stack, start, seed=SEED, times=fault.times[1])
    assert outcome.verdict.objections == []
    assert outcome.row.events > 10_000
    assert outcome.row.warnings_compared > 1_000
    assert (outcome.row.missing, outcome.row.twice) == (0, 0)
    assert outcome.exits == 0, "workers waited, none ended"
