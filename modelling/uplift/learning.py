"""A ranking from what outcomes tell, and the customers who can still be helped in its order."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from modelling.uplift.customers import features_of
from modelling.uplift.ranking import UpliftRanking, rank
from streams.tools.desk import Acted, Costs

SEED: Final = 20_260_101
COLUMNS: Final = ("customer_id", "uplift", "value_at_stake", "expected_profit", "currency")


class Waiting(NamedTuple):
    """A customer who is treated and has time left to return.

    Attributes:
        customer: their id.
        uplift: predicted.
        at_stake: their value at stake, minor units.
        profit: expected of acting, minor units.
        currency: of both.
    """

    customer: str
    uplift: float
    at_stake: float
    profit: float
    currency: str


def learnt(customers: Sequence[Acted], costs: Costs) -> tuple[UpliftRanking, list[Waiting]]:
    """Learn from customers whose time is over, and rank those who have some left.

    Args:
        customers: who were warned about, in an order that is always the same.
        costs: of acting; an offer's is not counted, since nobody knows who will accept.

    Returns:
        The ranking, and who is waiting, the most profitable first.

    Raises:
        UpliftError: there are too few.
    """
    over = [each for each in customers if each.has_returned is not None]
    rules = sorted({each.first.rule for each in over})
    treated = np.array([each.first.arm == "treated" for each in over], np.bool_)
    returned = np.array([each.has_returned for each in over], np.bool_)
    firsts = [each.first for each in over]
    found = rank(features_of(firsts, rules), treated, returned, np.random.default_rng(SEED))
    waiting = [
        each.first
        for each in customers
        if each.has_returned is None and each.first.arm == "treated"
    ]
    uplifts = found.predict(features_of(waiting, rules)).tolist() if waiting else []
    ranked = []
    for warning, uplift in zip(waiting, uplifts, strict=True):
        at_stake = warning.value_at_stake or 0.0
        profit = uplift * at_stake - costs.contact
        ranked.append(Waiting(warning.customer_id, uplift, at_stake, profit, warning.currency))
    return found, sorted(ranked, key=lambda each: (-each.profit, each.customer))


def write(waiting: Sequence[Waiting], file: Path) -> None:
    """Write who is waiting as CSV, amounts in minor units."""
    with file.open("w", encoding="utf-8", newline="") as sink:
        rows = csv.writer(sink)
        rows.writerow(COLUMNS)
        rows.writerows(waiting)
