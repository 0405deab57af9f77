import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.models import BGNBD

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """Reference values; times in weeks, money in dollars."""
    loaded: dict[str, Any] = json.loads((DATA / "golden_cdnow.json").read_text())
    return loaded


@pytest.fixture(scope="session")
def cdnow() -> BGNBD:
    """The CDNOW optimum, in days."""
    return BGNBD(0.242594521, 4.413602098, 0.792921958, 2.425906771).rescaled(7.0)


@pytest.fixture(autouse=True)
def _no_numpy_warning() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield
