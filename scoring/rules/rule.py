"""What a rule says, and what follows from it: how its value moves in silence, and what times it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from schemas import Intervention, Route
from scoring.feature import Feature, InSilence, in_silence
from scoring.rules.quiet import Quiet


class Timer(StrEnum):
    """How it is found when a value that rises in silence crosses its threshold."""

    NO_PURCHASE = "no_purchase"  # the root of P(no purchase in H), which the purchase model has
    SCORECARD = "scorecard"  # the root of a bound, since some of its terms fall
    STEP = "step"  # the instants at which it steps are known
    CROSSING = "crossing"  # any other value that never falls in silence, by bracketing

    @property
    def waits(self) -> bool:
        """Whether it alone tells when a rule over its threshold has cooled."""
        return self not in {Timer.SCORECARD, Timer.STEP}


@dataclass(frozen=True)
class Limits:
    """Thresholds of one rule, in the unit of its value.

    Attributes:
        middle: band middle begins here.
        high: band high begins here.
        hysteresis: how far below its threshold a band is kept.
        points: what the rule gives to the score at `high`.
        floor: value up to which it gives none.
        raises: whether it warns, 1 or 0.
    """

    middle: float
    high: float
    hysteresis: float
    points: float
    floor: float = 0.0
    raises: float = 1.0


class ClassLimits(NamedTuple):
    """Thresholds for the customers of one class.

    Attributes:
        code: of the class.
        middle, high: bands begin here.
        hysteresis: how far a value must go back; None for the rule's.
    """

    code: int
    middle: float
    high: float
    hysteresis: float | None


class Segmented(NamedTuple):
    """Thresholds by the classes of one segmentation."""

    by: str
    classes: tuple[ClassLimits, ...]


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
        stated: of the limits what a rules file states, which wins over parameter files.
        sign: 1 where values above the thresholds warn, -1 where values below.
        interventions: what band middle and high call for.
        words: what the value is, for people; empty where the program has sentences of its own.
        currency: in whose major unit thresholds are stated; None where they are no money.
        cooldown_days: how long it is not raised again; None for the parameter file's.
        clear_after_days: how long a value must have been out of a band before it is left.
        quiet: when it neither raises nor escalates.
        segmented: thresholds by class.
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
    stated: Mapping[str, float] = field(default_factory=dict)
    sign: int = 1
    interventions: tuple[Intervention, Intervention] = ("incentivise", "win_back")
    words: str = ""
    currency: str | None = None
    cooldown_days: float | None = None
    clear_after_days: float = 0.0
    quiet: Quiet | None = None
    segmented: Segmented | None = None

    @property
    def in_silence(self) -> InSilence:
        """How the value, of its sign, moves without events."""
        return in_silence(self.value, self.sign)

    @property
    def rises_in_silence(self) -> bool:
        """Whether silence alone can fire it, be it in part."""
        return self.in_silence in {InSilence.RISES, InSilence.MIXED, InSilence.STEPS}

    @property
    def timer(self) -> Timer | None:
        """Finds when the value crosses its threshold in silence; None where it never rises."""
        if self.in_silence is InSilence.MIXED:
            return Timer.SCORECARD
        if self.in_silence is InSilence.STEPS:
            return Timer.STEP
        if self.in_silence is not InSilence.RISES:
            return None
        is_own_root = self.value is Feature.P_NO_PURCHASE and self.sign > 0
        return Timer.NO_PURCHASE if is_own_root else Timer.CROSSING
