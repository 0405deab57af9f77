"""A case's message as a row, and the words that it and the state are written in."""

from enum import IntEnum
from typing import Final

import numpy as np

from scoring.facts.state import OFFERS, RULE_SLOTS


class Status(IntEnum):
    """Where a case stands."""

    NONE = 0  # there never was one
    OPEN = 1
    SNOOZED = 2  # its messages are held until an instant
    CLOSED = 3


class Mark(IntEnum):
    """What was last done about a case, or what closed it."""

    NEW = 0
    ACKNOWLEDGED = 1
    CONTACTED = 2
    OFFER_MADE = 3
    ACCEPTED = 4
    CLEARED = 5
    RETAINED = 6
    FALSE_ALARM = 7
    LOST = 8
    RETURNED = 9
    SNOOZED = 10


CASE: Final = np.dtype(
    [
        ("row", "<i8"),
        ("now", "<f8"),
        ("number", "<u4"),
        ("sequence", "<u4"),
        ("opened_at", "<f8"),
        ("status", "u1"),
        ("before", "u1"),
        ("mark", "u1"),
        ("closed_by", "u1"),  # a `Mark`, NEW where it is not closed
        ("reason", "u1"),  # of the loss, and one; 0 where nobody was lost
        ("is_win_back", "?"),
        ("flags", "<u2"),  # of the state
        ("leading", "u1"),  # slot and one, 0 for none
        ("leading_before", "u1"),
        ("episode_before", "<u4"),
        ("snoozed_until", "<f8"),
        ("levels", "u1", (RULE_SLOTS,)),
        ("episodes", "<u4", (RULE_SLOTS,)),
        ("since", "<f8", (RULE_SLOTS,)),
        ("severities", "<f8", (RULE_SLOTS,)),
        ("churn_risk", "<f8"),
        ("value_at_stake", "<f8"),
        # What the customer needs, codes and one; 0 for what is not known.
        ("top_category", "u1"),
        ("usual_category", "u1"),
        ("reach", "u1"),  # a family of touchpoints
        ("weakest", "u1"),  # likewise
        # What they were offered before, as the state holds it.
        ("offer", "<u4", (OFFERS,)),
        ("offer_day", "<u2", (OFFERS,)),
        ("offer_taken", "u1", (OFFERS,)),
    ]
)
