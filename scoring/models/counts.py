# ruff: noqa: N803 - T is the field's own name for the time since the first purchase.
"""How many repeat purchases a customer drawn at random makes in a time: P(X(t) < n)."""

from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats, Ints
from scoring.models._checks import column
from scoring.models._purchase_model import PurchaseModel
from scoring.models.parts.coin_model import CoinModel
from scoring.models.parts.death_model import DeathModel

_NODES: Final = 200
_NOTHING: Final = np.zeros(())


def chances_of_fewer(model: PurchaseModel, counts: Ints, T: npt.ArrayLike) -> Floats:
    """Return P(X(T) < n) for each n of `counts`.

    Whoever may stop at purchases makes n or more where both the buying and the coin last so long,
    which know nothing of each other: one minus P(N >= n) times P(no stop before the n-th). The
    differences from n to n + 1 are equation (8) of Fader, Hardie and Lee 2005 (Marketing Science
    24) for BG/NBD. For Pareto/NBD it is an integral over the time of death.

    Args:
        model: BG/NBD, MBG/NBD, Pareto/NBD or a limit of them.
        counts: Numbers of purchases, >= 0, shape (counts,).
        T: Time since the first purchase, >= 0, shape (n,).

    Returns:
        Shape (counts, n).

    Raises:
        TypeError: The model is another one.
    """
    time = column(T)
    if isinstance(model, CoinModel):
        fewer = [_coin(model, n, time) for n in counts.tolist()]
    elif isinstance(model, DeathModel):
        fewer = _death(model, counts.tolist(), time)
    else:
        raise TypeError(f"expected BG/NBD, MBG/NBD or Pareto/NBD, got {type(model).__name__}")
    return np.stack(fewer)


def _coin(model: CoinModel, n: int, T: Floats) -> Floats:
    lasted = model.coin.stayed(max(n + model.first_opportunities - 1, 0))
    fewer: Floats = (1.0 - lasted) + lasted * model.buying.fewer(n, T)
    return fewer


def _death(model: DeathModel, counts: list[int], T: Floats) -> list[Floats]:
    """Alive at T, or dead since; Gauss-Legendre over u = log(1 + time / scale)."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    scale = min(model.buying.time, model.dying.time)
    half = np.log1p(T / scale) / 2.0
    grown = half[:, None] * (nodes + 1.0)
    time, step = scale * np.expm1(grown), weights * half[:, None] * scale * np.exp(grown)
    dying = model.dying.mean(_NOTHING, time) * model.dying.fewer(1, time) * step
    living = model.dying.fewer(1, T)
    return [
        living * model.buying.fewer(n, T) + (dying * model.buying.fewer(n, time)).sum(axis=1)
        for n in counts
    ]
