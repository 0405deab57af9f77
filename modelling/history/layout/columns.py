"""What a history's columns are called, and the names they get here: the wire's."""

from dataclasses import dataclass, fields
from typing import Final

REQUIRED: Final = ("customer_id", "event_time", "amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Column names of a table of events. Each field is named as the wire names it.

    A column that is named as by default may be absent, except those of customer, time and amount;
    one with a name of its own has to be there. None leaves a column of that name alone.

    Attributes:
        customer_id: Who; text or whole numbers.
        event_time: When; see `modelling.history.table.times`.
        amount: How much; None where the history knows no amounts, which then are zero.
        type: The event's type; every event is a purchase where the column is absent.
        event_id: Unique per customer; made from file and row where it is absent or empty.
        currency: ISO 4217 code; the book currency where it is absent or empty.
        book_amount: The amount in the book currency, in the unit of `amount`.
        merchant_category: Code of ISO 18245, four digits.
        score: Answer to a survey (1 to 5) or to the promoter question (0 to 10).
        sentiment: -1 to 1.
        purpose: What consent is about, of type consent_changed: marketing or profiling.
        granted: Whether it is given from then on, true or false.
        legal_basis: What it rests on; consent where it is absent or empty.
        reverses: The event id of what a refund or chargeback takes back.
        reversed_time: When that happened.
        card_id: Token of the card; what is no id, or a card's number, is not known.
        merchant_id: Likewise the merchant.
        channel: pos, online, atm or app; else it is not known.
        touchpoint: Where the bank and the customer met, of what is no transaction.

    >>> Columns(customer_id="Cust", type=None).names()["customer_id"]
    'Cust'
    """

    customer_id: str = "customer_id"
    event_time: str = "event_time"
    amount: str | None = "amount"
    type: str | None = "type"
    event_id: str | None = "event_id"
    currency: str | None = "currency"
    book_amount: str | None = "book_amount"
    merchant_category: str | None = "merchant_category"
    score: str | None = "score"
    sentiment: str | None = "sentiment"
    purpose: str | None = "purpose"
    granted: str | None = "granted"
    legal_basis: str | None = "legal_basis"
    reverses: str | None = "reverses"
    reversed_time: str | None = "reversed_time"
    card_id: str | None = "card_id"
    merchant_id: str | None = "merchant_id"
    channel: str | None = "channel"
    touchpoint: str | None = "touchpoint"

    def names(self) -> dict[str, str]:
        """Columns in use: the wire's name to the table's."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: column for name, column in given.items() if column is not None}

    def must_be_there(self) -> dict[str, str]:
        """Those that a table has to have: required, or given a name of their own.

        >>> Columns(amount=None, score="rating").must_be_there()
        {'customer_id': 'customer_id', 'event_time': 'event_time', 'score': 'rating'}
        """
        names = self.names()
        return {n: c for n, c in names.items() if n in REQUIRED or n != c}


WIRE: Final = Columns()
