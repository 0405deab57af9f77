"""Parameters and rules made ready for arrays: all the core needs beside states and events.

Here they meet: models, decay rates, calendar, and which thresholds are in force. What a file says
is checked by `scoring.parameters` and `scoring.rules`.
"""

from scoring.model.scoring_model import Chances, ScoringModel
from scoring.model.thresholds import Bands

__all__ = ["Bands", "Chances", "ScoringModel"]
