"""What turns a bank's days and money into the core's: time zone, currency and rates."""

from dataclasses import dataclass
from pathlib import Path

from schemas import MINOR_UNITS
from scoring import ScoringError
from scoring.facts.calendar import BookCalendar
from scoring.model import ScoringModel
from streams.intake.rates import RateTable, read_rates


@dataclass(frozen=True, slots=True)
class Book:
    """The books a history is read into.

    Attributes:
        calendar: Days of the book's time zone, which times without an offset are in too.
        rates: Converts amounts to the book currency.
    """

    calendar: BookCalendar
    rates: RateTable

    @classmethod
    def of(cls, model: ScoringModel, rates_file: Path | None = None) -> "Book":
        """The books of a model's parameter file.

        Raises:
            ScoringError: The file of rates, or the zone, cannot be used.
            OSError: The file of rates cannot be read.
        """
        try:
            rates = read_rates(rates_file, model.parameters.book_currency)
        except ValueError as error:
            where, expected = str(rates_file), "a table of rates"
            raise ScoringError(where=where, expected=expected, got=str(error)) from error
        return cls(model.calendar, rates)

    @property
    def currency(self) -> str:
        """ISO 4217 code of the book currency."""
        return self.rates.book_currency

    @property
    def exponent(self) -> int:
        """Minor units of the book currency are 10^-exponent of its major one."""
        return MINOR_UNITS[self.currency]
