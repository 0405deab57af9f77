"""What segments and figures are told from."""

from typing import NamedTuple

import numpy as np

from scoring.arrays import Floats, Ints
from scoring.facts.state import States
from scoring.model import ScoringModel
from scoring.parameters.segments import SegmentCuts


class Basis(NamedTuple):
    """What segments are told from: states, their features, levels and the model, at `now`."""

    states: States
    matrix: Floats
    now: Floats
    model: ScoringModel

    @property
    def levels(self) -> Ints:
        """Level of every slot, shape (n, RULE_SLOTS)."""
        levels: Ints = self.states["level"].astype(np.int64)
        return levels

    @property
    def cuts(self) -> SegmentCuts:
        """The parameter file's cut points."""
        cuts = self.model.parameters.segments
        assert cuts is not None  # noqa: S101 - `segments` asked before
        return cuts
