"""What is said in the log of consent to purposes that are not known: of each once."""

from typing import Final

import structlog

from scoring.facts.consent import NAMES, spelt

log = structlog.get_logger()

MOST: Final = 50  # purposes told of; those beyond are counted alone


class OtherPurposesLog:
    """Tells that words about consent change nothing, since nothing is known of their purpose."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def note(self, purpose: str) -> None:
        """Tell of a purpose where it is met for the first time."""
        name = spelt(purpose)
        if name in self._told or len(self._told) >= MOST:
            return
        self._told.add(name)
        log.warning(
            "consent to a purpose that is not known",
            purpose=purpose,
            expected=", ".join(NAMES),
            effect="none: whoever withdraws it is scored, warned of and offered things as before",
            help="where it means one of these, send it by that name",
        )
