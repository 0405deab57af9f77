"""Whether a partition's feeds are alive: silence is warned of only while they are.

Here belong counting what came, learning what is usual, and telling when a feed fell quiet and when
it is back. What is held while it is quiet is the step's to do.
"""

from scoring.warning.gate.arrivals import Arrivals, arrivals, merged
from scoring.warning.gate.holds import ALL_OPEN, OPEN, Holding, Holds
from scoring.warning.gate.look import Passed, advance, given_up
from scoring.warning.gate.state import (
    Gate,
    GateError,
    from_parts,
    new_gate,
    pack,
    to_parts,
    unpack,
)
from scoring.warning.gate.streams import Stream

__all__ = [
    "ALL_OPEN",
    "OPEN",
    "Arrivals",
    "Gate",
    "GateError",
    "Holding",
    "Holds",
    "Passed",
    "Stream",
    "advance",
    "arrivals",
    "from_parts",
    "given_up",
    "merged",
    "new_gate",
    "pack",
    "to_parts",
    "unpack",
]
