"""`make chaos`: run the suite, say what the judge says, and write it down."""

import argparse
import secrets
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from harness import crew

from chaos import report
from chaos.fault import Fault
from chaos.faults import FAULTS
from chaos.run import Outcome, run
from ebbwatch.stack import running


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0 where the judge had no objection to any of it."""
    asked = _parsed(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing started is left behind
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1_000_000)
    known = report.known() if asked.missing else {}
    faults = [
        fault
        for fault in FAULTS
        if asked.only.lower() in fault.name.lower() and fault.name not in known
    ]
    print(f"seed {seed}, {len(faults)} faults", flush=True)
    outcomes, failed = [], 0
    for fault in faults:
        began = time.monotonic()
        outcome = _attempt(fault, seed, asked.times or fault.times[0])
        print(f"  {time.monotonic() - began:.0f} s", flush=True)
        if outcome is None or outcome.verdict.objections:
            failed += 1
        else:
            outcomes.append(outcome)
            if not asked.dry:
                report.write(outcomes, seed)
    print(f"{len(outcomes)} of {len(faults)} as they should be, seed {seed}", flush=True)
    return 1 if failed else 0


def _attempt(fault: Fault, seed: int, times: int) -> Outcome | None:
    """One fault on servers of its own, so that none is met with what another left."""
    print(f"{fault.name}, {times} times", flush=True)
    with tempfile.TemporaryDirectory(prefix="ebbwatch-chaos-") as folder:
        try:
            with running() as stack, crew(Path(folder)) as start:
                outcome = run(fault, stack, start, seed=seed, times=times)
        except Exception:  # noqa: BLE001 - told, and the other faults have their turn
            print(f"  FAILED: {traceback.format_exc()}", flush=True)
            return None
    ended = f"{outcome.exits} workers ended, none had more than {outcome.row.peak_megabytes} MiB"
    print(f"  {outcome.verdict}; {ended}", flush=True)
    for objection in outcome.verdict.objections:
        print(f"  OBJECTION: {objection}", flush=True)
    if outcome.exits and not (fault.loses or fault.refused):
        print("  OBJECTION: expected workers that wait, and none that ends", flush=True)
        return None
    return outcome


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="of events and chance; one is drawn and printed")
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--missing", action="store_true", help="faults that have no row yet")
    parser.add_argument("--times", type=int, default=0, help="how often each, instead of its own")
    parser.add_argument("--dry", action="store_true", help="leave docs/ as it is")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
