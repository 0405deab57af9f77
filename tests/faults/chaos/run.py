"""One run: events stream, a fault strikes, is undone, and the judge says what came of it."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from harness import Worker
from judge.verdict import Verdict

from chaos.evidence import judged
from chaos.fault import Fault
from chaos.staging import staged
from ebbwatch.stack import Stack

MOST = 384 << 20  # bytes a worker may have at once, whatever storms about it


@dataclass(frozen=True)
class Row:
    """What docs/faults.json tells of a fault."""

    fault: str
    injected: int
    events: int
    states_compared: int
    warnings_compared: int
    missing: int
    twice: int
    recovery_seconds: float
    peak_megabytes: int | None = None  # of a worker; None in a row of before it was told


@dataclass(frozen=True)
class Outcome:
    """A run that is over.

    Attributes:
        row: its figures; recovery is the longest of its repetitions.
        verdict: the judge's.
        exits: how often a worker ended by itself.
        loses: what Redis itself may have lost.
    """

    row: Row
    verdict: Verdict
    exits: int
    loses: str

    def told(self) -> dict[str, Any]:
        """The row, as docs/faults.json has it."""
        return asdict(self.row)


def run(
    fault: Fault, stack: Stack, start: Callable[..., Worker], *, seed: int, times: int
) -> Outcome:
    """Strike a run with a fault so many times, and judge it.

    Args:
        fault: of the registry.
        stack: servers of its own, all well.
        start: starts a worker.
        seed: of the events and of chance.
        times: how often.
    """
    with staged(fault, stack, start, seed) as scene:
        for _ in range(fault.workers):
            scene.recruit()
        scene.await_progress()
        recovery = 0.0
        with scene.feeder.feeding():
            for _ in range(times):
                fault.inject(scene)
                time.sleep(fault.hold)
                fault.undo(scene)
                recovery = max(recovery, scene.refused_after or scene.await_applied())
        if fault.live:
            scene.await_silence()
        if not fault.refused:
            scene.await_published()
        for worker in list(scene.workers):
            scene.stop(worker)
        fault.check(scene)
        found = judged(scene, refused=fault.refused)
        if scene.peak > MOST:
            found.object(f"most memory of a worker, of {MOST} bytes", [scene.peak])
    row = Row(
        fault.name,
        times,
        found.events,
        found.states,
        found.warnings,
        found.missing,
        found.twice,
        round(recovery, 1),
        scene.peak >> 20,
    )
    return Outcome(row, found, scene.exits, fault.loses)
