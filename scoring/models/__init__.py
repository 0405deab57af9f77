"""Probability models of buying and spending, each in a file of its own.

Formulas with their equation numbers, for arrays of customers. Fitting them is
`modelling.fit.likelihood`.
"""

from scoring.arrays import Floats
from scoring.models._checks import ParameterError
from scoring.models._purchase_model import PurchaseModel, PurchasesAhead
from scoring.models.bgnbd import BGNBD
from scoring.models.clv import historic_clv, net_value, predictive_clv, present_value
from scoring.models.gammagamma import (
    GammaGamma,
    OneMean,
    OwnMean,
    SpendModel,
    spend_correlation,
)
from scoring.models.limits import CoinLimit, DeathLimit, limit_model, limit_of
from scoring.models.mbgnbd import MBGNBD
from scoring.models.numerics.decay import decay_integral
from scoring.models.paretonbd import ParetoNBD
from scoring.models.parts.purchase_table import PurchaseTable

__all__ = [
    "BGNBD",
    "MBGNBD",
    "CoinLimit",
    "DeathLimit",
    "Floats",
    "GammaGamma",
    "OneMean",
    "OwnMean",
    "ParameterError",
    "ParetoNBD",
    "PurchaseModel",
    "PurchaseTable",
    "PurchasesAhead",
    "SpendModel",
    "decay_integral",
    "historic_clv",
    "limit_model",
    "limit_of",
    "net_value",
    "predictive_clv",
    "present_value",
    "spend_correlation",
]
