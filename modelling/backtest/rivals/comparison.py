"""A rule beside plain ones: as early with how many warnings, as many with how much lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from modelling.backtest.rivals.curves import CurvePoint, MeasuredRule, PlainCurve, curve_point
from modelling.backtest.rivals.plain import PlainRule
from modelling.backtest.rivals.resamples import Bounds, Resamples, bounds
from modelling.backtest.rivals.silences import Silences
from modelling.backtest.rivals.tally import Tally, Totals, by_customer, totals
from scoring.arrays import Floats


@dataclass(frozen=True)
class Rival:
    """A plain rule that a rule is held against.

    Attributes:
        rule: with the figure at which its mean lead is the same, or what it is called without one.
        at: that figure; None, and the next five too, where no figure leads by as much.
        warnings: of it, a mixture of two steps having any number.
        precision: of it.
        recall: of it.
        fewer: share of its warnings that the rule does without, below 0 where it needs more.
        fewer_told: the same, had the rule a warning in each silence that began under one of before,
            as a plain rule has.
        lead_days: the plain rule's longest mean lead with as many warnings as the rule's.
        gained_days: by how much the rule's is longer.
    """

    rule: str
    at: float | None
    warnings: float | None
    precision: float | None
    recall: float | None
    fewer: Bounds | None
    fewer_told: Bounds | None
    lead_days: float
    gained_days: Bounds


@dataclass(frozen=True)
class EqualLead:
    """A rule at a threshold beside plain rules, over the silences that a period decides.

    Attributes:
        rule: name.
        threshold: at which its band begins.
        warnings: new ones, without those that stood since before the silence.
        right: of those.
        precision: right / warnings, None where there is none.
        lapses: all.
        caught: of those, with a right or a standing warning.
        recall: caught / lapses.
        stood: silences that began under a warning of before, which is no new one in them.
        mean_lead_days: over all lapses, one not warned of counting 0.
        early: share of lapses caught early.
        rivals: the plain rules, `silent for D days` first; none where nothing was caught.
    """

    rule: str
    threshold: float
    warnings: int
    right: int
    precision: float | None
    lapses: int
    caught: int
    recall: float | None
    stood: int
    mean_lead_days: float | None
    early: float | None
    rivals: tuple[Rival, ...]

    @property
    def best(self) -> Rival | None:
        """The plain rule with fewest warnings at the same mean lead."""
        able = [one for one in self.rivals if one.warnings is not None]
        return min(able, key=lambda one: one.warnings or 0.0, default=None)

    @property
    def silent(self) -> Rival | None:
        """The plain rule `silent for D days`."""
        return self.rivals[0] if self.rivals else None

    @property
    def point(self) -> CurvePoint:
        """It as a point among curves."""
        figures = self.precision, self.mean_lead_days, self.early
        return CurvePoint(self.threshold, float(self.warnings), *figures)


class Contest:
    """Holds rules against plain ones over the same silences.

    Args:
        silences: that the period decides.
        plain: the plain rules, `silent for D days` first.
        days: N.
        resamples: of the silences' customers; drawn by default.
    """

    def __init__(
        self,
        silences: Silences,
        plain: Sequence[PlainRule],
        days: float,
        resamples: Resamples | None = None,
    ) -> None:
        self._silences, self._days = silences, days
        self._draws = resamples or Resamples(silences.customers)
        lost = by_customer(silences.lost.astype(np.float64), silences)
        drawn = self._draws.sums(lost[:, None])[:, 0]
        self._lapses = np.where(drawn > 0, drawn, np.nan)
        able = plain if silences.lost.any() else ()
        self._plain = [
            MeasuredRule(rule, silences, days, self._draws, self._lapses) for rule in able
        ]

    @property
    def silences(self) -> Silences:
        """What rules are tallied over."""
        return self._silences

    @property
    def curves(self) -> tuple[PlainCurve, ...]:
        """What the plain rules bring with each of their figures; none where nobody was lost."""
        return tuple(one.curve for one in self._plain)

    def held(self, rule: str, threshold: float, tally: Tally) -> EqualLead:
        """Hold a rule against the plain ones.

        Args:
            rule: name.
            threshold: at which its band begins.
            tally: what it did in each silence.
        """
        own = totals(tally, self._silences)
        is_led = bool(own.lead > 0)
        return EqualLead(
            rule=rule,
            threshold=threshold,
            warnings=int(own.warnings),
            right=int(own.right),
            precision=own.precision,
            lapses=int(own.lapses),
            caught=int(own.caught),
            recall=own.recall,
            stood=int(own.stood),
            mean_lead_days=own.mean_lead,
            early=curve_point(threshold, tally, self._silences, self._days).early,
            rivals=self._rivals(own, tally) if is_led else (),
        )

    def _rivals(self, own: Totals, tally: Tally) -> tuple[Rival, ...]:
        parts = tally.warnings, tally.warnings + tally.stood, tally.lead
        columns = [by_customer(part, self._silences) for part in parts]
        warnings, told, leads = self._draws.sums(np.stack(columns, axis=1)).T
        drawn = _Drawn(warnings, told, leads / self._lapses)
        return tuple(_rival(plain, own, drawn) for plain in self._plain)


class _Drawn(NamedTuple):
    """A rule's figures in each draw of customers, shape (draws,) each."""

    warnings: Floats
    told: Floats
    leads: Floats


def _rival(plain: MeasuredRule, own: Totals, drawn: _Drawn) -> Rival:
    lead = own.lead / own.lapses
    found, budget = plain.at_lead(lead), plain.lead_for(own.warnings)
    theirs = found.totals if found else None
    told = own.warnings + own.stood
    return Rival(
        rule=plain.rule.called(found.at) if found else plain.rule.kind,
        at=found.at if found else None,
        warnings=theirs.warnings if theirs else None,
        precision=theirs.precision if theirs else None,
        recall=theirs.recall if theirs else None,
        fewer=_fewer(plain, own.warnings, theirs, drawn.warnings, drawn.leads),
        fewer_told=_fewer(plain, told, theirs, drawn.told, drawn.leads),
        lead_days=budget,
        gained_days=bounds(lead - budget, drawn.leads - plain.leads_for(drawn.warnings)),
    )


def _fewer(
    plain: MeasuredRule, own: float, theirs: Totals | None, warnings: Floats, leads: Floats
) -> Bounds | None:
    if theirs is None or not theirs.warnings:
        return None
    drawn = plain.warnings_at(leads)
    shares = 1.0 - warnings / np.where(drawn > 0, drawn, np.nan)
    return bounds(1.0 - own / theirs.warnings, shares)
