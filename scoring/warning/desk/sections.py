"""The tables of a desk's file: their keys, types and meaning."""

from datetime import date
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from schemas import MINOR_UNITS, Route
from schemas.constraints import ID_PATTERN
from scoring.rules.quiet import WEEKDAYS
from scoring.rules.sections import Code, QuietHours, StrictTable, none_if_false

MOST_CONTACTS: Final = 31  # that a limit may count: they are carried along in every message
MOST_DAYS: Final = 366


class DaysOff(NamedTuple):
    """A weekday, 0 for Monday, or calendar days from one to another, both included."""

    weekday: int | None
    first: date = date.min
    last: date = date.max

    def hold(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.weekday in {None, day.weekday()} and self.first <= day <= self.last


def days(given: object) -> DaysOff:
    """What an item of a list of days says.

    Raises:
        ValueError: it is no such item.

    >>> days("sunday").weekday, days("2026-12-24/2027-01-01").last
    (6, datetime.date(2027, 1, 1))
    """
    if isinstance(given, str) and given in WEEKDAYS:
        return DaysOff(WEEKDAYS.index(given))
    if type(given) is date:  # and no instant, which is one as well
        return DaysOff(None, given, given)
    try:
        first, last = map(date.fromisoformat, str(given).split("/"))
    except ValueError:
        expected = 'a weekday ("sunday"), a date (2026-12-25) or dates ("2026-12-24/2027-01-01")'
        raise ValueError(expected) from None
    if last < first:
        raise ValueError("dates of which the second is not before the first")
    return DaysOff(None, first, last)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError("an IANA time zone, such as Europe/Berlin") from None
    return name


ListOfDays = Annotated[tuple[Annotated[DaysOff, PlainValidator(days)], ...], Field(strict=False)]
Rules = Annotated[tuple[Code, ...], Field(strict=False)]


class ContactLimit(StrictTable):
    """How often one customer may be handed out."""

    hand_outs: int = Field(ge=1, le=MOST_CONTACTS, description="At most this many.")
    days: int = Field(
        ge=1, le=MOST_DAYS, description="Within so many calendar days, today included."
    )


class MinorLeads(StrictTable):
    """Which leads are too small to be handed out."""

    below: float = Field(ge=0.0, description="Value at risk, whole units of the book currency.")


class DueDays(StrictTable):
    """Within how many working days a case is to be answered, by its band."""

    high: int = Field(ge=0, le=MOST_DAYS, description="Of a high band; 0 is the same day.")
    middle: int = Field(ge=0, le=MOST_DAYS, description="Of a middle one.")


class OfferLimits(StrictTable):
    """To whom nothing is offered."""

    hardship_rules: Rules = Field(description="While one of them warns, nothing is offered.")
    complaint_rules: Rules = Field(description="Likewise.")


class Officer(StrictTable):
    """One person at the desk."""

    capacity: int = Field(ge=0, description="Cases of a day.")
    absent: ListOfDays = Field(default=(), description="Days without any.")


class RouteTable(StrictTable):
    """One route's share of the desk."""

    capacity: int = Field(ge=0, description="Cases of a business day, whoever gets them.")
    closed: ListOfDays = Field(default=(), description="Days without any.")
    officer: dict[Annotated[str, Field(pattern=ID_PATTERN, max_length=64)], Officer] = Field(
        default_factory=dict, description="Whom they go to; nobody in particular, if left out."
    )

    def is_closed(self, day: date) -> bool:
        """Whether a day is without any."""
        return any(days.hold(day) for days in self.closed)


class RouteTables(StrictTable):
    """All routes'."""

    risk: RouteTable = Field(description="Cases whose leading warning is of the risk route.")
    relationship: RouteTable = Field(description="All other cases.")

    def of(self, route: Route) -> RouteTable:
        """One route's."""
        return self.risk if route == "risk" else self.relationship


class DeskRules(StrictTable):
    """The desk's rules."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")] = Field(
        description="Name of these rules, for people."
    )
    timezone: Annotated[str, AfterValidator(_zone)] | None = Field(
        default=None, description="The desk's clock and calendar; the book's, if left out."
    )
    quiet: Annotated[QuietHours, BeforeValidator(none_if_false)] = Field(
        description="When nothing is handed out; false for never."
    )
    contact: ContactLimit = Field(description="How often one customer may be handed out.")
    minor: MinorLeads = Field(description="Which leads are handed out to nobody.")
    due: DueDays = Field(description="By when a case is to be answered.")
    offers: OfferLimits = Field(description="To whom nothing is offered.")
    route: RouteTables = Field(description="How much a day holds.")

    def is_minor(self, value_at_risk: float, currency: str) -> bool:
        """Whether a lead is too small; its value at risk in minor units of its currency."""
        return value_at_risk < self.minor.below * 10.0 ** MINOR_UNITS[currency]
