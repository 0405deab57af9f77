"""How satisfied customers are, by what class they are of, and where they met the bank."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats
from scoring.facts.state import States
from scoring.facts.touchpoints import NAMES
from scoring.segments import DEFINITIONS, FIGURES

BY: Final = ("value_tier", "lifecycle")  # segmentations whose classes are told apart
_FINE: Final = 1e6  # satisfaction is added up in whole millionths, so that order is moot
_COLUMN: Final = {definition.name: place for place, definition in enumerate(DEFINITIONS)}
_CLASSES: Final = {definition.name: definition.classes for definition in DEFINITIONS}
_SATISFACTION: Final = [figure.name for figure in FIGURES].index("satisfaction")


class Mood(NamedTuple):
    """Of the customers of a class.

    Attributes:
        customers: in it.
        satisfaction: their mean, 0 to 1; None without customers.
        answered: how many said whether they would recommend the bank.
        promoters, detractors: of these, by their last answer.
    """

    customers: int
    satisfaction: float | None
    answered: int
    promoters: int
    detractors: int

    @property
    def net_promoter_score(self) -> float | None:
        """Promoters' less detractors' share of who answered, -100 to 100 (Reichheld 2003)."""
        if not self.answered:
            return None
        return 100.0 * (self.promoters - self.detractors) / self.answered


class TouchpointMood(NamedTuple):
    """Of the customers who met the bank at a family of touchpoints.

    Attributes:
        touchpoint: the family.
        satisfaction: their mean there, 0 to 1.
        customers: how many they are.
    """

    touchpoint: str
    satisfaction: float
    customers: int


class TouchpointMoods:
    """Counts customers by where they met the bank, some at a time, in any order."""

    def __init__(self) -> None:
        self._sums, self._customers = np.zeros((2, len(NAMES)), np.int64)

    def add(self, found: Floats) -> None:
        """Count customers by their satisfaction there, shape (families, n), NaN for nowhere."""
        met = np.isfinite(found)
        fine = np.rint(np.where(met, found, 0.0) * _FINE).astype(np.int64)
        self._sums += fine.sum(axis=1)
        self._customers += met.sum(axis=1)

    def told(self) -> tuple[TouchpointMood, ...]:
        """Families that anybody met, the least satisfied first."""
        rows = zip(NAMES, self._sums.tolist(), self._customers.tolist(), strict=True)
        moods = [TouchpointMood(name, own / _FINE / n, n) for name, own, n in rows if n]
        return tuple(sorted(moods, key=lambda mood: mood.satisfaction))


class Moods:
    """Counts customers, some at a time, in any order."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def add(self, told: States) -> None:
        """Count customers' scores, shape (n,); each once."""
        fine = np.rint(told["figures"][:, _SATISFACTION] * _FINE).astype(np.int64)
        answers = told["segments"][:, _COLUMN["nps"]]
        said = {name: answers == code for code, name in enumerate(_CLASSES["nps"])}
        parts = {"customers": np.ones(len(told), np.int64), "satisfaction": fine}
        parts |= {name: who.astype(np.int64) for name, who in said.items()}
        for of in BY:
            codes = told["segments"][:, _COLUMN[of]].astype(np.int64)
            for part, numbers in parts.items():
                sums = np.zeros(len(_CLASSES[of]), np.int64)
                np.add.at(sums, codes, numbers)
                for code, total in enumerate(sums.tolist()):
                    self._counts[of, part, code] += total

    def told(self) -> Mapping[str, Mapping[str, Mood]]:
        """By segmentation and class, in the order of the classes."""
        return {
            of: {name: self._mood(of, code) for code, name in enumerate(_CLASSES[of])} for of in BY
        }

    def _mood(self, of: str, code: int) -> Mood:
        count = {part: n for (by, part, own), n in self._counts.items() if (by, own) == (of, code)}
        customers = count.get("customers", 0)
        return Mood(
            customers,
            count["satisfaction"] / _FINE / customers if customers else None,
            customers - count.get("none", 0),
            count.get("promoter", 0),
            count.get("detractor", 0),
        )
