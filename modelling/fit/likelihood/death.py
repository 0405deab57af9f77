"""The integral over the unseen instant of a Pareto/NBD customer's leaving."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats

# Longest path in u and the Gauss-Legendre nodes that leave an error of 1e-13 on it, as measured
# over (r + x) and (s + 1) from 0.001 to 10 000 and (beta + t_x) / (alpha + t_x) from 1e-6 to 1e7.
LEVELS: Final = ((0.5, 6), (1.0, 8), (2.0, 12), (3.0, 16), (6.0, 24), (8.0, 28), (16.0, 40))
LEVELS_BEYOND: Final = ((24.0, 64), (np.inf, 96))
_NEGLECTED: Final = 40.0  # e^-40 of the integrand's start
_DEEPEST: Final = 500.0
_POINTS: Final = 16_384  # nodes times cells evaluated at once: columns of 128 KiB


class Paths(NamedTuple):
    """What the integrals of some customers need, each of shape (n,).

    Attributes:
        buying: r + x.
        leaving: s + 1, shape (1,) or (n,).
        age: alpha + t_x.
        life: beta + t_x.
        silence: T - t_x.
    """

    buying: Floats
    leaving: Floats
    age: Floats
    life: Floats
    silence: Floats


def integrals(paths: Paths) -> Floats:
    """Return the integral and four means under its integrand, shape (5, n).

    The integral over 0 < z < silence of

        F(z) = (1 + z / age)^-buying (1 + z / life)^-leaving,

    and the means of log1p(z / age), log1p(z / life), z / (age + z) and z / (life + z) weighted by
    F, which its logarithm's derivatives are made of. With z = h (e^u - 1) and h the shorter of
    age / buying and life / leaving, over which F falls to 1 / e, the integrand is smooth on the
    scale of 1 in u whatever the parameters. Where F is negligible the path ends.
    """
    scale = np.minimum(paths.age / np.maximum(paths.buying, 1.0), paths.life / paths.leaving)
    lengths = np.log1p(_reach(paths) / scale)
    found = np.empty((5, len(scale)))
    for rows, nodes in _by_level(lengths):
        part = Paths(*(column[rows] for column in paths))
        found[:, rows] = _integrate(part, scale[rows], lengths[rows], nodes)
    return found


def _reach(paths: Paths) -> Floats:
    """Where the path ends: the silence, or where either factor alone makes the rest negligible."""
    reach = paths.silence
    for scale, power in ((paths.age, paths.buying), (paths.life, paths.leaving)):
        depth = _NEGLECTED / np.maximum(power - 1.0, _NEGLECTED / _DEEPEST)
        reach = np.minimum(reach, scale * np.expm1(depth))
    return reach


def _by_level(lengths: Floats) -> Iterator[tuple[npt.NDArray[np.intp], int]]:
    lower = -np.inf
    for upper, nodes in (*LEVELS, *LEVELS_BEYOND):
        rows = np.flatnonzero((lengths > lower) & (lengths <= upper))
        size = _POINTS // nodes
        for start in range(0, len(rows), size):
            yield rows[start : start + size], nodes
        lower = upper


_RULES: Final = {
    nodes: np.polynomial.legendre.leggauss(nodes) for _, nodes in (*LEVELS, *LEVELS_BEYOND)
}


def _integrate(paths: Paths, scale: Floats, lengths: Floats, nodes: int) -> Floats:
    abscissae, weights = _RULES[nodes]
    u = np.multiply.outer(0.5 * (1.0 + abscissae), lengths)
    z = np.expm1(u)
    z *= scale
    by_age, by_life = z / paths.age, z / paths.life
    aged, lived = np.log1p(by_age), np.log1p(by_life)
    u -= paths.buying * aged
    u -= paths.leaving * lived
    density = np.exp(u, out=u)
    density *= weights[:, None]
    by_age /= 1.0 + by_age
    by_life /= 1.0 + by_life
    total = density.sum(axis=0)
    means = (
        np.einsum("ij,ij->j", density, each) / total for each in (aged, lived, by_age, by_life)
    )
    return np.stack([0.5 * lengths * scale * total, *means])
