"""Account, risk, cost and profile events, which travel on the interaction topic.

Optional fields are left out when unknown; null is refused.
"""

from typing import Annotated, Literal, NotRequired

from pydantic import Field

from schemas.events.common import Contact, MoneyContact
from schemas.fields import MAX_AMOUNT, Balance, CardId, Currency, InstalmentId, Slug, Text


class CardActivated(Contact):
    """A card was put into use."""

    type: Literal["card_activated"]
    card_id: CardId


class CardBlocked(Contact):
    """A card was blocked, by the bank or the customer."""

    type: Literal["card_blocked"]
    card_id: CardId
    reason: NotRequired[Annotated[Slug, Field(description="Why, such as lost or fraud.")]]


class CardClosed(Contact):
    """A card was given up or withdrawn."""

    type: Literal["card_closed"]
    card_id: CardId


class AccountClosed(Contact):
    """The customer's last account was closed."""

    type: Literal["account_closed"]


class InstalmentOverdue(MoneyContact):
    """An instalment is overdue; may be repeated as the days go by."""

    type: Literal["instalment_overdue"]
    instalment_id: InstalmentId
    days_overdue: Annotated[int, Field(ge=1, le=36_500, description="Days since it was due.")]


class InstalmentCured(Contact):
    """An overdue instalment was paid."""

    type: Literal["instalment_cured"]
    instalment_id: InstalmentId


class CreditBureauStatus(Contact):
    """What the credit bureau says of the customer."""

    type: Literal["credit_bureau_status"]
    status: Annotated[
        Literal["good", "watch", "delinquent", "default"],
        Field(description="The status from now on, best first."),
    ]


class BalanceSnapshot(Contact):
    """Balance and credit limit at one moment."""

    type: Literal["balance_snapshot"]
    balance: Balance
    credit_limit: Annotated[
        int, Field(ge=0, le=MAX_AMOUNT, description="Minor units of `currency`.")
    ]
    currency: Currency
    book_balance: NotRequired[
        Annotated[Balance, Field(description="The balance in minor units of the book currency.")]
    ]
    book_credit_limit: NotRequired[
        Annotated[
            int,
            Field(
                ge=0, le=MAX_AMOUNT, description="The limit in minor units of the book currency."
            ),
        ]
    ]


class DepositInterest(MoneyContact):
    """What the bank earned on the customer's deposits: indirect revenue."""

    type: Literal["deposit_interest"]


class LoanInterest(MoneyContact):
    """What the bank earned on the customer's loans: indirect revenue."""

    type: Literal["loan_interest"]


class AcquisitionCost(MoneyContact):
    """What winning the customer cost."""

    type: Literal["acquisition_cost"]


class ServiceCost(MoneyContact):
    """What serving the customer cost."""

    type: Literal["service_cost"]


class MaintenanceCost(MoneyContact):
    """What keeping the account cost."""

    type: Literal["maintenance_cost"]


class MarketingCost(MoneyContact):
    """What marketing to the customer cost."""

    type: Literal["marketing_cost"]


class ProfileUpdated(Contact):
    """What is known of the customer; fields left out keep their value."""

    type: Literal["profile_updated"]
    birth_year: NotRequired[
        Annotated[int, Field(ge=1880, le=2100, description="Calendar year of birth.")]
    ]
    income_band: NotRequired[Annotated[Text, Field(description="The bank's income band.")]]
    region: NotRequired[Annotated[Text, Field(description="Where the customer lives, coarsely.")]]
    occupation: NotRequired[Annotated[Text, Field(description="The bank's occupation group.")]]
    customer_kind: NotRequired[
        Annotated[Literal["person", "enterprise"], Field(description="Who holds the account.")]
    ]
    card_product: NotRequired[Annotated[Text, Field(description="The card's product name.")]]


class ConsentChanged(Contact):
    """Consent to a purpose was given or withdrawn."""

    type: Literal["consent_changed"]
    purpose: Annotated[
        Slug, Field(description="What for; marketing and profiling are those that Ebbwatch heeds.")
    ]
    granted: Annotated[bool, Field(description="Whether it may be done from now on.")]
    legal_basis: Annotated[
        Literal["consent", "contract", "legitimate_interest", "legal_obligation"],
        Field(description="What the processing rests on."),
    ]


AccountEvent = (
    CardActivated
    | CardBlocked
    | CardClosed
    | AccountClosed
    | InstalmentOverdue
    | InstalmentCured
    | CreditBureauStatus
    | BalanceSnapshot
    | DepositInterest
    | LoanInterest
    | AcquisitionCost
    | ServiceCost
    | MaintenanceCost
    | MarketingCost
    | ProfileUpdated
    | ConsentChanged
)
"""Any account, risk, cost or profile event."""
