"""Segments: what class a customer is in, and the running histograms that propose the cut points."""

from scoring.segments.definitions import (
    DEFINITIONS,
    Basis,
    Definition,
    category_shift,
    satisfaction,
    segments,
)

__all__ = ["DEFINITIONS", "Basis", "Definition", "category_shift", "satisfaction", "segments"]
