"""One threshold tried: the period replayed by the live step, and its warnings held to what came."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from modelling.backtest import Period
from modelling.backtest.measures.raised import Raised, joined, raised
from modelling.churn.file import HYSTERESIS
from modelling.thresholds.choosing import ThresholdChoice
from modelling.thresholds.economics import Economics, Ended, tiers_of
from modelling.thresholds.verdicts import Verdicts, verdicts
from scoring import ScoringError
from scoring.arrays import DAY, NEVER, Floats
from scoring.facts.state import States, new_states
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.parameters import Leaving
from scoring.rules import CHURN
from scoring.step.replay import EventLog, Replayed, final_states, holds_of, replay
from scoring.warning.gate import Holding
from scoring.warning.lifecycle import LOW, MIDDLE, is_present

LOOKS: Final = 4  # instants of the period at which risks are looked at


@dataclass(frozen=True)
class ThresholdTrials:
    """A period, and the model whose scorecard is tried on it.

    Attributes:
        log: events from `since` on, nothing in it after the period.
        since: as many days before the period as leaving takes to show and a warning waits before it
            clears, epoch seconds, from which on thresholds are replayed.
        states: of all customers as of `since`, everybody due to be judged anew, as live when a
            parameter file comes into force.
        model: with a scorecard, fitted to what came before the period if it is to tell anything.
        period: what is judged.
        verdicts: what became of the customers.
        held: when which rises are held.
        share: of the customers that the log holds, by which warnings are counted up.
        economics: what warnings bring and cost, None where that is not known.
    """

    log: EventLog
    since: float
    states: States
    model: ScoringModel
    period: Period
    verdicts: Verdicts
    held: Holding
    share: float = 1.0
    economics: Economics | None = None

    @classmethod
    def of(
        cls,
        log: EventLog,
        model: ScoringModel,
        period: Period,
        leaving: Leaving,
        share: float = 1.0,
        economics: Economics | None = None,
        gone_at: Floats | None = None,
    ) -> "ThresholdTrials":
        """Cut a log at the period's end, judge its customers, and replay what is before.

        A lapse in the period is of a silence that began N days before it at the earliest, and who
        was open then by a threshold that is tried has cleared or is open again once the rule's
        patience has passed, so that what is replayed but once raises no warning that counts.

        Raises:
            ScoringError: the model has no scorecard.
        """
        require_scorecard(model)
        kept = log.before(float(np.nextafter(period.end, NEVER)))
        since = period.start - leaving.within * DAY - float(model.thresholds.clear_after[CHURN])
        held = holds_of(kept, period.end)
        states, later = _as_of(kept, model, since, held)
        judges = verdicts(kept, leaving, period, model.calendar, gone_at)
        return cls(later, since, states, model, period, judges, held, share, economics)

    def risks(self) -> Floats:
        """Risks of the customers at regular instants of the period, shape (n,)."""
        dates = np.linspace(self.period.start, self.period.end, LOOKS).tolist()
        until, stops = dates[-1], dates[:-1]
        blocks = replay(
            self.log, self.model, until=until, stops=stops, states=self.states, held=self.held
        )
        found = [_risks(one, self.model) for one in blocks if one.is_stop]
        return np.concatenate([np.empty(0), *found])

    def choice(self, threshold: float) -> ThresholdChoice:
        """What warnings from a risk on would have been worth."""
        model = at_threshold(self.model, threshold)
        entries, values = self._raised(model)
        worth = self.verdicts.worth(entries, model)
        per_day = worth.warnings / self.period.days / self.share
        return ThresholdChoice(
            threshold=threshold,
            warnings_per_day=per_day,
            precision=worth.precision,
            recall=worth.recall,
            lead_days=worth.lead_days,
            profit=self._profit(entries, values),
        )

    def _raised(self, model: ScoringModel) -> tuple[Raised, Floats]:
        kept, values = [joined([])], [np.empty(0)]
        for entries, value in self._replayed(model):
            kept.append(entries)
            values.append(value)
        return np.concatenate(kept), np.concatenate(values)

    def _replayed(self, model: ScoringModel) -> Iterator[tuple[Raised, Floats]]:
        """The scorecard's entries into band middle, and the value at stake at each."""
        until = self.period.end
        for one in replay(self.log, model, until=until, states=self.states, held=self.held):
            entries = raised(one)
            of_card = (entries["rule"] == CHURN) & (entries["band"] == MIDDLE)
            warnings = one.outcome.warnings
            entering = warnings[(warnings["before"] == LOW) & (warnings["rule"] == CHURN)]
            yield entries[of_card], entering["features"][:, Feature.VALUE_AT_STAKE]

    def _profit(self, entries: Raised, values: Floats) -> float | None:
        """A day, of all customers."""
        if self.economics is None:
            return None
        profit = self.economics.profit(self._ended(entries, values))
        return profit / self.period.days / self.share

    def _ended(self, entries: Raised, values: Floats) -> Ended:
        is_known, is_right, is_first = self.verdicts.endings(entries)
        kept = is_known & self.period.holds(entries["time"])
        tiers = tiers_of(values, self.model)
        return Ended(values[kept], tiers[kept], is_right[kept], is_first[kept])


def require_scorecard(model: ScoringModel) -> None:
    """Refuse a model of which no threshold can be tried.

    Raises:
        ScoringError: it has no scorecard.
    """
    if model.churn is None:
        expected = "a parameter file with a churn scorecard, as fit-churn writes it"
        raise ScoringError(where="thresholds", expected=expected, got="none")


def at_threshold(model: ScoringModel, middle: float, high: float | None = None) -> ScoringModel:
    """The model with its scorecard's bands begun elsewhere, and kept in proportion."""
    card = model.churn
    if card is None:
        return model
    top = middle if high is None else high
    moved = replace(card, middle=middle, high=top, hysteresis=HYSTERESIS * middle)
    return ScoringModel(replace(model.parameters, churn=moved), model.rules)


def _risks(one: Replayed, model: ScoringModel) -> Floats:
    states = one.outcome.states[is_present(one.outcome.states)]
    now = np.full(len(states), one.clock)
    risks: Floats = features(states, now, model)[Feature.CHURN_RISK]
    return risks


def _as_of(
    log: EventLog, model: ScoringModel, since: float, held: Holding
) -> tuple[States, EventLog]:
    """States at an instant, all due to be judged anew, and the events from then on."""
    before = log.before(since)
    at = len(before.events)
    if not at:
        return new_states(len(log.customers)), log
    states = final_states(before, model, until=since, held=held)
    states["armed_at"][is_present(states)] = since
    return states, EventLog(log.customers, log.rows[at:], log.events[at:])
