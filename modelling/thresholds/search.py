"""A grid of thresholds tried on a period, and one of them recommended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from modelling.backtest import Period
from modelling.bulk.apart import HistoryApart
from modelling.thresholds.aim import Aim
from modelling.thresholds.choosing import Recommended, ThresholdChoice, choose
from modelling.thresholds.replaying import ThresholdTrials
from scoring.arrays import DAY, NEVER, Floats
from scoring.model import ScoringModel
from scoring.parameters import Leaving
from scoring.step.replay import EventLog

ROUND: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
QUANTILES: Final = np.linspace(0.4, 0.995, 12)  # of the risks
MOST_EVENTS: Final = 100_000  # replayed at each threshold, above which some customers stand for all
MOST_RISK: Final = 0.95  # where risks of two fits are still about the same
SAME: Final = 0.004  # risks nearer to each other are one threshold
Say = Callable[[str, int, int], None]  # what is done, how far, of how much
MUCH: Final = 0.5  # of what the recommended threshold reaches, below which a file's is much worse


@dataclass(frozen=True)
class ThresholdSearch:
    """What trying thresholds found.

    Attributes:
        recommended: the choice.
        tried: by rising threshold.
        period: that was judged.
        days: within which leaving shows.
        share: of the customers who were looked at.
        customers: looked at.
        own: what the model's own threshold brings, None unless asked for.
    """

    recommended: Recommended
    tried: tuple[ThresholdChoice, ...]
    period: Period
    days: float
    share: float
    customers: int
    own: ThresholdChoice | None = None

    @property
    def is_own_much_worse(self) -> bool:
        """Whether the file's own threshold reaches less than half of the recommended one."""
        at = self.recommended.at
        if self.own is None:
            return False
        if self.own.profit is not None:
            best = 0.0 if at is None else (at.profit or 0.0)
            return self.own.profit < MUCH * best or (at is None and self.own.profit < 0.0)
        return at is not None and self.own.f1 < MUCH * at.f1


def search(
    history: EventLog | HistoryApart,
    model: ScoringModel,
    period: Period,
    leaving: Leaving,
    aim: Aim,
    *,
    left_at: Mapping[bytes, float] | None = None,
    tries_own: bool = False,
    drawn: float = 1.0,
    most_events: int = MOST_EVENTS,
    say: Say = lambda *_: None,
) -> ThresholdSearch:
    """Try thresholds on a period, each by a replay of its own, and choose one.

    Args:
        history: a log, or parts of one, of at least one event.
        model: with a scorecard, best fitted to what came before the period.
        period: what is judged; all before it is replayed as well.
        leaving: what counts, and is judged by.
        aim: what the choice is to achieve.
        left_at: by customer id when they left, epoch seconds, if that is not to be told from the
            history; who is not in it stayed.
        tries_own: try the model's own threshold too.
        drawn: share of all customers that the history holds.
        most_events: above which a share of the customers is looked at.
        say: told before each trial; they take about equally long.

    Raises:
        ScoringError: the model has no scorecard.
    """
    whole = HistoryApart.of(history) if isinstance(history, EventLog) else history
    events = _replayed(whole, period.start - leaving.within * DAY, period.end)
    share = min(1.0, most_events / max(events, 1))
    some = whole.sampled(share)
    share *= drawn
    gone_at = None
    if left_at is not None:
        gone_at = np.array([left_at.get(customer, np.inf) for customer in some.customers])
    trials = ThresholdTrials.of(some, model, period, leaving, share, aim.economics, gone_at)
    own = model.churn.middle if model.churn and tries_own else None
    at = thresholds_to_try(trials.risks(), () if own is None else (own,))
    tried = []
    for number, threshold in enumerate(at):
        say("Trying thresholds", number, len(at))
        tried.append(trials.choice(threshold))
    return ThresholdSearch(
        recommended=choose(tried, aim),
        tried=tuple(tried),
        period=period,
        days=leaving.within,
        share=share,
        customers=len(some.customers),
        own=next((one for one in tried if one.threshold == own), None),
    )


def _replayed(history: HistoryApart, since: float, end: float) -> int:
    """Events from an instant up to another, which is in it."""
    until = float(np.nextafter(end, NEVER))
    return sum(len(log.before(until).events) - len(log.before(since).events) for _, log in history)


def thresholds_to_try(risks: Floats, also: Sequence[float] = ()) -> tuple[float, ...]:
    """Tenths, and quantiles of the risks, rising, each apart from the other.

    >>> thresholds_to_try(np.array([0.25, 0.25]), also=[0.301])
    (0.1, 0.2, 0.25, 0.301, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    """
    quantiles = np.quantile(risks, QUANTILES).tolist() if len(risks) else []
    kept: list[float] = []
    for one in (*ROUND, *(round(one, 4) for one in quantiles)):
        if 0.0 < one <= MOST_RISK and all(abs(one - other) >= SAME for other in (*also, *kept)):
            kept.append(one)
    return tuple(sorted({*also, *kept}))


def search_json(found: ThresholdSearch) -> dict[str, Any]:
    """A search as a JSON value; profit a day in minor units."""
    best = found.recommended
    return {
        "chosen_by": best.chosen_by,
        "middle": best.middle,
        "high": best.high,
        "warns_nobody": best.warns_nobody,
        "why": best.why,
        "notes": list(best.notes),
        "at": best.at and best.at._asdict(),
        "own": found.own and found.own._asdict(),
        "own_is_much_worse": found.is_own_much_worse,
        "horizon_days": found.days,
        "share": found.share,
        "customers": found.customers,
        "tried": [one._asdict() for one in found.tried],
    }
