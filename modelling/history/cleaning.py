"""What was left out of a history, and why: counted by reason, the first of each shown in full."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from modelling.history.shown import shown
from schemas import REASONS
from scoring import ScoringError
from scoring.arrays import Bools, Ints

# In order of precedence: a row counts for the first that applies. Wire events have their contract's
# own reasons beside these.
ROW_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing_id": "There is no customer id.",
        "bad_id": "An id is over-long or has a character that ids must not have.",
        "unknown_type": "No event has this type.",
        "missing_time": "There is no event time.",
        "bad_time": "The event time is not understood, or lies outside the years 1970 to 2100.",
        "missing_amount": "There is no amount, which this type needs.",
        "bad_amount": "The amount is no number, or no whole number of minor units.",
        "amount_out_of_range": "The amount is larger than any event may carry.",
        "non_positive_amount": "The amount is zero or below, which this type does not allow.",
        "unknown_currency": "The currency is no ISO 4217 code with a minor unit.",
        "no_rate": "Neither a book amount nor a rate to the book currency is there.",
        "bad_merchant_category": "The merchant category is not 4 digits.",
        "bad_score": "The answer is none a survey or the promoter question allows.",
        "bad_granted": "Whether consent is granted is told by neither true nor false.",
        "bad_sentiment": "The sentiment is no number from -1 to 1.",
        "excluded": "An option asks to leave the row out.",
        "duplicate": "The customer has an earlier row of the same event id.",
        "identical": "A row of another file is the same, and an option asks to count it once.",
        "after_until": "The event happened after the last day asked for.",
        "not_drawn": "The customer was not drawn by lot: some stand for all.",
    }
)


# Left out because it was asked for, or stands elsewhere already: nothing is lost.
KNOWN: Final = frozenset({"excluded", "duplicate", "identical", "after_until", "not_drawn"})


class HistoryError(ScoringError):
    """A history that cannot be used; its text says which file, row and column, expected, got."""


class Check(NamedTuple):
    """A reason to leave rows out.

    Attributes:
        reason: key of `ROW_REASONS`.
        column: the wire's name of the column looked at.
        expected: what it should hold.
        fails: which rows, shape (rows,).
    """

    reason: str
    column: str
    expected: str
    fails: Bools


class LeftOut(NamedTuple):
    """How many rows of a file were left out for a reason, and the first of them.

    Attributes:
        reason: key of `ROW_REASONS`, or a reason of the contract's.
        how_many: rows.
        where: file, row and column of the first.
        expected: there; "" where the row was asked to be left out.
        got: there.
        helps: what would read or leave out the rows; "" where nothing is known to.
    """

    reason: str
    how_many: int
    where: str
    expected: str
    got: str
    helps: str = ""

    def told(self) -> str:
        """The first of them, and what helps, in words."""
        if not self.expected:  # asked for: nothing was amiss
            return f"{self.where}: {self.got}"
        helps = f"; {self.helps}" if self.helps else ""
        return f"{refusal(self)}{helps}"


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What became of the rows of a history.

    Attributes:
        rows: Rows read.
        used: Rows that became events.
        left_out: Rows by reason; only reasons that occurred.
        refunds: Of the events used, those that take a purchase's value back.
        zero_purchases: Of the events used, purchases of nothing, which count as purchases but not
            as spend.
        first: For each reason, where it occurred first, what was expected and what was there.
        customers: Who have an event.
        first_day: Of the events, in the book's time zone.
        last_day: Likewise.
        notes: What else to know before the figures are believed; sentences.
        options_file: That told how the files are written down; None where none did.
    """

    rows: int
    used: int
    left_out: Mapping[str, int]
    refunds: int
    zero_purchases: int
    first: Mapping[str, str] = field(default_factory=dict)
    customers: int = 0
    first_day: date | None = None
    last_day: date | None = None
    notes: Sequence[str] = ()
    options_file: Path | None = None

    @property
    def unusable(self) -> int:
        """Rows left out that nobody asked to leave out, and that stand nowhere else."""
        return sum(many for reason, many in self.left_out.items() if reason not in KNOWN)

    def counts(self) -> dict[str, int]:
        """All counts as one table: of a report or a parameter file."""
        counts = {"rows": self.rows, "used": self.used, **self.left_out}
        return {**counts, "refunds": self.refunds, "zero_purchases": self.zero_purchases}


def first_failing(checks: Iterable[Check], rows: int) -> Ints:
    """Number, from 1, of the first check each row fails; 0 for a good row. Shape (rows,).

    >>> fails = np.array([True, False]), np.array([True, True])
    >>> checks = [Check(reason, "amount", "an amount", rows) for reason, rows in zip("ab", fails)]
    >>> first_failing(checks, 2).tolist()
    [1, 2]
    """
    codes = np.zeros(rows, np.int64)
    for number, check in reversed(list(enumerate(checks, start=1))):
        codes[check.fails] = number
    return codes


def require_usable(rows: int, left_out: Sequence[LeftOut], allowed: float) -> None:
    """Refuse a history that loses more than it may.

    Args:
        rows: read.
        left_out: of them.
        allowed: share of rows that may be unusable; those of `KNOWN` reasons are not.

    Raises:
        UnusableRowsError: It does.
    """
    lost = [each for each in left_out if each.reason not in KNOWN]
    if sum(each.how_many for each in lost) > allowed * rows:
        raise UnusableRowsError(rows, lost, allowed)


def no_event(rows: int, left_out: Sequence[LeftOut]) -> HistoryError:
    """The refusal of a history of which nothing is left.

    Args:
        rows: read.
        left_out: all of them.

    Raises:
        UnusableRowsError: some of them could not be used.
    """
    require_usable(rows, left_out, 0.0)
    amiss = next((each for each in left_out if each.expected), None)
    if amiss is not None:
        return refusal(amiss)
    asked = "".join(f"; {many:,} {reason}" for reason, many in tallied(left_out)[0].items())
    return HistoryError(where="HISTORY", expected="at least one event", got=f"none{asked}")


class UnusableRowsError(HistoryError):
    """More rows than may be cannot be used: each cause, how many rows, an example, what helps."""

    def __init__(self, rows: int, lost: Sequence[LeftOut], allowed: float) -> None:
        many = sum(each.how_many for each in lost)
        share = f"{100.0 * many / rows:.2g}%" if many < rows else "all"
        expected = f"at most {100.0 * allowed:g}% of rows that cannot be used (--allow-bad)"
        got = f"{many} of {rows}, {share}"
        super().__init__(where="HISTORY", expected=expected, got=got)
        causes = [f"{each.how_many} {each.reason}: {each.told()}" for each in lost]
        self.args = (f"{self}: {' | '.join(causes)}",)
        self.left_out = tuple(lost)


def tallied(left_out: Iterable[LeftOut]) -> tuple[dict[str, int], dict[str, str]]:
    """Counts by reason, and the first of each reason in words; in the order of `ROW_REASONS`."""
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for each in left_out:
        counts[each.reason] += each.how_many
        first.setdefault(each.reason, each.told())
    order = [name for name in {**ROW_REASONS, **REASONS} if counts[name]]
    return {name: counts[name] for name in order}, {name: first[name] for name in order}


def refusal(first: LeftOut) -> HistoryError:
    """The error of a row that was left out; it never shows a card number."""
    return HistoryError(where=first.where, expected=first.expected, got=shown(first.got))
