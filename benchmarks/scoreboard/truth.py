"""Every rule's warnings held against the truth of a made-up bank: who leaves, how, since when."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.scoreboard.data import Case
from modelling.backtest import Period, with_thresholds
from modelling.backtest.rivals import Changes, changed, together
from modelling.backtest.rivals.levels import moves
from modelling.simulation import LeavingReason, Truth
from modelling.simulation.run import customer_id
from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import BUILT_IN, CHURN
from scoring.step.replay import replay
from scoring.warning.lifecycle import MIDDLE

EARLY: Final = 14.0  # days before the last purchase
CHURN_FROM: Final = 0.3  # as the first of the thresholds that are held at equal lead
PARTLY_FROM: Final = (0.1, 0.2, 0.3)
HIGH: Final = 0.9
KINDS: Final[Mapping[str, LeavingReason]] = {
    "sudden": LeavingReason.SUDDEN,
    "ebbing": LeavingReason.EBBING,
    "after complaints": LeavingReason.DISSATISFACTION,
    "after default": LeavingReason.DEFAULT,
    "card moved": LeavingReason.MOVED,
    "death": LeavingReason.DEATH,
}
STAYS: Final = 0
GROUPS: Final[Mapping[str, Callable[[Truth], Bools]]] = {
    "travellers": lambda truth: truth.is_traveller,
    "holiday pausers": lambda truth: truth.pauses,
    "refunded": lambda truth: truth.returns,
    "none of these": lambda truth: ~(truth.is_traveller | truth.pauses | truth.returns),
}


class Caught(NamedTuple):
    """Leavers of one kind whose decline began in the period, early enough to tell.

    Attributes:
        leavers: How many.
        recall: Share with the rule's level up at the onset or raised after it.
        days_after: Median days from the onset to that, 0 where it was up; None where there is none.
        early: Share with it at least 14 days before the last purchase.
    """

    leavers: int
    recall: float | None
    days_after: float | None
    early: float | None


@dataclass(frozen=True)
class RuleTruth:
    """One rule held against the truth.

    Attributes:
        rule: Name.
        warnings: Entries into band middle in the period.
        right: Of those, of customers whose decline had begun.
        precision: right / warnings, None where there was none.
        kinds: By kind of leaver.
        healthy: Of who stays, by group: share warned of.
    """

    rule: str
    warnings: int
    right: int
    precision: float | None
    kinds: Mapping[str, Caught]
    healthy: Mapping[str, float | None]


def against_truth(
    case: Case, truth: Truth, document: dict[str, Any], churn_from: float = CHURN_FROM
) -> Iterator[RuleTruth]:
    """Replay a bank, `churn` warning from a risk on; rules that never do are left out."""
    own = ScoringModel(parse(document))
    model = with_thresholds(own, {BUILT_IN[CHURN]: (churn_from, HIGH)} if own.churn else {})
    period = Period(case.start, case.end)
    log = case.log.before(float(np.nextafter(case.end, np.inf)))
    changes = together([changed(one) for one in replay(log, model, until=case.end)])
    number = {customer_id(each): row for row, each in enumerate(truth.customers.tolist())}
    known = np.array([number[name] for name in log.customers], np.int64)
    changes["row"] = known[changes["row"]]
    for slot, rule in enumerate(model.rules.rules):
        own = together([changes[changes["rule"] == slot]])
        judged = judge(rule.name, own, truth, period, case.lapse_days)
        if judged.warnings:
            yield judged


def partly_against_truth(case: Case, truth: Truth, document: dict[str, Any]) -> Iterator[RuleTruth]:
    """The rule `churn` of a file that counts partial defection as leaving, from some risks on."""
    for least in PARTLY_FROM:
        for one in against_truth(case, truth, document, least):
            if one.rule == BUILT_IN[CHURN]:
                yield replace(one, rule=f"churn, of partial defection, from {least:g}")


def judge(rule: str, changes: Changes, truth: Truth, period: Period, days: float) -> RuleTruth:
    """Hold one rule's changes of level, by customer and time, against the truth.

    Args:
        rule: Name.
        changes: `row` being the customer's place in the truth.
        truth: Of the customers.
        period: What is judged.
        days: N: a decline that begins later than so long before the end is not looked at.
    """
    entered = moves(changes, MIDDLE)[0]
    row, time = changes["row"][entered], changes["time"][entered]
    inside = period.holds(time)
    hits = inside & (time >= truth.onset[row])
    warnings, right = int(inside.sum()), int(hits.sum())
    first = _first(changes, truth.onset)
    begun = (truth.onset >= period.start) & (truth.onset <= period.end - days * DAY)
    told = np.zeros(len(truth.customers), np.bool_)
    told[row[inside]] = True
    return RuleTruth(
        rule=rule,
        warnings=warnings,
        right=right,
        precision=right / warnings if warnings else None,
        kinds={
            name: _caught(first, truth, np.flatnonzero(begun & (truth.reason == reason)))
            for name, reason in KINDS.items()
        },
        healthy={
            name: _share(told[(truth.kind == STAYS) & belongs(truth)])
            for name, belongs in GROUPS.items()
        },
    )


def _first(changes: Changes, since: Floats) -> Floats:
    """When each customer's level was up first from an instant on, inf for never."""
    up = changes["after"] >= MIDDLE
    row, time = changes["row"], changes["time"]
    until = np.where(np.diff(row, append=-1) == 0, np.append(time[1:], NEVER), NEVER)
    seen = up & (until > since[row])
    first = np.full(len(since), NEVER)
    np.minimum.at(first, row[seen], np.maximum(time[seen], since[row[seen]]))
    return first


def _caught(first: Floats, truth: Truth, at: Ints) -> Caught:
    told = first[at]
    after = ((told - truth.onset[at]) / DAY)[np.isfinite(told)]
    early = told <= truth.last_purchase[at] - EARLY * DAY
    median = float(np.median(after)) if len(after) else None
    return Caught(len(at), _share(np.isfinite(told)), median, _share(early))


def _share(flags: Bools) -> float | None:
    return float(flags.mean()) if len(flags) else None
