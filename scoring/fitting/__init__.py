"""Maximum likelihood of the purchase and spend models, from counted customers."""

from scoring.fitting._starts import PurchaseModel
from scoring.fitting.cells import Cells, cells
from scoring.fitting.errors import FitError
from scoring.fitting.fitted import Fitted
from scoring.fitting.purchases import fit_purchases, log_likelihood
from scoring.fitting.spend import fit_spend

__all__ = [
    "Cells",
    "FitError",
    "Fitted",
    "PurchaseModel",
    "cells",
    "fit_purchases",
    "fit_spend",
    "log_likelihood",
]
