import numpy as np
import numpy.typing as npt

from scoring import ScoringError
from scoring.arrays import Bools, Floats


class EvaluationError(ScoringError):
    """Figures that cannot be judged: nothing, nan, lengths that differ or one class only."""


def numbers(where: str, values: npt.ArrayLike) -> Floats:
    """Return `values` as a vector of at least one finite number.

    Raises:
        EvaluationError: They are not.
    """
    vector = np.asarray(values, np.float64)
    if vector.ndim != 1 or not vector.size:
        raise EvaluationError(where=where, expected="a vector of numbers", got=vector.shape)
    if not np.isfinite(vector).all():
        bad = vector[~np.isfinite(vector)][0]
        raise EvaluationError(where=where, expected="finite numbers", got=str(bad))
    return vector


def not_negative(where: str, values: npt.ArrayLike) -> Floats:
    """Return `values` as a vector of finite numbers >= 0.

    Raises:
        EvaluationError: They are not.
    """
    vector = numbers(where, values)
    if (vector < 0.0).any():
        raise EvaluationError(where=where, expected="numbers >= 0", got=str(vector.min()))
    return vector


def probabilities(where: str, values: npt.ArrayLike) -> Floats:
    """Return `values` as a vector of numbers from 0 to 1.

    Raises:
        EvaluationError: They are not.
    """
    vector = not_negative(where, values)
    if (vector > 1.0).any():
        raise EvaluationError(where=where, expected="numbers from 0 to 1", got=str(vector.max()))
    return vector


def outcomes(where: str, values: npt.ArrayLike, count: int) -> Bools:
    """Return `values` as `count` truth values.

    Raises:
        EvaluationError: They are not as many, or something else than 0 and 1.
    """
    vector = np.asarray(values)
    if vector.shape != (count,):
        raise EvaluationError(where=where, expected=f"{count} of them", got=vector.shape)
    truth: Bools = vector.astype(np.bool_)
    if not (truth == vector).all():
        raise EvaluationError(where=where, expected="0 or 1", got=str(vector[truth != vector][0]))
    return truth


def both_classes(where: str, truth: Bools) -> tuple[int, int]:
    """Return how many are true and how many are not.

    Raises:
        EvaluationError: One of them is none.
    """
    positive = int(truth.sum())
    if positive in {0, truth.size}:
        raise EvaluationError(
            where=where, expected="both outcomes", got=f"{positive} of {truth.size}"
        )
    return positive, truth.size - positive
