"""The versioned parameter file: the one place where units meet and damage is refused.

A section of the file is a file here. What a section means is elsewhere: this only checks and
converts it. Reading and writing files is `streams.parameters`.
"""

from scoring.models import ParameterError
from scoring.parameters.document import Parameters, digest, parse, sealed
from scoring.parameters.leaving import Closure, FirstOf, Leaving, Partial, Silence
from scoring.parameters.promise import Promise
from scoring.parameters.rules import RuleLimits, Scorecard

__all__ = [
    "Closure",
    "FirstOf",
    "Leaving",
    "ParameterError",
    "Parameters",
    "Partial",
    "Promise",
    "RuleLimits",
    "Scorecard",
    "Silence",
    "digest",
    "parse",
    "sealed",
]
