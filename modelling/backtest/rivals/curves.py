"""A plain rule over all its figures: what each brings, and which one leads by so much."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from modelling.backtest.rivals.plain import PlainRule
from modelling.backtest.rivals.resamples import Resamples
from modelling.backtest.rivals.silences import Silences
from modelling.backtest.rivals.tally import Tally, Totals, by_customer, of_plain, totals
from scoring.arrays import Floats, Ints

EARLY: Final = (
    14.0  # days before its instant that a lapse counts as caught early, half of N at most
)
HALVINGS: Final = 50


@dataclass(frozen=True)
class CurvePoint:
    """What a rule brings with one figure.

    Attributes:
        at: the figure, or the threshold.
        warnings: new ones.
        precision: right / warnings, None where there is none.
        mean_lead_days: over all lapses.
        early: share of lapses caught early.
    """

    at: float
    warnings: float
    precision: float | None
    mean_lead_days: float | None
    early: float | None


@dataclass(frozen=True)
class PlainCurve:
    """What a plain rule brings, from the figure that warns first to the one that warns last."""

    rule: str
    points: tuple[CurvePoint, ...]


def curve_point(at: float, tally: Tally, silences: Silences, days: float) -> CurvePoint:
    """What a rule brings.

    Args:
        at: its figure or threshold.
        tally: what it did in each silence.
        silences: the same.
        days: N.
    """
    sums, lapses = totals(tally, silences), int(silences.lost.sum())
    early = (tally.lead >= min(EARLY, days / 2)) & tally.caught
    share = float(early.sum()) / lapses if lapses else None
    return CurvePoint(at, sums.warnings, sums.precision, sums.mean_lead, share)


class PlainPoint(NamedTuple):
    """A plain rule's figure, and what it brings."""

    at: float
    totals: Totals


class MeasuredRule:
    """A plain rule measured over its grid, in all silences and in each draw of customers.

    Args:
        rule: what is measured.
        silences: with one lapse at least.
        days: N.
        resamples: of the silences' customers.
        lapses: of each draw, shape (draws,).
    """

    def __init__(
        self,
        rule: PlainRule,
        silences: Silences,
        days: float,
        resamples: Resamples,
        lapses: Floats,
    ) -> None:
        self.rule, self._silences = rule, silences
        points, self._totals = [], []
        warnings, leads = np.empty((2, silences.customers, len(rule.grid)))
        for place, at in enumerate(rule.grid.tolist()):  # one tally at a time: of all silences
            tally = self._tally(at)
            points.append(curve_point(at, tally, silences, days))
            self._totals.append(totals(tally, silences))
            warnings[:, place] = by_customer(tally.warnings, silences)
            leads[:, place] = by_customer(tally.lead, silences)
        self.curve = PlainCurve(rule.kind, tuple(points))
        self._leads = np.array([one.lead / one.lapses for one in self._totals])
        self._warnings = np.array([one.warnings for one in self._totals])
        self._drawn_warnings = resamples.sums(warnings)
        self._drawn_leads = resamples.sums(leads) / lapses[:, None]

    def at_lead(self, lead: float) -> PlainPoint | None:
        """The figure with a mean lead, days; None where no figure leads so much."""
        if lead > self._leads[0]:
            return None
        place = int(np.flatnonzero(self._leads >= lead)[-1])
        if place + 1 == len(self._leads) or self._leads[place] == lead:
            return PlainPoint(float(self.rule.grid[place]), self._totals[place])
        low, high = self.rule.grid[place : place + 2].tolist()
        return self._mixed(place, lead) if self.rule.is_stepwise else self._exact(low, high, lead)

    def warnings_at(self, leads: Floats) -> Floats:
        """Warnings in each draw with its own mean lead, shape (draws,); nan where none leads so."""
        return np.array(
            [
                np.interp(lead, of_draw[::-1], warnings[::-1], right=np.nan)
                for lead, of_draw, warnings in zip(
                    leads, self._drawn_leads, self._drawn_warnings, strict=True
                )
            ]
        )

    def lead_for(self, warnings: float) -> float:
        """The longest mean lead, days, that so many warnings bring.

        Where a figure warns more, a share of the customers drawn at random is left to it.
        """
        return float(_longest(self._leads, self._warnings, np.array([warnings]))[0])

    def leads_for(self, warnings: Floats) -> Floats:
        """The same of each draw, shape (draws,)."""
        return _longest(self._drawn_leads, self._drawn_warnings, warnings)

    def _tally(self, at: float) -> Tally:
        return of_plain(self._silences, self.rule.since(at))

    def _mixed(self, place: int, lead: float) -> PlainPoint:
        """Between two steps: as many customers by the next one as lead so much together."""
        above, below = self._leads[place : place + 2].tolist()
        share = (above - lead) / (above - below)
        low, high = self.rule.grid[place : place + 2].tolist()
        mixed = self._totals[place].mixed(self._totals[place + 1], share)
        return PlainPoint(low + share * (high - low), mixed)

    def _exact(self, low: float, high: float, lead: float) -> PlainPoint:
        at: Ints = np.flatnonzero(self._silences.lost)
        lapse = self._silences.lapse[at]
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            left = np.maximum(lapse - self.rule.since(middle)[at], 0.0).mean()
            low, high = (middle, high) if left >= lead else (low, middle)
        return PlainPoint(low, totals(self._tally(low), self._silences))


def _longest(leads: Floats, warnings: Floats, most: Floats) -> Floats:
    """The longest lead of figures, shape (figures,) or (draws, figures), by most warnings."""
    shares = np.minimum(most[:, None] / np.maximum(warnings, 1e-300), 1.0)
    longest: Floats = (leads * shares).max(axis=1)
    return longest
