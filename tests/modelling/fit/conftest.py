from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def sample():
    """x, t_x, T (weeks) and mean repeat spend (dollars) of CDNOW's sample, shape (4, 2357)."""
    path = DATA / "cdnow_sample_cbs_exact.csv"
    return np.genfromtxt(path, delimiter=",", skip_header=1)[:, 1:].T.copy()


@pytest.fixture(autouse=True)
def _no_numpy_warning() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield
