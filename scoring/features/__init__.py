"""What is known of a customer at an instant: one row a feature, one column a customer.

Here belongs how features come from the packed state and the model. What they are called is
`scoring.feature`; what is made of them, the scorecard's risk and the rules, is elsewhere.
"""

from scoring.features.activity import MONTH
from scoring.features.known import (
    Known,
    decayed_sums,
    features,
    frequency,
    known,
    measured,
    monetary_value,
    recency,
    tenure,
)

__all__ = [
    "MONTH",
    "Known",
    "decayed_sums",
    "features",
    "frequency",
    "known",
    "measured",
    "monetary_value",
    "recency",
    "tenure",
]
