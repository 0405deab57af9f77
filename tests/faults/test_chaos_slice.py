"""A slice of the fault suite, `make chaos`, that runs with the tests: each fault a few times.

EBBWATCH_CHAOS_SEED repeats a run; without it the seed is drawn, and told where a run fails.
"""

import os
import secrets
import sys
from collections.abc import Callable, Iterator

import pytest
from chaos.fault import Fault
from chaos.faults import SLICE
from chaos.run import run
from harness import Worker

from ebbwatch.stack import Stack, running

SEED = int(os.environ.get("EBBWATCH_CHAOS_SEED", secrets.randbelow(1_000_000)))


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """Servers that may be broken."""
    with running() as started:
        yield started


@pytest.mark.slow
@pytest.mark.parametrize("fault", SLICE, ids=lambda fault: fault.name)
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
