"""Probability models of buying and spending, each in a file of its own."""

from scoring.models._checks import FloatArray, ParameterError
from scoring.models.bgnbd import BGNBD
from scoring.models.gammagamma import GammaGamma
from scoring.models.purchase_table import PurchaseTable

__all__ = ["BGNBD", "FloatArray", "GammaGamma", "ParameterError", "PurchaseTable"]
