# ruff: noqa: N803 - T is the field's own name for the time since the first purchase.
"""How many repeat purchases a customer drawn at random makes in a time: P(X(t) = x)."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammaln, xlog1py, xlogy

from scoring.arrays import Floats
from scoring.models._checks import column
from scoring.models._purchase_model import PurchaseModel
from scoring.models.betageometric import BetaGeometric
from scoring.models.paretonbd import ParetoNBD

_NODES: Final = 200


def count_probabilities(model: PurchaseModel, most: int, T: npt.ArrayLike) -> Floats:
    """Return P(X(T) = x) for x from 0 to `most`.

    Equation (8) of Fader, Hardie and Lee 2005 (Marketing Science 24) for BG/NBD, the same with one
    more opportunity to stop for MBG/NBD, and for Pareto/NBD the integral over the time of death.

    Args:
        model: BG/NBD, MBG/NBD or Pareto/NBD.
        most: Largest x, >= 0.
        T: Time since the first purchase, >= 0, shape (n,).

    Returns:
        Shape (most + 1, n).

    Raises:
        TypeError: The model is another one.
    """
    time = column(T)
    if isinstance(model, BetaGeometric):
        return _beta_geometric(model, most, time)
    if isinstance(model, ParetoNBD):
        return _pareto(model, most, time)
    raise TypeError(f"expected BG/NBD, MBG/NBD or Pareto/NBD, got {type(model).__name__}")


def _nbd(x: float, T: Floats, r: float, alpha: float) -> Floats:
    """P(X = x) of who lives for T: negative binomial."""
    shape = gammaln(r + x) - gammaln(r) - gammaln(x + 1.0)
    share = T / (alpha + T)
    chance: Floats = np.exp(shape + xlog1py(r, -share) + xlogy(x, share))
    return chance


def _beta_geometric(model: BetaGeometric, most: int, T: Floats) -> Floats:
    alive = [_nbd(x, T, model.r, model.alpha) for x in range(most + 1)]
    fewer = np.cumsum([np.zeros_like(T), *alive[:-1]], axis=0)
    chances = np.empty((most + 1, len(T)))
    for x in range(most + 1):
        stayed, stopped = _dropping(model, x)
        chances[x] = stayed * alive[x] + stopped * np.maximum(1.0 - fewer[x], 0.0)
    return chances


def _dropping(model: BetaGeometric, x: int) -> tuple[float, float]:
    """P(not stopped at any opportunity up to x), P(stopped at the last of them)."""
    a, b, chances = model.a, model.b, x + model.first_opportunities
    stayed = float(np.exp(betaln(a, b + chances) - betaln(a, b)))
    if chances == 0:
        return stayed, 0.0
    return stayed, float(np.exp(betaln(a + 1.0, b + chances - 1.0) - betaln(a, b)))


def _pareto(model: ParetoNBD, most: int, T: Floats) -> Floats:
    """Alive at T, or dead since; Gauss-Legendre over u = log(1 + time / scale)."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    scale = min(model.alpha, model.beta)
    half = np.log1p(T / scale) / 2.0
    grown = half[:, None] * (nodes + 1.0)
    time, step = scale * np.expm1(grown), weights * half[:, None] * scale * np.exp(grown)
    dying = model.s / (model.beta + time) * _living(model, time) * step
    chances = np.empty((most + 1, len(T)))
    for x in range(most + 1):
        died = _nbd(x, time, model.r, model.alpha) * dying
        chances[x] = _living(model, T) * _nbd(x, T, model.r, model.alpha) + died.sum(axis=1)
    return chances


def _living(model: ParetoNBD, time: Floats) -> Floats:
    """P(alive after a time), (beta / (beta + time))^s."""
    living: Floats = np.exp(-model.s * np.log1p(time / model.beta))
    return living
