"""A parameter file made ready for arrays: models, decay rates, thresholds and calendar."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
from scipy.special import expit

from scoring.arrays import DAY, NEVER, Floats
from scoring.churn import ChurnScorecard
from scoring.facts.calendar import BookCalendar
from scoring.facts.memory import Memory
from scoring.facts.touchpoints import Touchpoints
from scoring.feature import Feature
from scoring.model.thresholds import Bands, ThresholdsInForce, thresholds
from scoring.models import ParameterError, PurchaseModel, PurchasesAhead, SpendModel
from scoring.models.clv import present_value
from scoring.parameters import Leaving, Parameters
from scoring.rules import RuleSet, shipped

EPOCH: Final = date(1970, 1, 1)
LIFETIME: Final = 365.25 * 100  # days of tenure beyond which silence is not timed


@dataclass(frozen=True)
class Chances:
    """Probabilities of customers by the purchase model, each worked out once it is asked for.

    Attributes:
        model: whose horizons they are about.
        x, t_x, age: repeat purchase days, first to last purchase and to now, days, shapes (n,).
    """

    model: "ScoringModel"
    x: Floats
    t_x: Floats
    age: Floats

    @cached_property
    def _gone(self) -> Floats:
        """Log odds."""
        return self.model.purchases.log_odds_gone(self.x, self.t_x, self.age)

    @property
    def alive(self) -> Floats:
        """P(still active), shape (n,)."""
        alive: Floats = expit(-self._gone)
        return alive

    @property
    def no_purchase(self) -> Floats:
        """P(no purchase in the next H days), shape (n,)."""
        return self._quiet(np.array([self.model.horizon]))

    @property
    def lapse(self) -> Floats:
        """P(this silence reaches the N days that count as leaving), shape (n,).

        It rises in silence, as it falls with every purchase that may still come.
        """
        left = self.model.silence_days - (self.age - self.t_x)
        return self._quiet(np.maximum(left, 0.0))

    def _quiet(self, horizon: Floats) -> Floats:
        return self.model.purchases.p_quiet(self._gone, self.x, self.age, horizon)


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
    def newcomers_from(self) -> float:
        """The instant from which on who begins is new to the bank, epoch seconds."""
        first = self.rules.newcomers_from
        return -NEVER if first is None else self._midnight((first - EPOCH).days)

    @property
    def fitted_until(self) -> float | None:
        """The end of the last day that the fit saw, epoch seconds; None where none is told."""
        last = self.parameters.fitted_until
        return None if last is None else self._midnight((last - EPOCH).days + 1)

    def _midnight(self, day: int) -> float:
        return float(self.calendar.midnight(np.array([day]))[0])

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

    @cached_property
    def silence_days(self) -> float:
        """N of a silence that counts as leaving; else the days in which leaving shows."""
        return self.leaving.silence_days or self.leaving.within

    def silence_share(self, silence: Floats) -> Floats:
        """How far a silence, days, is through those N days, 0 to 1."""
        return np.minimum(silence / self.silence_days, 1.0)

    def chances(self, x: Floats, t_x: Floats, age: Floats) -> Chances:
        """What the purchase model says of customers, shapes as given."""
        return Chances(self, x, t_x, age)

    @cached_property
    def rising_reads(self) -> frozenset[Feature]:
        """What is made to rise in silence by models looks at these."""
        churn = frozenset() if self.churn is None else self.churn.rising_part.reads(self.purchases)
        return churn | {Feature.P_NO_PURCHASE}

    @cached_property
    def falling_reads(self) -> frozenset[Feature]:
        """What may let the churn risk fall in silence looks at these."""
        card = self.churn
        return frozenset() if card is None else card.falling_part.reads(self.purchases)

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

    @property
    def touchpoints(self) -> Touchpoints:
        """Families by the heads of touchpoints."""
        return self.parameters.touchpoints

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
