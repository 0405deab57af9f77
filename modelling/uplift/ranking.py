"""Ranking customers by uplift: two models, of who is treated and of who is left alone.

Each arm's chance to return is a linear model with a ridge, whose strength generalised
cross-validation chooses (Golub, Heath and Wahba 1979); uplift is the difference of the two (the
two-model approach, Radcliffe and Surry 1999). It is judged on customers whom neither had seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scoring import ScoringError
from scoring.arrays import Bools, Floats, Ints
from scoring.evaluation import Bounded, newcombe, qini

FOLDS: Final = 5
LEAST: Final = 200  # customers of an arm
LEAST_EACH: Final = 20  # of them who returned, and who did not
PARTS: Final = 5
_RIDGES: Final = np.geomspace(1e-2, 1e5, 29)  # in standardised rows


class UpliftError(ScoringError):
    """Too few outcomes to learn a ranking from."""


class Fifth(NamedTuple):
    """A fifth of the customers, those first whom acting is predicted to help most.

    Attributes:
        predicted: mean uplift.
        treated: how many returned, and of how many.
        holdout: likewise.
    """

    predicted: float
    treated: tuple[int, int]
    holdout: tuple[int, int]

    @property
    def observed(self) -> Bounded:
        """The uplift that was, with Newcombe's interval."""
        return newcombe(self.treated, self.holdout)


class _Line(NamedTuple):
    """A linear model."""

    base: float
    weights: Floats

    def __call__(self, rows: Floats) -> Floats:
        values: Floats = self.base + rows @ self.weights
        return values


@dataclass(frozen=True)
class UpliftRanking:
    """A ranking, and how good it is.

    Attributes:
        customers: it was learnt from.
        qini: coefficient, with its interval: above 0 it finds whom acting helps.
        fifths: by predicted uplift, the highest first.
        weights: change of uplift by one standard deviation of each feature.
    """

    customers: int
    qini: Bounded
    fifths: tuple[Fifth, ...]
    weights: Mapping[str, float]
    _scale: "_Scale"
    _lines: tuple[_Line, _Line]

    @property
    def is_worth_it(self) -> bool:
        """Whether the interval lies above 0."""
        return self.qini.lower > 0.0

    def predict(self, features: Mapping[str, Floats]) -> Floats:
        """Uplift of other customers, by the same features, shape (n,)."""
        rows = self._scale(np.stack([features[name] for name in self.weights], axis=1))
        return _uplift(self._lines, rows)


def rank(
    features: Mapping[str, Floats], treated: Bools, returned: Bools, rng: np.random.Generator
) -> UpliftRanking:
    """Learn a ranking.

    Args:
        features: columns by name, each of shape (n,).
        treated: who was, at random, shape (n,).
        returned: who did, shape (n,).
        rng: deals customers into folds, and draws them for the interval.

    Raises:
        UpliftError: an arm has too few customers, who returned or who did not.
    """
    _check(treated, returned)
    raw = np.stack(list(features.values()), axis=1)
    scale = _Scale.of(raw)
    rows, happened = scale(raw), returned.astype(np.float64)
    folds = _folds(treated, rng)
    seen = np.empty(len(rows))
    for fold in range(FOLDS):
        kept = folds != fold
        lines = _lines(rows[kept], treated[kept], happened[kept])
        seen[~kept] = _uplift(lines, rows[~kept])
    lines = _lines(rows, treated, happened)
    weights = (lines[0].weights - lines[1].weights).tolist()
    return UpliftRanking(
        len(rows),
        qini(seen, treated, returned, rng),
        _fifths(seen, treated, returned),
        dict(zip(features, weights, strict=True)),
        scale,
        lines,
    )


def _check(treated: Bools, returned: Bools) -> None:
    for name, arm in (("treated", treated), ("held out", ~treated)):
        many, back = int(arm.sum()), int(returned[arm].sum())
        if many < LEAST or min(back, many - back) < LEAST_EACH:
            expected = f"{LEAST} customers, of whom {LEAST_EACH} returned and {LEAST_EACH} did not"
            got = f"{many}, of whom {back} returned"
            raise UpliftError(where=f"outcomes of the {name}", expected=expected, got=got)


class _Scale(NamedTuple):
    """Features by their own mean and spread; one that is the same of all is left out."""

    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, rows: Floats) -> "_Scale":
        spread = rows.std(axis=0)
        return cls(rows.mean(axis=0), np.where(spread > 0.0, spread, np.inf))

    def __call__(self, rows: Floats) -> Floats:
        scaled: Floats = (rows - self.mean) / self.spread
        return scaled


def _folds(treated: Bools, rng: np.random.Generator) -> Ints:
    """A fold of each customer, each with its share of either arm."""
    folds = np.empty(len(treated), np.int64)
    for arm in (treated, ~treated):
        folds[arm] = rng.permutation(np.arange(int(arm.sum())) % FOLDS)
    return folds


def _lines(rows: Floats, treated: Bools, happened: Floats) -> tuple[_Line, _Line]:
    return _ridge(rows[treated], happened[treated]), _ridge(rows[~treated], happened[~treated])


def _uplift(lines: tuple[_Line, _Line], rows: Floats) -> Floats:
    return lines[0](rows) - lines[1](rows)


def _ridge(rows: Floats, happened: Floats) -> _Line:
    """Fit of least generalised cross-validation error among `_RIDGES`."""
    middle, base = rows.mean(axis=0), float(happened.mean())
    left, values, right = np.linalg.svd(rows - middle, full_matrices=False)
    target = happened - base
    along = left.T @ target
    shrunk = values**2 / (values**2 + _RIDGES[:, None])
    missed = np.sum(target**2) - np.sum((2.0 * shrunk - shrunk**2) * along**2, axis=1)
    freedom = len(rows) - 1.0 - shrunk.sum(axis=1)
    best = int(np.argmin(missed / freedom**2))
    weights = right.T @ (values / (values**2 + _RIDGES[best]) * along)
    return _Line(base - float(middle @ weights), weights)


def _fifths(seen: Floats, treated: Bools, returned: Bools) -> tuple[Fifth, ...]:
    found = []
    for rows in np.array_split(np.argsort(-seen, kind="stable"), PARTS):
        arms = (rows[treated[rows]], rows[~treated[rows]])
        counts = [(int(returned[arm].sum()), arm.size) for arm in arms]
        found.append(Fifth(float(seen[rows].mean()), counts[0], counts[1]))
    return tuple(found)
