"""What a panel should have found, computed from the purchase log alone, round by round."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from ebbwatch.demo.events.cdnow import purchases
from scoring.arrays import DAY, Bools, Floats
from scoring.facts.events import EVENT, hash_ids
from scoring.facts.kinds import Kind
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.step.replay import EventLog, final_states

Event = dict[str, Any]
Risk = Callable[[States, Floats, Floats], Floats]


def spread_purchases(customers: int) -> list[Event]:
    """The CDNOW log's first customers, the purchases of a day spread over its seconds."""
    last = f"cdnow-{customers:05d}"
    events = [event for event in purchases() if event["customer_id"] <= last]
    return [
        {**event, "event_time": _later(event["event_time"], number)}
        for number, event in enumerate(events)
    ]


def _later(day: str, number: int) -> str:
    instant = datetime.fromisoformat(day) + timedelta(seconds=1 + number % 80_000)
    return instant.isoformat()


def log_of(events: Sequence[Event]) -> EventLog:
    """Purchases as columns, by time."""
    ordered = sorted(events, key=lambda event: str(event["event_time"]))
    customers = sorted({event["customer_id"] for event in ordered})
    row_of = {customer: row for row, customer in enumerate(customers)}
    made = np.zeros(len(ordered), EVENT)
    made["kind"], made["id"] = Kind.PURCHASE, hash_ids([event["event_id"] for event in ordered])
    made["time"] = [datetime.fromisoformat(event["event_time"]).timestamp() for event in ordered]
    made["reversed_time"] = made["time"]
    made["amount"] = [event["amount"] for event in ordered]
    rows = np.array([row_of[event["customer_id"]] for event in ordered])
    return EventLog([customer.encode() for customer in customers], rows, made)


class Expected:
    """Outcomes by model, in rounds at given instants.

    Args:
        log: purchases of one partition's members.
        model: the champion, without a scorecard.
        challenger: foretells risks.
        threshold: of the challenger.
    """

    def __init__(
        self, log: EventLog, model: ScoringModel, challenger: Risk, threshold: float
    ) -> None:
        self.log, self.model = log, model
        self.challenger, self.threshold = challenger, threshold
        self.counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, at: float) -> int:
        """Count a round whose window is over; how many members it had."""
        past = self.log.before(float(np.nextafter(at, np.inf)))
        states = final_states(past, self.model, until=at)
        here = np.flatnonzero((states["purchase_days"] > 0) & self._is_asked(states, at))
        states, now = states[here], np.full(len(here), at)
        matrix = features(states, now, self.model)
        known = (matrix[Feature.FREQUENCY] >= 2) | (matrix[Feature.TENURE] >= self.model.horizon)
        flagged = {
            "champion": known & self._is_risky(matrix),
            "challenger": known & (self.challenger(states, now, matrix) >= self.threshold),
        }
        churned = ~self._bought(at)[here]
        for model, flags in flagged.items():
            for lost, flag in zip(churned.tolist(), flags.tolist(), strict=True):
                outcome = "churned" if lost else "stayed"
                self.counts[model, outcome, "yes" if flag else "no"] += 1
        return len(here)

    def _is_asked(self, states: States, at: float) -> Bools:
        """Everybody is."""
        del at
        return np.ones(len(states), np.bool_)

    def _is_risky(self, matrix: Floats) -> Bools:
        risky: Bools = matrix[Feature.P_NO_PURCHASE] >= 0.95
        return risky

    def _bought(self, at: float) -> Bools:
        """Who bought on a new day after `at`, up to the end of their own window."""
        bought = np.zeros(len(self.log.customers), np.bool_)
        days = set(zip(self.log.rows.tolist(), (self.log.times // DAY).tolist(), strict=True))
        before = self.log.times <= at
        old = set(
            zip(
                self.log.rows[before].tolist(),
                (self.log.times[before] // DAY).tolist(),
                strict=True,
            )
        )
        ends = self._ends(at)
        for row, day in days - old:
            bought[row] |= day * DAY < ends[row]
        return bought

    def _ends(self, at: float) -> Floats:
        """By customer: the midnight nearest to the horizon's end."""
        end = round((at + self.model.horizon * DAY) / DAY) * DAY
        return np.full(len(self.log.customers), float(end))

    def precision(self, model: str) -> float:
        """Of the flagged, the share that churned."""
        churned, stayed = (self.counts[model, told, "yes"] for told in ("churned", "stayed"))
        return churned / (churned + stayed)


class ExpectedSilences(Expected):
    """The same of a champion with a scorecard of silences of N days: each their own window."""

    def _is_asked(self, states: States, at: float) -> Bools:
        asked: Bools = states["last_day"] + self.model.leaving.within > at / DAY
        return asked

    def _is_risky(self, matrix: Floats) -> Bools:
        assert self.model.churn is not None
        risky: Bools = matrix[Feature.CHURN_RISK] >= self.model.churn.middle
        return risky

    def _ends(self, at: float) -> Floats:
        """The end of the N-th day after the last purchase's."""
        before, last = self.log.times <= at, np.zeros(len(self.log.customers))
        np.maximum.at(last, self.log.rows[before], self.log.times[before] // DAY)
        ends: Floats = (last + self.model.leaving.within + 1.0) * DAY
        return ends
