"""What counts as leaving: as it was typed, or proposed from a history."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pydantic import TypeAdapter, ValidationError

from scoring import ScoringError
from scoring.arrays import DAY, Floats
from scoring.facts.kinds import Kind
from scoring.parameters import Leaving, Silence
from scoring.step.replay import EventLog

FORM: Final = "silence:DAYS, closure:DAYS or partial:DAYS:SHARE, or several of them with commas"
FIELDS: Final = {
    "silence": ("days",),
    "closure": ("within_days",),
    "partial": ("within_days", "share"),
}
LONGER: Final = 0.1  # share of the customers who may have come back after more than N days
WEEK: Final = 7
LEAST_CUSTOMERS: Final = 20  # who came back, below which nothing is proposed
READER: Final[TypeAdapter[Leaving]] = TypeAdapter(Leaving)


@dataclass(frozen=True)
class LeavingProposal:
    """N as a history proposes it.

    Attributes:
        days: N, whole weeks.
        customers: who came back at least once, on whom it rests.
        words: why, a sentence.
    """

    days: float
    customers: int
    words: str

    @property
    def section(self) -> dict[str, Any]:
        """Section `leaving` of a parameter file."""
        return {"type": "silence", "days": self.days}


def parse_leaving(text: str) -> dict[str, Any]:
    """Section `leaving` of a parameter file, as it was typed.

    Raises:
        ScoringError: the text is not of the form, or a figure is out of range.

    >>> parse_leaving("silence:56")
    {'type': 'silence', 'days': 56.0}
    >>> parse_leaving("silence:56,closure:28")["type"]
    'first_of'
    """
    parts = [_single(part, text) for part in text.split(",")]
    section = parts[0] if len(parts) == 1 else {"type": "first_of", "of": parts}
    try:
        read_leaving(section)
    except ValidationError as error:
        told = error.errors(include_url=False)[0]["msg"]
        raise ScoringError(where="--leaving", expected=f"{FORM}; {told}", got=text) from error
    return section


def asked_leaving(text: str | None, days: float | None) -> Leaving | None:
    """What counts as leaving by options of a command, None where they say nothing.

    Args:
        text: as `parse_leaving` reads it.
        days: N of a silence.

    Raises:
        ScoringError: the text cannot be read, or both say something.
    """
    if text is not None and days is not None:
        raise ScoringError(where="--leaving", expected="it or --horizon-days", got="both")
    if text is not None:
        return read_leaving(parse_leaving(text))
    return None if days is None else Silence(days=days)


def read_leaving(section: object) -> Leaving:
    """The section `leaving` as it is used.

    Raises:
        ValidationError: it is none.
    """
    return READER.validate_python(section)


def proposed(log: EventLog, longer: float = LONGER) -> LeavingProposal | None:
    """N so long that few customers ever came back after a longer silence; None where few are seen.

    Each customer counts once, by the longest silence that a purchase ended: by silences, who buys
    every day would decide, and nobody's pause would be as long as N.

    Args:
        log: the history.
        longer: share of the customers who may have come back later.
    """
    longest = longest_silences(log)
    if len(longest) < LEAST_CUSTOMERS:
        return None
    days = float(np.quantile(longest, 1.0 - longer, method="inverted_cdf"))
    weeks = max(math.ceil(days / WEEK), 1)
    words = (
        f"Of {len(longest):,} customers who bought again, at most {longer:.0%} ever did so after "
        f"more than {weeks * WEEK} days of silence."
    )
    return LeavingProposal(float(weeks * WEEK), len(longest), words)


def longest_silences(log: EventLog) -> Floats:
    """Days of each customer's longest silence that a purchase ended, shape (customers,).

    Only who bought on two days or more is in it.
    """
    bought = log.events["kind"] == Kind.PURCHASE
    rows, times = log.rows[bought], log.times[bought]
    order = np.lexsort((times, rows))
    rows, times = rows[order], times[order]
    same = rows[1:] == rows[:-1]
    gaps = np.diff(times)[same] / DAY
    longest = np.zeros(len(log.customers))
    np.maximum.at(longest, rows[1:][same], gaps)
    found: Floats = longest[longest >= 1.0]
    return found


def _single(part: str, text: str) -> dict[str, Any]:
    name, *figures = part.strip().split(":")
    names = FIELDS.get(name, ())
    if not names or len(figures) != len(names):
        raise ScoringError(where="--leaving", expected=FORM, got=text)
    try:
        return {"type": name, **dict(zip(names, map(float, figures), strict=True))}
    except ValueError as error:
        raise ScoringError(where="--leaving", expected=FORM, got=text) from error
