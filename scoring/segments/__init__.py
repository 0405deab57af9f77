"""Segments: a customer's classes, and the running histograms that propose their cut points.

A class and its words are said in `schemas.segments`; here is who is in it. Nothing that is
warned about depends on a segment.
"""

from scoring.segments.definitions import (
    DEFINITIONS,
    Basis,
    Definition,
    category_shift,
    satisfaction,
    segments,
)

__all__ = ["DEFINITIONS", "Basis", "Definition", "category_shift", "satisfaction", "segments"]
