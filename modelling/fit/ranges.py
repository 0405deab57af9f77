"""Ranges of frequency in which what customers did is held against what a model expects."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from scoring.arrays import Floats, Ints

Span = tuple[int, int | None]  # least and largest frequency; None where it is open above

CLASSIC: Final = 8  # ranges: 0 to 6 and, together, those from 7 on, as the literature has them
MOST: Final = 1 / 3  # share of customers in the open one up to which the classic ranges do


@dataclass(frozen=True)
class FrequencyRanges:
    """Ranges that together hold every frequency; the last is open above.

    Attributes:
        least: Least frequency of each, rising from 0, shape (ranges,).
    """

    least: Ints

    @classmethod
    def of(cls, x: Floats) -> Self:
        """Choose ranges for customers' frequencies, shape (customers,), one at least.

        The classic ones where no more than a third of the customers lie beyond them. Else cuts at
        eighths of the customers, and 0 and whatever more than an eighth has for itself, so that
        more than a quarter is in one range only where it is of one frequency.

        >>> FrequencyRanges.of(np.arange(100.0)).least.tolist()
        [0, 1, 12, 24, 37, 49, 62, 74, 87]
        """
        if np.mean(x >= CLASSIC - 1) <= MOST:
            return cls(np.arange(CLASSIC))
        cuts = np.quantile(x, np.arange(1, CLASSIC) / CLASSIC, method="inverted_cdf")
        frequencies, customers = np.unique(x, return_counts=True)
        alone = frequencies[customers > len(x) / CLASSIC]
        return cls(np.unique(np.concatenate([[0, 1], cuts, alone, alone + 1])).astype(np.int64))

    @property
    def spans(self) -> list[Span]:
        """Least and largest frequency of each."""
        least = self.least.tolist()
        return list(zip(least, [*(after - 1 for after in least[1:]), None], strict=True))

    def places(self, x: Floats) -> Ints:
        """In which range each frequency is, shape as `x`.

        >>> FrequencyRanges(np.array([0, 1, 4])).places(np.array([0.0, 3.0, 4.0, 9.0])).tolist()
        [0, 1, 2, 2]
        """
        places: Ints = np.searchsorted(self.least, x, side="right") - 1
        return places


def in_words(least: int, most: int | None) -> str:
    """A range in a table.

    >>> in_words(5, 5), in_words(1_000, 1_203), in_words(7, None)
    ('5', '1,000 to 1,203', '7 or more')
    """
    return f"{least:,} or more" if most is None else _between(least, most, " to ")


def in_short(least: int, most: int | None) -> str:
    """A range under a chart.

    >>> in_short(5, 5), in_short(1_000, 1_203), in_short(7, None)
    ('5', '1,000-1,203', '7+')
    """
    return f"{least:,}+" if most is None else _between(least, most, "-")


def _between(least: int, most: int, to: str) -> str:
    return f"{least:,}" if most == least else f"{least:,}{to}{most:,}"
