"""`ebbwatch` with few thresholds and models to try, and reports without drawings.

For tests of other things than these: it takes a third of the time.
"""

import sys
from contextlib import ExitStack
from importlib import import_module
from unittest.mock import patch

import numpy as np

from ebbwatch.cli import main

if __name__ == "__main__":
    search = import_module("modelling.thresholds.search")
    choice = import_module("modelling.fit.choice")
    with ExitStack() as put:
        few = {"ROUND": (0.2, 0.5, 0.8), "QUANTILES": np.array([0.6, 0.9])}
        put.enter_context(patch.multiple(search, **few))
        put.enter_context(patch.object(choice, "MODELS", ("bgnbd", "mbgnbd")))
        if "--report" in sys.argv:
            drawing = import_module("modelling.report.drawing")
            put.enter_context(patch.object(drawing, "draw", return_value=""))
        main()
