"""What is to be simulated, checked."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from modelling.simulation.figures import CardFigures
from scoring import ScoringError

MOST_CUSTOMERS: Final = 9_999_999  # their numbers have seven digits
MOST_DAYS: Final = 3_653
MOST_SEED: Final = 2**63 - 1
CURRENCIES: Final = ("USD", "EUR")
FIRST_START: Final = date(1970, 1, 1)
LAST_START: Final = date(2089, 12, 31)


class PlanError(ScoringError):
    """A simulation that cannot be made; its text says which option, expected, got."""


@dataclass(frozen=True, kw_only=True)
class SimulationPlan:
    """What is to be simulated.

    Attributes:
        customers: how many.
        days: how many days their events are written down, from the midnight of `start` on.
        seed: of everything; the same plan makes the same bank.
        start: the first day, UTC.
        currency: of the books; its minor unit is a hundredth.
        figures: how cards are used and left.

    Raises:
        PlanError: one of them is out of range.

    >>> SimulationPlan(customers=0, days=7)
    Traceback (most recent call last):
    modelling.simulation.plan.PlanError: customers: expected 1 to 9999999, got 0
    """

    customers: int
    days: int
    seed: int = 0
    start: date = date(2024, 1, 1)
    currency: str = "USD"
    figures: CardFigures = field(default_factory=CardFigures)

    def __post_init__(self) -> None:
        _within("customers", self.customers, 1, MOST_CUSTOMERS)
        _within("days", self.days, 1, MOST_DAYS)
        _within("seed", self.seed, 0, MOST_SEED)
        if not FIRST_START <= self.start <= LAST_START:
            expected = f"a day from {FIRST_START} to {LAST_START}"
            raise PlanError(where="start", expected=expected, got=str(self.start))
        if self.currency not in CURRENCIES:
            expected = " or ".join(CURRENCIES)
            raise PlanError(where="currency", expected=expected, got=self.currency)

    @property
    def origin(self) -> int:
        """The midnight at which it begins, epoch seconds."""
        return int(
            datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp()
        )

    @property
    def end(self) -> int:
        """The midnight at which it ends, epoch seconds; every event lies before it."""
        return self.origin + self.days * 86_400


def _within(where: str, got: int, least: int, most: int) -> None:
    if not least <= got <= most:
        raise PlanError(where=where, expected=f"{least} to {most}", got=got)
