# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""lifetimes, which fits and scores the same customers."""

import math
import warnings
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final

import numpy as np

from benchmarks.fitting_data import Customers, Floats
from modelling.fit.likelihood import PurchaseModelName
from scoring.model import ScoringModel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter

FITTERS: Final = {"bgnbd": BetaGeoFitter, "paretonbd": ParetoNBDFitter}


def fit(model: PurchaseModelName, customers: Customers) -> tuple[Mapping[str, float] | None, float]:
    """Return what it finds, None if it fails, and the seconds that took."""
    start = perf_counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = FITTERS[model]().fit(*customers).params_
        except Exception:  # noqa: BLE001 - whatever it raises, it has not fitted
            return None, perf_counter() - start
    return {name: float(value) for name, value in found.items()}, perf_counter() - start


def scores(model: ScoringModel, customers: Customers, spend: Floats) -> Callable[[], object]:
    """Return what computes a full score with the model's own parameters."""
    buying, spending = BetaGeoFitter(), GammaGammaFitter()
    buying.params_ = pd.Series(
        {name: getattr(model.purchases, name) for name in ("r", "alpha", "a", "b")}
    )
    spending.params_ = pd.Series({name: getattr(model.spend, name) for name in "pqv"})
    buying.predict = buying.conditional_expected_number_of_purchases_up_to_time
    x, t_x, T, value = (pd.Series(column) for column in (*customers, spend))
    monthly = math.expm1(30.0 * model.parameters.discount_rate)

    def score() -> None:
        with np.errstate(all="ignore"):
            alive = buying.conditional_probability_alive(x, t_x, T)
            age = buying.params_["alpha"] + T
            1.0 - alive * (1.0 - (age / (age + model.horizon)) ** (buying.params_["r"] + x))
            buying.conditional_expected_number_of_purchases_up_to_time(model.horizon, x, t_x, T)
            spending.customer_lifetime_value(
                buying, x, t_x, T, value, time=12, discount_rate=monthly, freq="D"
            )

    return score
