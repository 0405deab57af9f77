"""How many examples tests try that are whole lives each: few, and in `make fuzz` many more."""

import os

TIMES = int(os.environ.get("EBBWATCH_EXAMPLES", "1"))


def few(count: int) -> int:
    """So many, or EBBWATCH_EXAMPLES times as many; each run draws others."""
    return count * TIMES
