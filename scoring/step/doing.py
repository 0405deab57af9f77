"""What a customer might do that clears a warning, and what of it moves which rule's value."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from scoring.facts.kinds import Kind
from scoring.feature import Feature


class Doing(IntEnum):
    """What might clear a warning."""

    NOTHING = 0  # none of the below would, for as much of it as is tried
    PURCHASE = 1  # of the customer's usual amount
    VISIT = 2
    REPAYMENT = 3
    QUIET = 4  # nothing new of the kind
    CHARGE = 5  # recurring charges that are overdue, each once
    CARD_USE = 6  # a purchase with the card that lies unused


KINDS: Final[Mapping[Doing, Kind]] = MappingProxyType(
    {
        Doing.PURCHASE: Kind.PURCHASE,
        Doing.VISIT: Kind.APP_SESSION,
        Doing.REPAYMENT: Kind.REPAYMENT,
        Doing.CHARGE: Kind.PURCHASE,
        Doing.CARD_USE: Kind.PURCHASE,
    }
)
ANY: Final = (Doing.PURCHASE, Doing.VISIT, Doing.REPAYMENT)
MOVES: Final[Mapping[Feature, tuple[Doing, ...]]] = MappingProxyType(
    {
        Feature.P_NO_PURCHASE: (Doing.PURCHASE,),
        Feature.SPEND_DECLINE: (Doing.PURCHASE,),
        Feature.USE_DECLINE: (Doing.PURCHASE,),
        Feature.VISITS_DECLINE: (Doing.VISIT,),
        Feature.OVERDUE_RATE: (Doing.REPAYMENT,),
        Feature.DISSATISFACTION: (),
        Feature.NEWCOMER_DAYS: (Doing.PURCHASE, Doing.VISIT),
        Feature.CARD_UNUSED_DAYS: (Doing.CARD_USE,),
        Feature.CHARGES_STOPPED: (Doing.CHARGE,),
    }
)
"""What moves a rule's value, where not everything may; quiet is tried last."""
