"""What counts as leaving: one definition for labels, scorecard, backtest and live figures."""

from typing import Annotated, Final, Literal, cast

from pydantic import Field, model_validator

from scoring.parameters._section import Days, Section

Share = Annotated[float, Field(ge=0.0, lt=1.0)]
USUAL: Final = 180.0  # days of silence that count as leaving where a file does not say


class _Single(Section):
    """One way to leave."""

    @property
    def silence_days(self) -> float | None:
        """N, None where no silence counts."""
        return None

    @property
    def parts(self) -> "tuple[Single, ...]":
        """The ways to leave, each for itself."""
        return (cast("Single", self),)


class Silence(_Single):
    """No purchase for N days after one, or the account closed before.

    Attributes:
        days: N.
    """

    type: Literal["silence"] = "silence"
    days: Days

    @property
    def within(self) -> float:
        """Days in which leaving shows at the latest."""
        return self.days

    @property
    def silence_days(self) -> float | None:
        """N, None where no silence counts."""
        return self.days

    @property
    def words(self) -> str:
        """For people, as in "lost is who ..."."""
        return f"buys nothing for {self.days:g} days or closes the account"


class Closure(_Single):
    """The account closed, or the customer gone by the bank's own labels.

    Attributes:
        within_days: how far ahead it is foretold.
    """

    type: Literal["closure"]
    within_days: Days

    @property
    def within(self) -> float:
        """Days in which leaving shows at the latest."""
        return self.within_days

    @property
    def words(self) -> str:
        """For people, as in "lost is who ..."."""
        return f"closes the account within {self.within_days:g} days"


class Partial(_Single):
    """In the days to come activity stays below a share of the customer's own earlier level.

    Attributes:
        within_days: Q, the days to come.
        measure: what is counted.
        share: of what Q days had before; 0 asks for nothing at all, whatever was before.
        level_days: days before, over which the earlier level is taken.
    """

    type: Literal["partial"]
    within_days: Days
    measure: Literal["purchase_days", "spend"] = "purchase_days"
    share: Share
    level_days: Days = 182.0

    @property
    def within(self) -> float:
        """Days in which leaving shows at the latest."""
        return self.within_days

    @property
    def words(self) -> str:
        """For people, as in "lost is who ..."."""
        ahead = f"the {self.within_days:g} days to come"
        if not self.share:
            return f"buys nothing in {ahead}"
        what = self.measure.replace("_", " ")
        return f"has in {ahead} less than {self.share:.0%} of the {what} of before"


class FirstOf(Section):
    """Whichever of several comes first.

    Attributes:
        of: the definitions, of different types.
    """

    type: Literal["first_of"]
    of: Annotated[list["Single"], Field(min_length=2)]

    @model_validator(mode="after")
    def _different(self) -> "FirstOf":
        if len({one.type for one in self.of}) < len(self.of):
            raise ValueError("of should name each type of leaving once")
        return self

    @property
    def within(self) -> float:
        """Days in which leaving shows at the latest."""
        return max(one.within for one in self.of)

    @property
    def silence_days(self) -> float | None:
        """N, None where no silence counts."""
        return next((one.days for one in self.of if isinstance(one, Silence)), None)

    @property
    def parts(self) -> "tuple[Single, ...]":
        """The ways to leave, each for itself."""
        return tuple(self.of)

    @property
    def words(self) -> str:
        """For people, as in "lost is who ..."."""
        return ", or ".join(one.words for one in self.of)


Single = Annotated[Silence | Closure | Partial, Field(discriminator="type")]
Leaving = Annotated[Silence | Closure | Partial | FirstOf, Field(discriminator="type")]
LEAVING: Final = Silence(days=USUAL)
FirstOf.model_rebuild()
