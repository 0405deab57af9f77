"""Of tests with very many cases, a few by lot in each run: others each time, all of them at night.

`@pytest.mark.by_lot(20)` on a test of six hundred time zones runs twenty of them. Tests that name
the same lot, `by_lot(1, of="calibrations")`, are drawn from together.
"""

import os
import random
from collections import defaultdict

import pytest

SEED, HOW_MANY = "EBBWATCH_LOT_SEED", "EBBWATCH_LOT"


def told() -> str:
    """How to draw the same ones again, and how to run all."""
    return f"drawn by lot with {SEED}={os.environ[SEED]}; {HOW_MANY}=all runs all (make thorough)"


def not_drawn(items: list[pytest.Item]) -> list[pytest.Item]:
    """Those of the marked tests that this run leaves out, by the seed in the environment."""
    if os.environ.get(HOW_MANY) == "all":
        return []
    lots: dict[str, list[pytest.Item]] = defaultdict(list)
    sizes: dict[str, int] = {}
    for item in items:
        mark = item.get_closest_marker("by_lot")
        if mark is not None:
            lot = mark.kwargs.get("of") or item.nodeid.partition("[")[0]
            lots[lot].append(item)
            sizes[lot] = mark.args[0]
    out = []
    for lot, held in lots.items():
        left_out = len(held) - min(sizes[lot], len(held))
        out += random.Random(f"{os.environ[SEED]} {lot}").sample(held, left_out)
    return out
