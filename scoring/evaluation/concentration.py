"""How much of the value few customers hold."""

from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats
from scoring.evaluation._checks import EvaluationError, not_negative

PARETO: Final = 0.2


def lorenz_curve(values: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the Lorenz curve (1905): share of all value held by the poorest share of customers.

    Args:
        values: one a customer, >= 0, shape (n,), not all 0.

    Returns:
        Share of customers and share of value, each rising from 0 to 1, shape (n + 1,).

    Raises:
        EvaluationError: negative, not finite, none, or all 0.

    >>> customers, value = lorenz_curve([1.0, 3.0])
    >>> customers.tolist(), value.tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.25, 1.0])
    """
    held = np.cumsum(np.sort(not_negative("values", values)))
    if held[-1] <= 0.0:
        raise EvaluationError(where="values", expected="some above 0", got="0 in all")
    customers: Floats = np.arange(held.size + 1) / held.size
    return customers, np.concatenate(([0.0], held / held[-1]))


def top_share(values: npt.ArrayLike, top: float = PARETO) -> float:
    """Return the share of all value that the richest `top` of the customers hold.

    Between two customers the curve is a straight line. Arguments and errors as for `lorenz_curve`.

    >>> top_share([1.0, 1.0, 1.0, 1.0, 16.0])
    0.8
    """
    customers, value = lorenz_curve(values)
    return float(1.0 - np.interp(1.0 - top, customers, value))


def gini(values: npt.ArrayLike) -> float:
    """Return the Gini coefficient: twice the area between the Lorenz curve and equality.

    Arguments and errors as for `lorenz_curve`.

    >>> gini([5.0, 5.0])
    0.0
    """
    customers, value = lorenz_curve(values)
    return float(1.0 - np.sum(np.diff(customers) * (value[1:] + value[:-1])))
