"""Section of what answers do."""

from typing import Any, Final

from pydantic import model_validator

from scoring.parameters._section import Days, Section

MOVED: Final = {"holdout_share": "share", "salt": "salt"}


class Feedback(Section):
    """What people's answers do.

    Attributes:
        suppress_days: How long a rule rests for a customer whose warning of it was answered by
            `false_alarm` or `retained`.
    """

    suppress_days: Days = 90.0

    @model_validator(mode="before")
    @classmethod
    def _says_nothing_of_arms(cls, given: Any) -> Any:  # noqa: ANN401 - any JSON value
        for key in MOVED.keys() & given if isinstance(given, dict) else ():
            raise ValueError(f"{key} is stated in the rules file now: [holdout], {MOVED[key]}")
        return given


NO_FEEDBACK: Final = Feedback()
"""Of files that say nothing of it."""
