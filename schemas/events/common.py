"""What the input events of both topics have in common.

Optional fields are left out when unknown; null is refused.
"""

from typing import NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from schemas.fields import (
    Amount,
    AmountOrZero,
    BookAmount,
    BookAmountOrZero,
    Currency,
    CustomerId,
    EventId,
    EventTime,
    Sentiment,
    SourceId,
    Touchpoint,
)


# Derived event types inherit the configuration: unknown fields and coerced types are refused.
@with_config(ConfigDict(extra="forbid", strict=True))
class CustomerEvent(TypedDict):
    """What every event carries."""

    event_id: EventId
    customer_id: CustomerId
    event_time: EventTime
    source: NotRequired[SourceId]


class Money(CustomerEvent):
    """An event with an amount above zero."""

    amount: Amount
    currency: Currency
    book_amount: NotRequired[BookAmount]


class MoneyOrNone(CustomerEvent):
    """An event whose amount may be zero, as for a voucher or an account check."""

    amount: AmountOrZero
    currency: Currency
    book_amount: NotRequired[BookAmountOrZero]


class Contact(CustomerEvent):
    """An event of the interaction topic."""

    touchpoint: NotRequired[Touchpoint]
    sentiment: NotRequired[Sentiment]


class MoneyContact(Contact):
    """An event of the interaction topic with an amount above zero."""

    amount: Amount
    currency: Currency
    book_amount: NotRequired[BookAmount]
