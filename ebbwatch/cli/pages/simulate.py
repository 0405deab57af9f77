"""What `ebbwatch simulate` tells."""

from typing import Any

import numpy as np

from modelling.simulation import LeavingReason
from modelling.simulation.files import Written


def document(written: Written) -> dict[str, Any]:
    """What was made, for machines."""
    truth = written.truth
    reasons = np.bincount(truth.reason, minlength=len(LeavingReason))
    return {
        "events": str(written.folder),
        "truth": str(written.truth_file),
        "count": written.events,
        "customers": len(truth.customers),
        "reasons": {each.name.lower(): int(reasons[each]) for each in LeavingReason},
        "left": int(np.isfinite(truth.left_at).sum()),
        "closed": int(np.isfinite(truth.closed_at).sum()),
    }


def page(result: dict[str, Any]) -> str:
    """What was made, for people."""
    reasons = ", ".join(f"{count:,} {name}" for name, count in result["reasons"].items())
    return (
        f"{result['count']:,} events of {result['customers']:,} customers in {result['events']}\n"
        f"{reasons}; {result['left']:,} have left, {result['closed']:,} closed their account\n"
        f"Who, when and why: {result['truth']}"
    )
