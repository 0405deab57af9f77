"""Maximum likelihood of the purchase and spend models, from counted customers.

Pure: customers in, parameters out. Files, dates and units are met in `modelling.fit`.
"""

from modelling.fit.likelihood.cells import Cells, cells
from modelling.fit.likelihood.fit_error import FitError
from modelling.fit.likelihood.fitted import Fitted
from modelling.fit.likelihood.purchases import fit_purchases, log_likelihood
from modelling.fit.likelihood.search.starts import PurchaseModelName
from modelling.fit.likelihood.spend import fit_spend, mean_spend

__all__ = [
    "Cells",
    "FitError",
    "Fitted",
    "PurchaseModelName",
    "cells",
    "fit_purchases",
    "fit_spend",
    "log_likelihood",
    "mean_spend",
]
