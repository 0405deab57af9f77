"""How rules performed: their warnings held against what became of the customers."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from modelling.backtest.measures.placed import Period, PlacedWarnings
from modelling.backtest.measures.raised import Raised
from modelling.leaving.stretches import Fate, Stretches
from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.model import ScoringModel
from scoring.warning.lifecycle import HIGH, MIDDLE

ANY: Final = "any"
BANDS: Final = {MIDDLE: "middle", HIGH: "high"}
FLAP_DAYS: Final = 30.0
WEEK: Final = 7.0
QUANTILES: Final = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
BINS: Final = 10
ENDINGS: Final = (Fate.LOST, Fate.BOUGHT, Fate.UNKNOWN)  # of right, wrong and open warnings


@dataclass(frozen=True)
class Lead:
    """Days from the first right warning of each lapse to its instant.

    Attributes:
        quantiles: days by quantile, `QUANTILES`; None where no lapse was warned of.
        edges: of the histogram, days, the last bin open above.
        counts: lapses in each bin.
    """

    quantiles: dict[str, float] | None
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class RulePerformance:
    """One rule's warnings at one band, and the lapses of the period.

    A warning is the entry into the band. It is right if raised before the instant of the lapse that
    ends the stretch it was raised in: the customer's last purchase by then was their last before
    the lapse. It is late if that lapse was already past, wrong if a purchase ended the stretch, and
    open where the history ends too soon to tell. A lapse is warned of if any warning about it came
    before its instant, be it before the period. Ratios are None where nothing is divided by.

    Attributes:
        rule: name, or `any` for all rules together.
        band: `middle` or `high`.
        threshold: the rule's value at which the band begins, None for all rules.
        warnings: raised in the period.
        warnings_per_day: the same by the period's days.
        weekly: the same by week from the period's beginning, of which the last may be cut.
        right, wrong, late, open: what they were; they sum to `warnings`.
        precision: right / (right + wrong + late).
        lapses: with their instant in the period.
        warned: of those, warned of.
        recall: warned / lapses.
        lead_days: how long before.
        flaps: warnings at most `FLAP_DAYS` after the same rule's last entry into the band.
        warned_clv: sum of the CLV, at the first right warning, of each lapse warned of; minor
            units.
    """

    rule: str
    band: str
    threshold: float | None
    warnings: int
    warnings_per_day: float | None
    weekly: tuple[int, ...]
    right: int
    wrong: int
    late: int
    open: int
    precision: float | None
    lapses: int
    warned: int
    recall: float | None
    lead_days: Lead
    flaps: int
    warned_clv: float


def rule_performance(
    raised: Raised, lives: Stretches, period: Period, days: float, model: ScoringModel
) -> tuple[RulePerformance, ...]:
    """Measure every rule, and all together, at both bands.

    Args:
        raised: as `joined` orders them; all since the history's beginning.
        lives: what became of the customers.
        period: what is judged.
        days: N, over which leads are shown.
        model: whose thresholds were used.
    """
    return placed_performance(PlacedWarnings.of(raised, lives, period), period, days, model)


def placed_performance(
    placed: PlacedWarnings, period: Period, days: float, model: ScoringModel
) -> tuple[RulePerformance, ...]:
    """As `rule_performance`, of warnings whose stretches are known."""
    measure = _Measure(period, days, placed.lapses)
    performance = []
    for band, limits in ((MIDDLE, model.middle), (HIGH, model.high)):
        of_band = placed.where(placed.raised["band"] == band)
        for rule in model.rules.rules:
            own = of_band.where(of_band.raised["rule"] == rule.slot)
            performance.append(measure.rule(own, rule.name, band, float(limits[rule.slot])))
        performance.append(measure.rule(of_band, ANY, band, None))
    return tuple(performance)


@dataclass(frozen=True)
class _Measure:
    """What every rule is measured against: the period, N in days, and the lapses in the period."""

    period: Period
    days: float
    lapses: int

    def rule(
        self, placed: PlacedWarnings, rule: str, band: int, threshold: float | None
    ) -> RulePerformance:
        raised, times = placed.raised, placed.raised["time"]
        inside, early = self.period.holds(times), times < placed.instant
        fate = placed.fate[inside & early]
        right, wrong, still_open = (int((fate == one).sum()) for one in ENDINGS)
        late, warnings = int((inside & ~early).sum()), int(inside.sum())
        first = _first_by_stretch(placed.at, times, early & placed.is_due)
        leads = (placed.instant[first] - times[first]) / DAY
        return RulePerformance(
            rule=rule,
            band=BANDS[band],
            threshold=threshold,
            warnings=warnings,
            warnings_per_day=_ratio(warnings, self.period.days),
            weekly=_weekly(raised["time"][inside], self.period),
            right=right,
            wrong=wrong,
            late=late,
            open=still_open,
            precision=_ratio(right, right + wrong + late),
            lapses=self.lapses,
            warned=len(first),
            recall=_ratio(len(first), self.lapses),
            lead_days=lead(leads, self.days),
            flaps=int((inside & _flaps(raised)).sum()),
            warned_clv=float(raised["clv"][first].sum()),
        )


def lead(leads: Floats, days: float) -> Lead:
    """Describe leads, days, over ten bins up to `days`; the last is open above.

    >>> days = lead(np.array([5.0, 20.0, 40.0]), 50.0)
    >>> days.quantiles["0.5"], days.counts
    (20.0, (0, 1, 0, 0, 1, 0, 0, 0, 1, 0))
    """
    edges = np.linspace(0.0, days, BINS + 1)
    counts = np.histogram(leads, np.append(edges[:-1], NEVER))[0]
    quantiles = None
    if len(leads):
        found = np.quantile(leads, QUANTILES).tolist()
        quantiles = {f"{q:g}": value for q, value in zip(QUANTILES, found, strict=True)}
    return Lead(quantiles, tuple(edges.tolist()), tuple(counts.tolist()))


def _first_by_stretch(at: Ints, times: Floats, kept: Bools) -> Ints:
    """The first of the kept warnings in each stretch that has one."""
    picks = np.flatnonzero(kept)
    picks = picks[np.lexsort((times[picks], at[picks]))]
    first: Ints = picks[np.unique(at[picks], return_index=True)[1]]
    return first


def _flaps(raised: Raised) -> Bools:
    """Which follow the same customer's and rule's last entry within `FLAP_DAYS`."""
    order = np.lexsort((raised["time"], raised["rule"], raised["row"]))
    row, rule, time = raised["row"][order], raised["rule"][order], raised["time"][order]
    again = (row[1:] == row[:-1]) & (rule[1:] == rule[:-1]) & (np.diff(time) <= FLAP_DAYS * DAY)
    flaps = np.zeros(len(order), np.bool_)
    flaps[order[1:]] = again
    return flaps


def _weekly(times: Floats, period: Period) -> tuple[int, ...]:
    week = WEEK * DAY
    weeks = max(math.ceil((period.end - period.start) / week), 1)
    numbers = np.minimum((times - period.start) // week, weeks - 1).astype(np.int64)
    return tuple(np.bincount(numbers, minlength=weeks).tolist())


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
