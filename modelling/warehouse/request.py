"""What a query is to sum up: a table, the names of its columns, and the books it is read into."""

from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfoNotFoundError

from modelling.history import Columns, HistoryError
from modelling.history.layout import MoneyUnit
from modelling.warehouse.dialects import DIALECTS, Dialect, DialectName, TimeType
from schemas import MINOR_UNITS
from scoring.facts.calendar import BookCalendar


@dataclass(frozen=True, kw_only=True)
class WarehouseQuery:
    """What to sum up, and in which dialect.

    Attributes:
        dialect: of the warehouse.
        table: name of the table or view, or a query in brackets, as the dialect writes it.
        columns: what its columns are called; one that is None is not read.
        unit: what its amounts count.
        time_type: what its column of times holds: days, what the book's clocks showed, or instants.
        currency: ISO 4217 code of the book currency.
        zone: IANA name of the book's time zone.
        until: the last day to sum up; that of the last event by default.
        holdout: the last day of the holdout, which begins the day after `until`.
        share: of the customers, drawn by lot.

    Raises:
        HistoryError: something cannot be.
    """

    dialect: DialectName
    table: str
    columns: Columns
    unit: MoneyUnit = "major"
    time_type: TimeType = "timestamp"
    currency: str
    zone: str
    until: date | None = None
    holdout: date | None = None
    share: float = 1.0
    calendar: BookCalendar = field(init=False)

    def __post_init__(self) -> None:
        if self.currency not in MINOR_UNITS:
            expected = "an ISO 4217 code with a minor unit"
            raise HistoryError(where="--currency", expected=expected, got=self.currency)
        if self.holdout is not None and (self.until is None or self.until >= self.holdout):
            expected = "a day after --until, the last day of the fit's window"
            raise HistoryError(where="--holdout", expected=expected, got=str(self.holdout))
        if not 0.0 < self.share <= 1.0:
            raise HistoryError(where="--share", expected="above 0, 1 at most", got=str(self.share))
        if not self.table.strip():
            raise HistoryError(where="--table", expected="a table, or a query in brackets", got="")
        try:
            calendar = BookCalendar(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            expected = "a zone such as Europe/Zurich"
            raise HistoryError(where="--timezone", expected=expected, got=self.zone) from error
        object.__setattr__(self, "calendar", calendar)

    @property
    def words(self) -> Dialect:
        """The dialect's own words."""
        return DIALECTS[self.dialect]

    @property
    def last(self) -> date | None:
        """The last day whose events are read."""
        return self.holdout or self.until

    def has(self, name: str) -> bool:
        """Whether a column, the wire's name given, is read."""
        return name in self.columns.names()
