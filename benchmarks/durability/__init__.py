"""What Redis may lose by how durable it is set up to be, and what that costs, beside one another.

Runs are broken and judged as the fault suite's are, by its own code, whose folders are put on the
path here. Nothing of a power cut is left to chance: what was not synced is gone.
"""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[2] / "tests"
sys.path[:0] = [str(_TESTS / name) for name in ("support", "faults")]
