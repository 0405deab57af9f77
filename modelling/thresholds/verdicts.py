"""What became of warned customers: in the end of a silence, or in the days to come."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from modelling.backtest import Period, RulePerformance, Stretches, stretches
from modelling.backtest.measures.performance import rule_performance
from modelling.backtest.measures.raised import Raised, joined
from modelling.leaving import Episodes, episodes, outcomes
from scoring.arrays import DAY, Bools, Floats
from scoring.facts.calendar import BookCalendar
from scoring.model import ScoringModel
from scoring.parameters import Closure, Leaving, Silence
from scoring.rules import BUILT_IN, CHURN
from scoring.step.replay import EventLog


class WarningsWorth(NamedTuple):
    """What warnings in a period were worth; None where nothing is divided by.

    Attributes:
        warnings: raised in it.
        precision: right ones by those whose end is known.
        recall: who left and was warned of, by who left.
        lead_days: median, from the first right warning until leaving had shown.
    """

    warnings: int
    precision: float | None
    recall: float | None
    lead_days: float | None


class Endings(NamedTuple):
    """How warnings ended, each of shape (n,).

    Attributes:
        is_known: whether the history tells.
        is_right: whether the customer left.
        is_first: whether it is the first right one of its leaving.
    """

    is_known: Bools
    is_right: Bools
    is_first: Bools


class Verdicts(Protocol):
    """Judges a scorecard's entries into band middle."""

    def worth(self, entries: Raised, model: ScoringModel) -> WarningsWorth:
        """What the entries in the period were worth."""

    def endings(self, entries: Raised) -> Endings:
        """How each entry ended."""


@dataclass(frozen=True)
class OnSilences:
    """A warning is about the silence it was raised in.

    Attributes:
        lives: the customers' silences.
        period: what is judged.
        days: N.
    """

    lives: Stretches
    period: Period
    days: float

    def worth(self, entries: Raised, model: ScoringModel) -> WarningsWorth:
        """What the entries in the period were worth."""
        found = rule_performance(joined([entries]), self.lives, self.period, self.days, model)
        card = BUILT_IN[CHURN]
        own: RulePerformance = next(
            one for one in found if (one.rule, one.band) == (card, "middle")
        )
        lead = (own.lead_days.quantiles or {}).get("0.5")
        return WarningsWorth(own.warnings, own.precision, own.recall, lead)

    def endings(self, entries: Raised) -> Endings:
        """How each entry ended."""
        at, times = self.lives.at(entries["row"], entries["time"]), entries["time"]
        lost = self.lives.lost[at]
        is_right: Bools = lost & (times < self.lives.instant[at])
        is_known: Bools = lost | np.isfinite(self.lives.next[at])
        is_first = np.zeros(len(at), np.bool_)
        rightly = np.flatnonzero(is_right)
        rightly = rightly[np.argsort(times[rightly], kind="stable")]
        is_first[rightly[np.unique(at[rightly], return_index=True)[1]]] = True
        return Endings(is_known, is_right, is_first)


@dataclass(frozen=True)
class OnDaysAhead:
    """A warning is about the days to come, in which leaving shows or not.

    Attributes:
        log: the history, which ends with the period.
        leaving: what counts.
        period: what is judged.
        calendar: of the book.
        gone_at: when each customer left by the bank's own labels; None where it has none.
    """

    log: EventLog
    leaving: Leaving
    period: Period
    calendar: BookCalendar
    gone_at: Floats | None = None

    def worth(self, entries: Raised, model: ScoringModel) -> WarningsWorth:
        """What the entries in the period were worth."""
        del model
        inside = entries[self.period.holds(entries["time"])]
        known, right, _ = self.endings(inside)
        warned, when = self._episodes.warned(inside["row"], inside["time"])
        lead = np.maximum(self._episodes.instant - when, 0.0)[warned] / DAY
        return WarningsWorth(
            warnings=len(inside),
            precision=float(right.sum() / known.sum()) if known.any() else None,
            recall=float(warned.mean()) if len(warned) else None,
            lead_days=float(np.median(lead)) if len(lead) else None,
        )

    def endings(self, entries: Raised) -> Endings:
        """How each entry ended."""
        row, time = entries["row"], entries["time"]
        # What is bought at the instant of a warning is known to it.
        after = np.nextafter(time, np.inf)
        answers = outcomes(
            self.log, self.leaving, row, after, self.period.end, self.calendar, self.gone_at
        )
        is_right: Bools = answers == 1.0
        rightly = np.flatnonzero(is_right)
        rightly = rightly[np.lexsort((time[rightly], row[rightly]))]
        another = np.diff(row[rightly], prepend=-1) != 0
        another |= np.diff(time[rightly], prepend=-np.inf) > self.leaving.within * DAY
        is_first = np.zeros(len(entries), np.bool_)
        is_first[rightly[another]] = True
        return Endings(~np.isnan(answers), is_right, is_first)

    @cached_property
    def _episodes(self) -> Episodes:
        start, end = self.period
        return episodes(self.log, self.leaving, start, end, self.calendar, self.gone_at)


def verdicts(
    log: EventLog,
    leaving: Leaving,
    period: Period,
    calendar: BookCalendar,
    gone_at: Floats | None = None,
) -> Verdicts:
    """How warnings are judged by what counts as leaving; arguments as `OnDaysAhead`."""
    days = leaving.silence_days
    told_by_silences = all(isinstance(one, Silence | Closure) for one in leaving.parts)
    if days is None or gone_at is not None or not told_by_silences:
        return OnDaysAhead(log, leaving, period, calendar, gone_at)
    return OnSilences(stretches(log, days, period.end), period, days)
