"""Customers as silence alone would leave them."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Floats, Ints
from scoring.feature import Feature
from scoring.model import Chances, ScoringModel


class _Moved(NamedTuple):
    """What features that silence moves are made of.

    Attributes:
        age: tenure by then, days, shape (n,).
        silence: since the last purchase day, days, shape (n,).
        unvisited: since the last visit, days, shape (n,); below 0 where there was none.
        chances: by then.
        model: the models.
    """

    age: Floats
    silence: Floats
    unvisited: Floats
    chances: Chances
    model: ScoringModel


MOVED: Final[Mapping[Feature, Callable[[_Moved], Floats]]] = MappingProxyType(
    {
        Feature.TENURE: lambda to: to.age,
        Feature.DAYS_SINCE_LAST: lambda to: to.silence,
        Feature.DAYS_SINCE_VISIT: lambda to: to.unvisited,
        Feature.SILENCE_SHARE: lambda to: to.model.silence_share(to.silence),
        Feature.P_ALIVE: lambda to: to.chances.alive,
        Feature.P_NO_PURCHASE: lambda to: to.chances.no_purchase,
        Feature.P_LAPSE: lambda to: to.chances.lapse,
    }
)
MADE_OF: Final = (Feature.FREQUENCY, Feature.RECENCY, Feature.TENURE, Feature.DAYS_SINCE_VISIT)
ALWAYS: Final = {Feature.FREQUENCY, Feature.TENURE}  # by which a rhythm is known


@dataclass(frozen=True)
class Stillness:
    """Features as they are at any instant, nothing having happened until then.

    Attributes:
        begun: instants from which tenure counts, epoch seconds, shape (n,).
        matrix: the customers' features as they were judged, shape (features, n).
        model: the models.
        wanted: the features looked at, beside `ALWAYS`.
    """

    begun: Floats
    matrix: Floats
    model: ScoringModel
    wanted: AbstractSet[Feature]

    def at(self, instants: Floats, rows: Ints | slice = slice(None)) -> Floats:
        """The features looked at, shape (features, k); the others are anything.

        Args:
            instants: epoch seconds, shape (k,).
            rows: whose they are, shape (k,); everyone's, one each, if left out.
        """
        was = {f: self.matrix[f][rows] for f in (*self.wanted, *MADE_OF)}
        x, t_x = was[Feature.FREQUENCY], was[Feature.RECENCY]
        age = np.maximum((instants - self.begun[rows]) / DAY, t_x)
        visited, passed = was[Feature.DAYS_SINCE_VISIT], age - was[Feature.TENURE]
        unvisited = np.where(visited < 0.0, visited, visited + passed)
        moved = _Moved(age, age - t_x, unvisited, self.model.chances(x, t_x, age), self.model)
        reached = np.empty((len(Feature), len(instants)))
        for feature in self.wanted | ALWAYS:
            move = MOVED.get(feature)
            reached[feature] = was[feature] if move is None else move(moved)
        return reached
