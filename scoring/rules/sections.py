"""The tables of a rules file: their keys, types and meaning, from which docs/rules.md is made."""

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from schemas import Intervention, Route
from schemas.constraints import ID_PATTERN
from scoring.facts.state import RULE_SLOTS
from scoring.rules.quiet import WEEKDAYS, span
from scoring.rules.rule_set import BUILT_IN

Code = Annotated[str, Field(pattern=ID_PATTERN, max_length=64)]
NAME: Final = r"^[a-z][a-z0-9_]{0,63}$"
EARLIEST: Final = date(1970, 1, 1)
FIRST_OWN: Final = len(BUILT_IN)


class StrictTable(BaseModel):
    """Strict: nothing unknown, nothing converted, no infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ByBand(StrictTable):
    """Something of each band that warns."""

    middle: Code = Field(description="Of band middle.")
    high: Code = Field(description="Of band high.")


class Interventions(StrictTable):
    """What bands call for."""

    middle: Intervention = Field(default="incentivise", description="Of band middle.")
    high: Intervention = Field(default="win_back", description="Of band high.")


class QuietHours(StrictTable):
    """When nothing is raised or escalated, by the clock of the book's time zone."""

    hours: str | None = Field(
        default=None, description="Daily, such as `21:00-08:00`; may pass midnight."
    )
    weekdays: tuple[Literal[WEEKDAYS], ...] = Field(  # type: ignore[valid-type]
        default=(), strict=False, description="Whole days, such as `['saturday', 'sunday']`."
    )

    @model_validator(mode="after")
    def _is_some_time_but_not_all(self) -> Self:
        if self.hours is not None:
            span(self.hours)
        if set(self.weekdays) == set(WEEKDAYS):
            raise ValueError("expected a day of the week that is not quiet")
        return self


def none_if_false(given: object) -> object:
    """Quiet hours of no hour, where `quiet = false` does without those that held else."""
    return {} if given is False else given


class SegmentLimits(StrictTable):
    """Thresholds for the customers of one class."""

    middle: float = Field(description="Band middle begins here.")
    high: float = Field(description="Band high begins here.")
    hysteresis: float | None = Field(default=None, ge=0.0, description="The rule's, if left out.")


class RuleTable(StrictTable):
    """One rule; a built-in one is only stated as far as it is to be otherwise."""

    slot: int | None = Field(
        default=None,
        ge=FIRST_OWN,
        lt=RULE_SLOTS,
        description="Place in the customer's record, for good. Own rules only.",
    )
    value: str | None = Field(
        default=None, description="Feature that is compared with the thresholds. Own rules only."
    )
    direction: Literal["above", "below"] | None = Field(
        default=None, description="Which side of the thresholds warns; above. Own rules only."
    )
    unit: str | None = Field(
        default=None,
        description="Of the thresholds: the feature's own (`days`, `share`, `times`), checked; for "
        "money the book's currency, such as `USD`, in whose major unit they are. Own rules only.",
    )
    middle: float | None = Field(default=None, description="Band middle begins here.")
    high: float | None = Field(default=None, description="Band high begins here.")
    hysteresis: float | None = Field(
        default=None, ge=0.0, description="How far a value must go back to leave its band; 0."
    )
    points: float | None = Field(
        default=None,
        ge=0.0,
        description="Given to the score at `high`, where no churn scorecard was fitted; 0.",
    )
    floor: float | None = Field(
        default=None, description="Value up to which no points are given; 0, or `middle` if below."
    )
    raises: bool | None = Field(
        default=None,
        description="Whether it warns; false clears what is open and tells in scores only.",
    )
    needs_rhythm: bool | None = Field(
        default=None,
        description="Whether it waits for a second purchase or the horizon's days, and for enough "
        "value at stake; true where silence or a low value is the sign. Own rules only.",
    )
    route: Route | None = Field(default=None, description="Which topic it warns; relationship.")
    actions: ByBand | None = Field(
        default=None,
        description="Codes of the recommended action of each band; your own is told as it is.",
    )
    interventions: Interventions | None = Field(
        default=None, description="What each band calls for: maintain, incentivise or win_back."
    )
    words: str | None = Field(
        default=None,
        min_length=1,
        max_length=120,
        description="What the value is, for people; the feature's own words. Own rules only.",
    )
    then: str | None = Field(default=None, description="Feature shown as the customer's past.")
    now: str | None = Field(default=None, description="Feature shown as the present; `value`.")
    cooldown_days: float | None = Field(
        default=None,
        ge=0.0,
        le=36_500.0,
        description="How long it is not raised again once cleared; the parameter file's.",
    )
    clear_after_days: float | None = Field(
        default=None,
        ge=0.0,
        le=3_650.0,
        description="How long its value must have been out of a band, and not back, before the "
        "warning eases or clears; 0.",
    )
    quiet: Annotated[QuietHours | None, BeforeValidator(none_if_false)] = Field(
        default=None, description="Its own quiet hours; false for none; the file's, if left out."
    )
    segment: dict[str, dict[str, SegmentLimits]] | None = Field(
        default=None,
        description="Thresholds by class of one segmentation: `[rule.NAME.segment.nps.detractor]`.",
    )
