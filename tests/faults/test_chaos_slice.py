"""A slice of the fault suite, `make chaos`, that runs with the tests: three of its faults by lot.

EBBWATCH_CHAOS_SEED repeats a run; without it the seed is drawn, and told where a run fails.
EBBWATCH_CHAOS_FAULTS is how many are drawn, up to all of the slice.
"""

import os
import random
import sys
from collections.abc import Callable, Iterator

import pytest
from chaos.fault import Fault
from chaos.faults import SLICE
from chaos.run import run
from harness import Worker

from ebbwatch.stack import Stack, running

SEED = int(os.environ["EBBWATCH_CHAOS_SEED"])
DRAWN = random.Random(SEED).sample(SLICE, int(os.environ.get("EBBWATCH_CHAOS_FAULTS", "3")))


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """Servers that may be broken."""
    with running() as started:
        yield started


@pytest.mark.slow
@pytest.mark.parametrize("fault", DRAWN, ids=lambda fault: fault.name)
def test_nothing_is_lost_and_nothing_comes_twice(
    own_stack: Stack, start: Callable[..., Worker], fault: Fault
) -> None:
    told = f"EBBWATCH_CHAOS_SEED={SEED}"
    sys.stdout.write(f"{told}\n")
    outcome = run(fault, own_stack, start, seed=SEED, times=fault.times[1])
    assert outcome.verdict.objections == [], told
    assert outcome.row.events > 10_000
    assert outcome.row.warnings_compared > 1_000
    assert (outcome.row.missing, outcome.row.twice) == (0, 0), told
    assert outcome.exits == 0, "workers waited, none ended"
