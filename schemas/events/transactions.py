"""Card transactions: the events of the topic `bank.card.transaction.v1`.

Optional fields are left out when unknown; null is refused.
"""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from schemas.events.common import Money, MoneyOrNone
from schemas.fields import CardId, Channel, MerchantCategory, MerchantId, ReversedId, ReversedTime


class CardUse(TypedDict):
    """Where and with which card."""

    merchant_category: MerchantCategory
    merchant_id: MerchantId
    card_id: CardId
    channel: Channel


class CardUseIfKnown(TypedDict, total=False):
    """Where and with which card, as far as it applies."""

    merchant_category: MerchantCategory
    merchant_id: MerchantId
    card_id: CardId
    channel: Channel


class Reversal(TypedDict):
    """What is taken back."""

    reverses: ReversedId
    reversed_time: NotRequired[ReversedTime]


class Purchase(MoneyOrNone, CardUse):
    """A purchase by card; an amount of zero counts as one."""

    type: Literal["purchase"]


class Declined(MoneyOrNone, CardUse):
    """A purchase or withdrawal that was refused."""

    type: Literal["declined"]


class CashAdvance(Money, CardUse):
    """Cash drawn by card."""

    type: Literal["cash_advance"]


class Refund(Money, CardUseIfKnown, Reversal):
    """A merchant pays back a purchase, in whole or in part."""

    type: Literal["refund"]


class Chargeback(Money, CardUseIfKnown, Reversal):
    """A purchase is taken back after a dispute: a fraud loss."""

    type: Literal["chargeback"]


class Repayment(Money, CardUseIfKnown):
    """The customer pays towards the card's balance."""

    type: Literal["repayment"]


class Fee(Money, CardUseIfKnown):
    """A fee charged to the customer."""

    type: Literal["fee"]


class Interest(Money, CardUseIfKnown):
    """Interest charged to the customer on the card's balance."""

    type: Literal["interest"]


Transaction = Annotated[
    Purchase | Refund | CashAdvance | Repayment | Fee | Interest | Chargeback | Declined,
    Field(discriminator="type"),
]
"""Any event of the transaction topic."""
