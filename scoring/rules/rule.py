"""What a rule says, and what follows from it: how its value moves in silence, and what times it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from scoring.feature import FACETS, Feature, InSilence

Route = Literal["risk", "relationship"]


class Timer(StrEnum):
    """How it is found when a value that rises in silence crosses its threshold."""

    NO_PURCHASE = "no_purchase"  # the root of P(no purchase in H), which the purchase model has
    SCORECARD = "scorecard"  # the root of a bound, since some of its terms fall
    CROSSING = "crossing"  # any other value that never falls in silence, by bracketing

    @property
    def waits(self) -> bool:
        """Whether it alone tells when a rule over its threshold has cooled."""
        return self is not Timer.SCORECARD


@dataclass(frozen=True)
class Limits:
    """Thresholds of one rule, in the unit of its value.

    Attributes:
        middle: band middle begins here.
        high: band high begins here.
        hysteresis: how far below its threshold a band is kept.
        points: what the rule gives to the score at `high`.
        floor: value up to which it gives none.
    """

    middle: float
    high: float
    hysteresis: float
    points: float
    floor: float = 0.0


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: as in files, metrics and warnings.
        slot: its place in the customer's record.
        route: topic its warnings go to.
        value: feature compared with the thresholds.
        then, now: features shown as evidence, the customer's own past, where there is one to tell,
            and the present.
        actions: codes of the recommended action at band middle and high.
        limits: for parameter files that do not name the rule; None where the scorecard has them.
        needs_rhythm: the value is a sign of leaving only once the customer's rhythm is known.
    """

    name: str
    slot: int
    route: Route
    value: Feature
    then: Feature | None
    now: Feature
    actions: tuple[str, str]
    limits: Limits | None
    needs_rhythm: bool = False

    @property
    def in_silence(self) -> InSilence:
        """How the value moves without events."""
        return FACETS[self.value].in_silence

    @property
    def timer(self) -> Timer | None:
        """Finds when the value crosses its threshold in silence; None where it never rises."""
        if self.in_silence is InSilence.MIXED:
            return Timer.SCORECARD
        if self.in_silence is not InSilence.RISES:
            return None
        return Timer.NO_PURCHASE if self.value is Feature.P_NO_PURCHASE else Timer.CROSSING
