"""The file's own keys, and its tables beside those of rules, from which docs/rules.md is made."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from schemas import CURRENCIES, Intervention, Route
from schemas.outputs.messages import ValueTier
from scoring.rules.sections import EARLIEST, Code, QuietHours, StrictTable
from scoring.rules.texts import LONGEST, plain


class TierTable(StrictTable):
    """Where value tiers begin, by value at stake."""

    unit: str = Field(
        description="The book's currency, such as `USD`, in whose major unit they are."
    )
    middle: float = Field(gt=0.0, description="Tier middle begins here.")
    high: float = Field(gt=0.0, description="Tier high begins here.")

    @field_validator("unit")
    @classmethod
    def _is_a_currency(cls, unit: str) -> str:
        if unit not in CURRENCIES:
            raise ValueError("expected the book's currency, such as USD")
        return unit

    @field_validator("high")
    @classmethod
    def _is_not_below_middle(cls, high: float, of: ValidationInfo) -> float:
        if high < of.data.get("middle", 0.0):
            raise ValueError(f"expected at least `middle`, {of.data['middle']:g}")
        return high


class CallTable(StrictTable):
    """What a band calls for where the customer is of a value tier."""

    band: Literal["middle", "high"] = Field(description="The warning's band.")
    tier: ValueTier = Field(description="The customer's value tier: low, middle or high.")
    rule: str | None = Field(
        default=None, description="A rule's name, which wins over those for all rules; all."
    )
    intervention: Intervention | None = Field(
        default=None, description="maintain, incentivise or win_back; the rule's."
    )
    action: Code | None = Field(default=None, description="Code of the action; the rule's.")
    route: Route | None = Field(
        default=None,
        description="Whose the case is; the rule's, whose topic the warning goes to in any case.",
    )


class HoldoutTable(StrictTable):
    """Whom to leave alone, so that what acting is worth can be told."""

    share: float = Field(
        default=0.0, ge=0.0, le=1.0, description="Of the customers, such as 0.1 for a tenth; 0."
    )
    salt: str = Field(
        default="ebbwatch",
        min_length=1,
        max_length=64,
        description="Deals the customers; another one deals anew; ebbwatch.",
    )


Said = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(plain)]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class TextTable(StrictTable):
    """Words of one language."""

    rule: dict[Code, Said] = Field(
        default_factory=dict, description="What a rule's value is, or its name on the page."
    )
    action: dict[Code, Said] = Field(
        default_factory=dict, description="What an action asks of a person, a sentence."
    )
    route: dict[Route, Said] = Field(default_factory=dict, description="Whose the cases are.")
    offer: dict[Code, Said] = Field(default_factory=dict, description="What is offered.")


class RulesFile(StrictTable):
    """The file's own keys."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")] = Field(
        default="own", description="Name of these rules, of which their version is made; own."
    )
    quiet: QuietHours | None = Field(
        default=None, description="When no rule raises or escalates; easing is never held."
    )
    newcomers_from: Annotated[date, Field(ge=EARLIEST)] | None = Field(
        default=None,
        description="First day on which who begins is new to the bank, such as `2026-12-01`: the "
        "day from which events are streamed, or better some weeks later; all days.",
    )
    tiers: TierTable | None = Field(
        default=None,
        description='Where value tiers begin, `{ unit = "USD", middle = 500, high = 5000 }`; the '
        "parameter file's cut points of `clv`.",
    )
    interventions: list[Any] = Field(
        default_factory=list,
        description="What bands call for by value tier: a table `[[interventions]]` for each.",
    )
    holdout: HoldoutTable = Field(
        default_factory=HoldoutTable,
        description="Whom to leave alone, so that what acting is worth can be told, "
        "`{ share = 0.1 }`; nobody.",
    )
    text: dict[LanguageCode, TextTable] = Field(
        default_factory=dict,
        description="Your own words for codes: a table `[text.en]` for each language.",
    )
    rule: dict[str, Any] = Field(
        default_factory=dict, description="A table for each rule: `[rule.NAME]`."
    )
