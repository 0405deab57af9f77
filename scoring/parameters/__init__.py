"""The versioned parameter file: the one place where units meet and damage is refused."""

from scoring.models import ParameterError
from scoring.parameters.document import Parameters, digest, parse, sealed
from scoring.parameters.rules import RuleLimits, Scorecard

__all__ = ["ParameterError", "Parameters", "RuleLimits", "Scorecard", "digest", "parse", "sealed"]
