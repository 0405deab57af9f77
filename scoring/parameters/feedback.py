"""Section of what answers do, and of the share of customers that is left alone to learn from."""

from typing import Annotated, Final

from pydantic import Field

from scoring.parameters._section import Days, Section


class Feedback(Section):
    """What people's answers do.

    Attributes:
        suppress_days: How long a rule rests for a customer whose warning of it was answered by
            `false_alarm` or `retained`.
        holdout_share: Share of customers that is left alone, so that what acting is worth can be
            told; 0 to below 1.
        salt: Deals customers to the arms; another salt deals anew.
    """

    suppress_days: Days = 90.0
    holdout_share: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    salt: Annotated[str, Field(min_length=1, max_length=64)] = "ebbwatch"


NO_FEEDBACK: Final = Feedback()
"""Of files that say nothing of it."""
