"""The options that say what thresholds are to achieve, declared once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer

from ebbwatch.cli.history.options import spread
from ebbwatch.cli.one_line import UserError

FORM: Final = "a figure, or low=FIGURE,middle=FIGURE,high=FIGURE"
METAVAR: Final = "FIGURE"


@dataclass(frozen=True, kw_only=True)
class ThresholdOptions:
    """What thresholds are to achieve, as it was typed; amounts in major units of the books."""

    budget: Annotated[float | None, typer.Option(help="Warnings a day that can be acted on.")] = (
        None
    )
    contact_cost: Annotated[
        str | None, typer.Option(metavar=METAVAR, help="Cost of contacting a customer.")
    ] = None
    offer_cost: Annotated[
        str | None,
        typer.Option(metavar=METAVAR, help="Cost of the offer to one who would have stayed."),
    ] = None
    keep_chance: Annotated[
        str | None,
        typer.Option(metavar=METAVAR, help="Chance that it keeps one who would leave; else 0.1."),
    ] = None
    value: Annotated[
        str | None,
        typer.Option(metavar=METAVAR, help="At stake; else each one's CLV before the silence."),
    ] = None

    @property
    def asks(self) -> bool:
        """Whether any of them was typed."""
        return self.budget is not None or self.asks_for_profit

    @property
    def asks_for_profit(self) -> bool:
        """Whether what warnings bring and cost was typed."""
        typed = (self.contact_cost, self.offer_cost, self.keep_chance, self.value)
        return any(one is not None for one in typed)


def chooses_thresholds(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all options of thresholds in the place of its parameter `choosing`."""
    return spread(command, "choosing", ThresholdOptions)


def aim(given: ThresholdOptions, exponent: int) -> Any:  # noqa: ANN401 - imported when it runs
    """What thresholds are to achieve, `modelling.thresholds.Aim`.

    Args:
        given: the options.
        exponent: minor units of the book currency are 10^-exponent of its major one.

    Raises:
        UserError: A figure is none.
        ScoringError: A figure is out of range.
    """
    from modelling.thresholds import KEEP_CHANCE, Aim, Economics, tiered

    if not given.asks_for_profit:
        return Aim(budget=given.budget)
    unit = 10.0**exponent
    contact, offer = (
        figures(name, text or "0", unit)
        for name, text in (("contact-cost", given.contact_cost), ("offer-cost", given.offer_cost))
    )
    keep = figures("keep-chance", given.keep_chance or str(KEEP_CHANCE))
    value = None if given.value is None else tiered(figures("value", given.value, unit))
    economics = Economics(tiered(contact), tiered(offer), tiered(keep), value)
    return Aim(budget=given.budget, economics=economics)


def figures(name: str, text: str, unit: float = 1.0) -> float | Mapping[str, float]:
    """One figure, or one for each tier of value.

    Raises:
        UserError: The text is neither.

    >>> figures("value", "2.5", 100.0), figures("value", "low=1,middle=2,high=3")
    (250.0, {'low': 1.0, 'middle': 2.0, 'high': 3.0})
    """
    try:
        if "=" not in text:
            return float(text) * unit
        pairs = (part.partition("=") for part in text.split(","))
        return {tier.strip(): float(figure) * unit for tier, _, figure in pairs}
    except ValueError as error:
        raise UserError(f"--{name}: expected {FORM}, got {text}") from error
