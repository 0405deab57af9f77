"""Whether the demo's warnings are worth it: beside a plain rule that leads by as much."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from ebbwatch.demo.events.cdnow import purchases
from ebbwatch.demo.listener import Warned
from modelling.backtest import Period
from modelling.backtest.rivals import Changes, Silences, decided, together
from modelling.backtest.rivals.levels import CHANGE, of_rule
from modelling.leaving import stretches
from scoring.arrays import DAY, Bools
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.rules import BUILT_IN, CHURN
from scoring.step.looks import looked
from scoring.step.replay import EventLog
from scoring.warning.lifecycle import MIDDLE

LEVELS: Final = {"low": 0, "middle": 1, "high": 2}
MONTH: Final = 30.4375  # days


class Worth(BaseModel):
    """Silences of customers with enough at stake, over the whole log.

    Attributes:
        warnings: of the rule churn.
        mean_lead_days: before a silence counts as leaving, over all that did.
        plain_days: D of "silent for D days", which leads by as much.
        plain_warnings: of that rule, of the same customers.
        most_a_month: largest share of all customers warned of in one month, by any rule.
    """

    model_config = ConfigDict(frozen=True)

    warnings: int
    mean_lead_days: float
    plain_days: float
    plain_warnings: int
    most_a_month: float


def worth(warnings: Sequence[Warned], model: ScoringModel) -> Worth:
    """Hold the demo's warnings against the plain rule, as `ebbwatch backtest` does.

    Args:
        warnings: published, of all rules.
        model: that they were made by.
    """
    log = purchase_log()
    row = {name.decode(): number for number, name in enumerate(log.customers)}
    real = [one for one in warnings if one["customer_id"] in row]
    lives = stretches(log, model.silence_days, float(log.times[-1]))
    silences = decided(lives, Period(float(log.times[0]), float(log.times[-1])))
    churn = [one for one in real if one["rule"] == BUILT_IN[CHURN]]
    tally = of_rule(_changes(churn, row), MIDDLE, silences)
    kept = _worthy(log, silences, model)
    lead = float(tally.lead[kept & silences.lost].mean())
    days = model.silence_days - lead
    return Worth(
        warnings=int(tally.warnings[kept].sum()),
        mean_lead_days=round(lead, 1),
        plain_days=round(days, 1),
        plain_warnings=int((silences.lasted[kept] > days).sum()),
        most_a_month=round(_most_a_month(real, log), 4),
    )


def purchase_log() -> EventLog:
    """The demo's real purchases as columns."""
    events = purchases()
    names, rows = np.unique([event["customer_id"] for event in events], return_inverse=True)
    made = np.zeros(len(events), EVENT)
    made["kind"], made["id"] = Kind.PURCHASE, np.arange(1, len(events) + 1)
    made["time"] = made["reversed_time"] = [_seconds(event["event_time"]) for event in events]
    made["amount"] = [event["amount"] for event in events]
    return EventLog([name.encode() for name in names.tolist()], rows, made)


def _changes(warnings: Sequence[Warned], row: dict[str, int]) -> Changes:
    changes = np.empty(len(warnings), CHANGE)
    changes["row"] = [row[one["customer_id"]] for one in warnings]
    changes["rule"], changes["after"] = CHURN, [LEVELS[one["band"]] for one in warnings]
    changes["time"] = [_seconds(one["event_time"]) for one in warnings]
    return together([changes])


def _worthy(log: EventLog, silences: Silences, model: ScoringModel) -> Bools:
    """Which silences began with enough at stake."""
    known = looked(log, silences.row, silences.start + 1.0, model)
    worthy: Bools = known[Feature.VALUE_AT_STAKE] >= model.least_value
    return worthy


def _most_a_month(warnings: Sequence[Warned], log: EventLog) -> float:
    raised = [one for one in warnings if one["lifecycle"] == "raised"]
    first = float(log.times[0])
    told = {
        (int((_seconds(one["event_time"]) - first) // (MONTH * DAY)), one["customer_id"])
        for one in raised
    }
    months = np.bincount(np.array([month for month, _ in told], np.int64), minlength=1)
    return float(months.max()) / len(log.customers)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
