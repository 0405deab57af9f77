import math

import numpy as np
import numpy.typing as npt

from scoring import ScoringError
from scoring.arrays import Floats


class ParameterError(ScoringError):
    """A parameter that cannot be used; carries `where`, `expected` and `got`."""


def require_above(bound: float, where: str, **values: float) -> None:
    """Refuse the first value that is not a finite number above ``bound``.

    Raises:
        ParameterError: Names the value as ``where.name``.
    """
    for name, value in values.items():
        if not (math.isfinite(value) and value > bound):
            expected = f"a finite number above {bound:g}"
            raise ParameterError(where=f"{where}.{name}", expected=expected, got=value)


def require_fraction(where: str, values: npt.ArrayLike) -> Floats:
    """Return ``values`` as a column if each lies strictly between 0 and 1.

    Raises:
        ParameterError: One does not.
    """
    fractions = column(values)
    outside = ~((fractions > 0.0) & (fractions < 1.0))
    if outside.any():
        got = fractions[outside].flat[0]
        raise ParameterError(where=where, expected="above 0 and below 1", got=got)
    return fractions


def column(values: npt.ArrayLike) -> Floats:
    """Return ``values`` as float64 in C order, copied only if they are not that already.

    NumPy's SIMD kernels of exp and log serve forward strides only; a reversed view falls back to
    libm and rounds differently. C order keeps one customer's result the same in any batch.
    """
    return np.asarray(values, dtype=np.float64, order="C")
