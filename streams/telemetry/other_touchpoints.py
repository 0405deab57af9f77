"""What is said in the log of touchpoints that no family is known of: of each once."""

from typing import Final

import structlog

from scoring.facts.touchpoints import NAMES, head

log = structlog.get_logger()

MOST: Final = 50  # touchpoints told of; those beyond are counted alone


class OtherTouchpointsLog:
    """Tells that what happens at a touchpoint is taken as happening elsewhere.

    Touchpoints that begin alike are one, whatever the case, and with - or _.
    """

    def __init__(self) -> None:
        self._told: set[int] = set()

    def is_news(self, mark: int) -> bool:
        """Whether a touchpoint of this mark was not told of, and is to be."""
        return mark not in self._told and len(self._told) < MOST

    def note(self, mark: int, touchpoint: str) -> None:
        """Tell of a touchpoint."""
        self._told.add(mark)
        log.warning(
            "touchpoint of no known family",
            touchpoint=touchpoint,
            begins=head(touchpoint),
            expected=f"a family of {', '.join(NAMES)} in touchpoints of the parameter file",
            effect="none but that it counts as other in satisfaction by touchpoint",
        )
