"""A parameter file made ready for arrays: models, decay rates, thresholds and calendar."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
from scipy.special import expit

from scoring.arrays import DAY, Floats
from scoring.churn import ChurnScorecard
from scoring.facts.calendar import BookCalendar
from scoring.facts.memory import Memory
from scoring.model.thresholds import Bands, ThresholdsInForce, thresholds
from scoring.models import ParameterError, PurchaseModel, PurchasesAhead, SpendModel
from scoring.models.clv import present_value
from scoring.parameters import Leaving, Parameters
from scoring.rules import RuleSet, shipped

LIFETIME: Final = 365.25 * 100  # days of tenure beyond which silence is not timed


class Chances(NamedTuple):
    """Probabilities of customers by the purchase model.

    Attributes:
        alive: P(still active).
        no_purchase: P(no purchase in the next H days).
        lapse: P(this silence reaches the N days that count as leaving | it has lasted so long).
    """

    alive: Floats
    no_purchase: Floats
    lapse: Floats


@dataclass(frozen=True)
class ScoringModel:
    """Everything `step` needs to know beside states, events and time.

    Attributes:
        parameters: the parameter file it was made of.
        rules: what warns whom, and from which threshold on.
    """

    parameters: Parameters
    rules: RuleSet = field(default_factory=shipped)

    @cached_property
    def calendar(self) -> BookCalendar:
        """Days of the book's time zone."""
        zone = self.parameters.book_timezone
        try:
            return BookCalendar(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ParameterError(where="book_timezone", expected="a zone", got=zone) from error

    @cached_property
    def purchases(self) -> PurchaseModel:
        """The purchase process, in days."""
        return self.parameters.purchases

    @cached_property
    def spend(self) -> SpendModel:
        """The spend process, in minor units."""
        return self.parameters.spend

    @property
    def margin(self) -> float:
        """Share of spend the bank keeps."""
        return self.parameters.margin

    @property
    def churn(self) -> ChurnScorecard | None:
        """The fitted churn scorecard, None where the file holds none."""
        return self.parameters.churn

    @property
    def leaving(self) -> Leaving:
        """What counts as leaving."""
        return self.parameters.leaving

    @property
    def horizon(self) -> float:
        """Days H over which "no purchase" is foretold."""
        return self.parameters.horizon_days

    @property
    def churn_horizon(self) -> float:
        """Days within which the churn risk is meant: the scorecard's own, H without one."""
        return self.horizon if self.churn is None else self.churn.horizon_days

    def p_no_purchase(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """P(no purchase in the next H days), shape as given."""
        return self.purchases.p_no_purchase(x, t_x, age, self.horizon)

    @cached_property
    def silence_days(self) -> float:
        """N of a silence that counts as leaving; else the days in which leaving shows."""
        return self.leaving.silence_days or self.leaving.within

    def silence_share(self, silence: Floats) -> Floats:
        """How far a silence, days, is through those N days, 0 to 1."""
        return np.minimum(silence / self.silence_days, 1.0)

    def chances(self, x: Floats, t_x: Floats, age: Floats) -> "Chances":
        """What the purchase model says of customers, shapes as given.

        P(this silence reaches N days) rises in silence, as it falls with every purchase that may
        still come.
        """
        gone, horizon = self.purchases.log_odds_gone(x, t_x, age), np.array([self.horizon])
        left = np.maximum(self.silence_days - (age - t_x), 0.0)
        return Chances(
            alive=expit(-gone),
            no_purchase=self.purchases.p_quiet(gone, x, age, horizon),
            lapse=self.purchases.p_quiet(gone, x, age, left),
        )

    def silence_root(self, x: Floats, t_x: Floats, threshold: Floats, low: Floats) -> Floats:
        """Tenure, days, at which silence takes P(no purchase) to `threshold`; at least `low`."""
        return self.purchases.silence_root_p_no_purchase(
            x, t_x, threshold=threshold, horizon=self.horizon, T_low=low, T_max=LIFETIME
        )

    @cached_property
    def _within_horizon(self) -> PurchasesAhead:
        return self.purchases.table(self.horizon)

    @cached_property
    def _within_lifetime(self) -> PurchasesAhead:
        ahead = self.parameters.clv_horizon_days
        return self.purchases.table(ahead, self.parameters.discount_rate)

    def purchases_ahead(self, x: Floats, age: Floats) -> Floats:
        """Expected purchases in the next H days of a customer who is alive."""
        return self._within_horizon.expected(x, age)

    def discounted_ahead(self, x: Floats, age: Floats) -> Floats:
        """Expected purchases over the CLV horizon of who is alive, discounted to now."""
        return self._within_lifetime.discounted(x, age)

    @cached_property
    def flow_ahead(self) -> float:
        """What one unit of money a day over the CLV horizon is worth now."""
        ahead = self.parameters.clv_horizon_days
        return float(present_value(1.0, ahead, self.parameters.discount_rate))

    @cached_property
    def memory(self) -> Memory:
        """How fast decayed sums are forgotten."""
        return Memory(self.parameters.half_lives_days)

    @cached_property
    def thresholds(self) -> ThresholdsInForce:
        """What rules are judged by: the rules file's, the parameter file's, the shipped ones'."""
        return thresholds(self.rules, self.parameters)

    @property
    def bands(self) -> Bands:
        """Where bands begin, shapes (slots,)."""
        return self.thresholds.bands

    @property
    def middle(self) -> Floats:
        """Thresholds of band middle, one a slot; out of reach where it has no rule."""
        return self.thresholds.bands.middle

    @property
    def high(self) -> Floats:
        """Thresholds of band high, one a slot."""
        return self.thresholds.bands.high

    @property
    def hysteresis(self) -> Floats:
        """How far below its threshold a band is kept, one a slot."""
        return self.thresholds.bands.hysteresis

    @property
    def least_value(self) -> float:
        """Value at stake, minor units, below which no silence is worth a warning."""
        return self.parameters.scorecard.least_value

    @cached_property
    def suppression(self) -> float:
        """Seconds that a rule rests once its warning was answered as false or dealt with."""
        return self.parameters.feedback.suppress_days * DAY

    @cached_property
    def base_odds(self) -> float:
        """Odds of churn at no points."""
        rate = self.parameters.scorecard.base_rate
        return rate / (1.0 - rate)
