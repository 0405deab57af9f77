# ruff: noqa: N803 - T is the field's own name for the time since the first purchase.
"""How many repeat purchases a customer drawn at random makes in a time: P(X(t) = x)."""

from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats
from scoring.models._checks import column
from scoring.models._purchase_model import PurchaseModel
from scoring.models.parts.coin_model import CoinModel
from scoring.models.parts.death_model import DeathModel

_NODES: Final = 200
_NOTHING: Final = np.zeros(())


def count_probabilities(model: PurchaseModel, most: int, T: npt.ArrayLike) -> Floats:
    """Return P(X(T) = x) for x from 0 to `most`.

    Equation (8) of Fader, Hardie and Lee 2005 (Marketing Science 24) for BG/NBD, the same with one
    more opportunity to stop for MBG/NBD, and for Pareto/NBD the integral over the time of death.

    Args:
        model: BG/NBD, MBG/NBD, Pareto/NBD or a limit of them.
        most: Largest x, >= 0.
        T: Time since the first purchase, >= 0, shape (n,).

    Returns:
        Shape (most + 1, n).

    Raises:
        TypeError: The model is another one.
    """
    time = column(T)
    if isinstance(model, CoinModel):
        return _coin(model, most, time)
    if isinstance(model, DeathModel):
        return _death(model, most, time)
    raise TypeError(f"expected BG/NBD, MBG/NBD or Pareto/NBD, got {type(model).__name__}")


def _coin(model: CoinModel, most: int, T: Floats) -> Floats:
    alive = [model.buying.counted(x, T) for x in range(most + 1)]
    fewer = np.cumsum([np.zeros_like(T), *alive[:-1]], axis=0)
    chances = np.empty((most + 1, len(T)))
    for x in range(most + 1):
        n = x + model.first_opportunities
        stopped = model.coin.stopped(n) if n else 0.0
        chances[x] = model.coin.stayed(n) * alive[x] + stopped * np.maximum(1.0 - fewer[x], 0.0)
    return chances


def _death(model: DeathModel, most: int, T: Floats) -> Floats:
    """Alive at T, or dead since; Gauss-Legendre over u = log(1 + time / scale)."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    scale = min(model.buying.time, model.dying.time)
    half = np.log1p(T / scale) / 2.0
    grown = half[:, None] * (nodes + 1.0)
    time, step = scale * np.expm1(grown), weights * half[:, None] * scale * np.exp(grown)
    dying = model.dying.mean(_NOTHING, time) * model.dying.counted(0, time) * step
    chances = np.empty((most + 1, len(T)))
    for x in range(most + 1):
        died = model.buying.counted(x, time) * dying
        lived = model.dying.counted(0, T) * model.buying.counted(x, T)
        chances[x] = lived + died.sum(axis=1)
    return chances
