"""Parts of the likelihoods that hang on whole-number counts alone."""

import numpy as np

from modelling.fit.likelihood.sums import dot
from scoring.arrays import Floats


def survivors(counts: Floats, weight: Floats) -> Floats:
    """Return how many customers have a count above k, for k from 0 to the largest count less one.

    With it a sum over customers of sums over k < count becomes one sum over k: log Gamma(r + x) -
    log Gamma(r) is the sum of log(r + k), which neither cancels nor overflows at any r.

    >>> survivors(np.array([0.0, 1.0, 3.0]), np.ones(3))
    array([2., 1., 1.])
    """
    present = np.bincount(counts.astype(np.int64), weights=weight)
    above: Floats = np.ascontiguousarray(present[::-1].cumsum()[::-1][1:], np.float64)
    return above


def rising(above: Floats, shape: float) -> tuple[float, float]:
    """Return the sum of log Gamma(shape + x) - log Gamma(shape), and its slope in log shape."""
    terms = shape + np.arange(len(above), dtype=np.float64)
    return dot(above, np.log(terms)), dot(above, shape / terms)


def kept(above: Floats, a: float, b: float) -> tuple[float, float, float]:
    """Return the sum of log B(a, b + m) - log B(a, b), and its slopes in log a, log b.

    It is the sum of log((b + k) / (a + b + k)) over k < m.
    """
    terms = b + np.arange(len(above), dtype=np.float64)
    lost = above * (a / (a + terms))
    return -dot(above, np.log1p(a / terms)), -float(lost.sum()), dot(lost, b / terms)
