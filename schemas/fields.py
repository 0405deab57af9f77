"""The field types that the input events share, with their limits and descriptions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from typing_extensions import TypeAliasType

from schemas.constraints import (
    ID_EXPECTED,
    ID_PATTERN,
    TEXT_PATTERN,
    CardToken,
    CurrencyCode,
    IsoTime,
    Refused,
    refuse_card_number,
)

MAX_AMOUNT = 10**13
"""Largest amount, in minor units: more is a mistake of the sender, whatever the currency."""

Id = Annotated[
    str,
    Field(pattern=ID_PATTERN),
    Refused("bad_id", ID_EXPECTED),
]
"""A pseudonymous id: printable ASCII without spaces."""

Slug = Annotated[
    str,
    Field(pattern=ID_PATTERN),
    Refused("bad_text", ID_EXPECTED),
    AfterValidator(refuse_card_number),
]
"""A code word of the bank's own vocabulary."""

Text = Annotated[
    str,
    Field(pattern=TEXT_PATTERN),
    Refused("bad_text", "1 to 64 characters, none of them a control character"),
    AfterValidator(refuse_card_number),
]
"""A short text in any script."""

LONGEST_NOTE = 500
Note = Annotated[
    str,
    Field(pattern=rf"^[^\x00-\x1f\x7f-\x9f]{{1,{LONGEST_NOTE}}}$"),
    Refused("bad_text", f"1 to {LONGEST_NOTE} characters, none of them a control character"),
    AfterValidator(refuse_card_number),
]
"""What somebody noted, in any script, on one line."""

Time = Annotated[datetime, IsoTime()]
"""An aware time of the years 1970 to 2100, from an ISO 8601 string."""

EventId = Annotated[Id, Field(description="Id of this event, unique per customer and source.")]
SourceId = Annotated[
    Id, Field(description="Who numbered this event, where several do: ids are unique per source.")
]
CustomerId = Annotated[Id, Field(description="Pseudonymous customer id; the record's key.")]
EventTime = Annotated[Time, Field(description="When it happened: ISO 8601 with offset.")]
ReversedId = Annotated[
    Id, Field(description="The event_id, of the same source, of the event it reverses.")
]
ReversedTime = Annotated[Time, Field(description="The event_time of the event it reverses.")]
MerchantId = Annotated[Id, Field(description="Id of the merchant or the terminal's owner.")]
InstalmentId = Annotated[Id, Field(description="Id of the instalment.")]
CampaignId = Annotated[Id, Field(description="Id of the campaign.")]
ReferredId = Annotated[Id, Field(description="Pseudonymous id of the person referred.")]

CardId = Annotated[
    Id,
    CardToken(),
    Field(description="Token of the card; never its number."),
]

Amount = Annotated[int, Field(gt=0, le=MAX_AMOUNT, description="Minor units of `currency`.")]
AmountOrZero = Annotated[int, Field(ge=0, le=MAX_AMOUNT, description="Minor units of `currency`.")]
BookAmount = Annotated[
    int, Field(gt=0, le=MAX_AMOUNT, description="The amount in minor units of the book currency.")
]
BookAmountOrZero = Annotated[
    int, Field(ge=0, le=MAX_AMOUNT, description="The amount in minor units of the book currency.")
]
Balance = Annotated[
    int,
    Field(
        ge=-MAX_AMOUNT,
        le=MAX_AMOUNT,
        description="Minor units; what the customer owes is negative.",
    ),
]
Currency = TypeAliasType(
    "Currency",
    Annotated[
        str,
        CurrencyCode(),
        Refused("unknown_currency", "an ISO 4217 code with a minor unit"),
        Field(description="ISO 4217 code."),
    ],
)
MerchantCategory = Annotated[
    str,
    Field(pattern="^[0-9]{4}$"),
    Refused("bad_merchant_category", "4 digits"),
    Field(description="Merchant category code, ISO 18245."),
]
Channel = Annotated[
    Literal["pos", "online", "atm", "app"], Field(description="Where the card was used.")
]
Touchpoint = Annotated[Text, Field(description="Where the bank and the customer met.")]
TouchpointFamily = Literal["app", "web", "phone", "branch", "atm", "email", "other"]
"""What a touchpoint is, by what it begins with; other: named, but not known."""
Sentiment = Annotated[
    float,
    Field(ge=-1, le=1, allow_inf_nan=False, description="Scored upstream, -1 to 1; never a text."),
]
Duration = Annotated[
    float, Field(ge=0, le=86_400, allow_inf_nan=False, description="Seconds, at most a day.")
]
Points = Annotated[int, Field(gt=0, le=10**12, description="Number of loyalty points.")]
