"""Whether risks mean what they say early, midway and late in a silence."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.scoreboard.data import Case
from modelling.backtest import stretches
from modelling.backtest.measures.scores import score_present
from modelling.backtest.rivals.resamples import Resamples
from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.evaluation import expected_calibration_error
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.step.replay import replay

EVERY: Final = 7  # days between looks
BINS: Final = 10
BAND: Final = (0.025, 0.975)


class Looks(NamedTuple):
    """Customers looked at in silences whose end is known, shape (n,) each.

    Attributes:
        who: the customer's row.
        days: of silence so far.
        risk: as the live step tells it.
        lost: whether the silence became N days long.
    """

    who: Ints
    days: Floats
    risk: Floats
    lost: Bools

    def at(self, places: Ints) -> "Looks":
        """Some of them."""
        return Looks(self.who[places], self.days[places], self.risk[places], self.lost[places])


class Third(NamedTuple):
    """Calibration in a third of the silence.

    Attributes:
        log: The case's name.
        third: 1 to 3.
        low, high: Days of silence, the latter left out.
        looks: Customer-days.
        customers: Looked at.
        foretold: Mean risk.
        happened: Share lost.
        error: Expected calibration error over ten bins of equal counts.
        band: Between which 95% of errors of perfectly calibrated forecasts lie.
    """

    log: str
    third: int
    low: float
    high: float
    looks: int
    customers: int
    foretold: float
    happened: float
    error: float
    band: tuple[float, float]


def thirds(case: Case, document: dict[str, Any]) -> Iterator[Third]:
    """Look at a case's silences every seventh day of the holdout; a third without looks is none."""
    found, length = looks(case, ScoringModel(parse(document))), case.lapse_days / 3
    for third in range(3):
        low, high = third * length, (third + 1) * length
        at = np.flatnonzero((found.days >= low) & (found.days < high))
        if len(at):
            yield _third(case.name, third + 1, (low, high), found.at(at))


def looks(case: Case, model: ScoringModel) -> Looks:
    """Scores on every seventh day, in silences of less than N days that are over N days on."""
    log = case.log.before(float(np.nextafter(case.end, np.inf)))
    lives = stretches(log, case.lapse_days, case.end)
    stops = np.arange(case.start, case.end, EVERY * DAY).tolist()
    replayed = replay(log, model, until=case.end, stops=stops)
    dates = set(stops)
    scored = [score_present(one, model) for one in replayed if one.is_stop and one.clock in dates]
    row, time = (np.concatenate([getattr(one, name) for one in scored]) for name in ("row", "time"))
    risk = np.concatenate([one.scores[0] for one in scored])
    at = lives.at(row, np.nextafter(time, -np.inf))  # a purchase at the date itself is not known
    start = lives.start[at]
    days, over = (time - start) / DAY, start + case.lapse_days * DAY
    kept = np.flatnonzero(np.isfinite(start) & (days < case.lapse_days) & (over <= case.end))
    return Looks(row[kept], days[kept], risk[kept], lives.lost[at][kept])


def _third(log: str, third: int, ends: tuple[float, float], found: Looks) -> Third:
    return Third(
        log=log,
        third=third,
        low=ends[0],
        high=ends[1],
        looks=len(found.who),
        customers=len(np.unique(found.who)),
        foretold=float(found.risk.mean()),
        happened=float(found.lost.mean()),
        error=expected_calibration_error(found.risk, found.lost, BINS),
        band=calibrated_band(found.who, found.risk, found.lost),
    )


def calibrated_band(who: Ints, risk: Floats, lost: Bools) -> tuple[float, float]:
    """Between which 95% of calibration errors lie, were the forecasts perfectly calibrated.

    Looks at one silence end alike, so they are no independent draws. What is left of outcomes less
    risks, once each bin's mean is taken off, is calibrated; customers of it are drawn anew.

    Args:
        who: customers, shape (n,).
        risk: probabilities, shape (n,).
        lost: outcomes, shape (n,).
    """
    order = np.argsort(risk, kind="stable")
    bins = min(BINS, len(risk))
    number = np.empty(len(risk), np.int64)
    number[order] = np.arange(len(risk)) * bins // len(risk)
    off = lost - risk
    off -= (np.bincount(number, off) / np.bincount(number))[number]
    customer = np.unique(who, return_inverse=True)[1]
    count = int(customer.max()) + 1
    sums = np.zeros((count, bins + 1))
    np.add.at(sums, (customer, number), off)
    sums[:, bins] = np.bincount(customer)
    drawn = Resamples(count).sums(sums)
    errors = np.abs(drawn[:, :bins]).sum(axis=1) / drawn[:, bins]
    low, high = np.quantile(errors, BAND).tolist()
    return low, high


def json_thirds(found: Third) -> dict[str, Any]:
    """A third as a JSON value."""
    low, high = found.band
    kept = {name: value for name, value in found._asdict().items() if name != "band"}
    kept["from_days"], kept["until_days"] = kept.pop("low"), kept.pop("high")
    return {**kept, "band_low": low, "band_high": high}
