# ruff: noqa: N803 - T is the field's own name for the time since the first purchase.
"""lifetimes, kept from warning, and its likelihood by the likelihoods under test."""

import warnings
from contextlib import contextmanager

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import (
        BetaGeoFitter,
        GammaGammaFitter,
        ModifiedBetaGeoFitter,
        ParetoNBDFitter,
        datasets,
        generate_data,
        utils,
    )

from modelling.fit.likelihood import FitError, cells, fit_purchases
from modelling.fit.likelihood.bgnbd import BGNBDLikelihood, MBGNBDLikelihood
from modelling.fit.likelihood.paretonbd import ParetoNBDLikelihood

LIKELIHOODS = {
    "bgnbd": BGNBDLikelihood,
    "mbgnbd": MBGNBDLikelihood,
    "paretonbd": ParetoNBDLikelihood,
}
FITTERS = {
    "bgnbd": BetaGeoFitter,
    "mbgnbd": ModifiedBetaGeoFitter,
    "paretonbd": ParetoNBDFitter,
}
__all__ = ["FITTERS", "LIKELIHOODS", "GammaGammaFitter", "datasets", "generate_data", "utils"]


@contextmanager
def hushed():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def theirs(model, x, t_x, T):
    """The parameters lifetimes finds, or None where it does not converge."""
    with hushed():
        try:
            fitted = FITTERS[model]().fit(x, t_x, T)
        except Exception:  # noqa: BLE001 - it fails in many ways
            return None
    found = {name: float(value) for name, value in fitted.params_.items()}
    return found if all(0.0 < value < 1e12 for value in found.values()) else None


def reached(model, x, t_x, T):
    """The log-likelihood we fit, or come to before we say that there is no maximum."""
    try:
        return fit_purchases(model, cells(x, t_x, T)).log_likelihood
    except FitError as error:
        return error.log_likelihood
