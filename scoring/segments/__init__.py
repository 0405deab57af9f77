"""Segments: a customer's classes, and the running histograms that propose their cut points.

A class and its words are said in `schemas.segments`; here is who is in it. Nothing that is
warned about depends on a segment.
"""

from scoring.segments.basis import Basis
from scoring.segments.by_touchpoint import satisfaction_at, weakest
from scoring.segments.definitions import DEFINITIONS, Definition, segments
from scoring.segments.figures import FIGURES, Figure, figures
from scoring.segments.needs import Needs, needs, note_needs

__all__ = [
    "DEFINITIONS",
    "FIGURES",
    "Basis",
    "Definition",
    "Figure",
    "Needs",
    "figures",
    "needs",
    "note_needs",
    "satisfaction_at",
    "segments",
    "weakest",
]
