"""How far numbers foretold lie from those that came."""

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats
from scoring.evaluation._checks import EvaluationError, numbers


def mean_absolute_error(foretold: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Return the mean of |foretold - actual|.

    Args:
        foretold: shape (n,).
        actual: shape (n,).

    Raises:
        EvaluationError: not finite numbers, or other lengths.

    >>> mean_absolute_error([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    expected, came = _pair(foretold, actual)
    return float(np.abs(expected - came).mean())


def correlation(foretold: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Return Pearson's correlation, 0 where either is constant; arguments as above.

    >>> round(correlation([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]), 12)
    1.0
    """
    expected, came = _pair(foretold, actual)
    if np.ptp(expected) == 0.0 or np.ptp(came) == 0.0:
        return 0.0
    expected, came = expected - expected.mean(), came - came.mean()
    spread = np.sqrt(np.square(expected).sum()) * np.sqrt(np.square(came).sum())
    return float(np.sum(expected * came) / spread)


def _pair(foretold: npt.ArrayLike, actual: npt.ArrayLike) -> tuple[Floats, Floats]:
    expected, came = numbers("foretold", foretold), numbers("actual", actual)
    if expected.shape != came.shape:
        raise EvaluationError(where="actual", expected=f"{expected.size} of them", got=came.size)
    return expected, came
