"""What is known of customers when they are first warned about, as columns."""

from collections.abc import Sequence

import numpy as np

from schemas import EarlyWarning
from scoring.arrays import Floats


def features_of(warnings: Sequence[EarlyWarning], rules: Sequence[str]) -> dict[str, Floats]:
    """Columns of a ranking's features, each of shape (n,).

    Counts and money enter by their logarithm, so that the currency is moot.

    Args:
        warnings: each customer's first.
        rules: that are told apart; of another one all are 0.
    """
    columns = {
        "churn_risk": [w.churn_risk for w in warnings],
        "p_alive": [w.p_alive for w in warnings],
        "expected_purchases (log)": np.log1p([w.expected_purchases for w in warnings]),
        "value_at_stake (log)": np.log1p([w.value_at_stake or 0.0 for w in warnings]),
        "band high": [w.band == "high" for w in warnings],
        **{f"rule {name}": [w.rule == name for w in warnings] for name in rules},
    }
    return {name: np.asarray(values, np.float64) for name, values in columns.items()}
