"""What is known of a customer at an instant: the feature matrix, and what it is made of.

A row a `Feature`, computed from states, an instant and the models, and nothing kept between calls.
What a value calls for is `scoring.warning`; names alone, for parts below, are `scoring.feature`.
"""

from scoring.features.declines import MONTH, visits_decline
from scoring.features.matrix import (
    NPS_SCALE,
    SURVEY_SCALE,
    Known,
    badness,
    decayed,
    decayed_sums,
    features,
    frequency,
    known,
    measured,
    monetary_value,
    recency,
    tenure,
    troubles,
)

__all__ = [
    "MONTH",
    "NPS_SCALE",
    "SURVEY_SCALE",
    "Known",
    "badness",
    "decayed",
    "decayed_sums",
    "features",
    "frequency",
    "known",
    "measured",
    "monetary_value",
    "recency",
    "tenure",
    "troubles",
    "visits_decline",
]
