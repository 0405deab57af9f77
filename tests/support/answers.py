"""What people answer to a portfolio's warnings and cases, right, wrong, late and about nothing."""

from typing import Any

import numpy as np
from portfolio import DAY, SPAN, START, at

from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.ids import case_id, warning_id

RULES = ("silence", "silence", "overdue", "dissatisfaction", "engagement_decline")
AT_MOST = 3  # episodes and cases that are named


def answers(customers: int, seed: int, count: int) -> list[dict[str, Any]]:
    """Deal answers about customers of a `portfolio`, by event time.

    Args:
        customers: of the portfolio.
        seed: of everything.
        count: how many.
    """
    rng = np.random.default_rng((seed, 12))
    kinds = list(OUTCOME_EXAMPLES)
    days = np.sort(rng.uniform(30.0, SPAN, count)).tolist()
    return [_answer(rng, kinds, number, customers, day) for number, day in enumerate(days)]


def _answer(
    rng: np.random.Generator, kinds: list[str], number: int, customers: int, day: float
) -> dict[str, Any]:
    kind, who = str(rng.choice(kinds)), f"customer-{int(rng.integers(customers)):06d}"
    named = int(rng.integers(1, AT_MOST + 1))
    about = (
        {"case_id": case_id(who.encode(), named)}
        if rng.random() < 0.5
        else {"warning_id": warning_id(who.encode(), str(rng.choice(RULES)), named)}
    )
    own = {"reason": "other"} if kind in {"lost", "false_alarm"} else {}
    until = {"until": at(START + (day + 20.0) * DAY)} if kind == "snoozed" else {}
    return {
        "event_id": f"{who}:o{number}",
        "customer_id": who,
        "event_time": at(round(START + day * DAY, 3)),
        "type": kind,
        "answered_by": f"officer-{int(rng.integers(5))}",
        **about,
        **own,
        **until,
    }
