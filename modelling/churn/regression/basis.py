"""From inputs to the columns that a regression weighs, and back to a scorecard's terms.

An input without bends is one column. One with bends is a column for each stretch between two of
them, 0 before it and 1 behind it: weights of one sign give a curve that never turns.
"""

from itertools import pairwise
from typing import Any, Literal

import numpy as np

from modelling.churn.regression.logistic import Logistic
from scoring.arrays import Floats
from scoring.churn.input import Input
from scoring.churn.scorecard import Term
from scoring.feature import InSilence

Hold = Literal["all", "silence", "none"]


def columns(table: Floats, inputs: tuple[Input, ...]) -> Floats:
    """Spread values of inputs (n, inputs) over columns, shape (n, columns)."""
    made = [_spread(table[:, row], one) for row, one in enumerate(inputs)]
    return np.column_stack([np.empty((len(table), 0)), *made])


def signs(inputs: tuple[Input, ...], hold: Hold) -> Floats:
    """Sign of each column's weight, 0 where either may be.

    Args:
        inputs: whose columns.
        hold: whose weights are held to their meaning: "all", only what moves in "silence", so that
            a risk's way in silence is known, or "none". What bends always is.
    """
    return np.concatenate([np.zeros(0), *(_signs(one, hold) for one in inputs)])


def terms(fitted: Logistic, inputs: tuple[Input, ...]) -> tuple[tuple[Term, ...], dict[str, str]]:
    """Read off the terms of inputs that carry weight, and why the others are left out."""
    found, left_out, start = [], {}, 0
    for one in inputs:
        part = slice(start, start + _count(one))
        start = part.stop
        if fitted.weights[part].any():
            found.append(_term(one, fitted.weights[part], fitted.centres[part]))
        else:
            left_out[one.name] = "constant" if fitted.constant[part].all() else "sign"
    return tuple(found), left_out


def by_input(fitted: Logistic, covariance: Floats, inputs: tuple[Input, ...]) -> dict[str, float]:
    """Standard error of the weight of each input that carries any, its whole rise where it bends.

    Args:
        fitted: the regression.
        covariance: of its weights, shape (columns, columns).
        inputs: whose columns they are.
    """
    errors, start = {}, 0
    for one in inputs:
        part = slice(start, start + _count(one))
        start = part.stop
        if fitted.weights[part].any():
            errors[one.name] = float(np.sqrt(max(covariance[part, part].sum(), 0.0)))
    return errors


def _count(one: Input) -> int:
    return max(len(one.bends) - 1, 1)


def _spread(value: Floats, one: Input) -> Floats:
    if not one.bends:
        return value[:, None]
    ramps = [np.clip((value - a) / (b - a), 0.0, 1.0) for a, b in pairwise(one.bends)]
    return np.column_stack(ramps)


def _signs(one: Input, hold: Hold) -> Floats:
    moves = hold == "silence" and one.in_silence is not InSilence.HELD
    is_held = hold == "all" or moves or bool(one.bends)
    return np.full(_count(one), float(one.churn_sign * is_held))


def _term(one: Input, weights: Floats, centres: Floats) -> Term:
    if not one.bends:
        return Term(one, float(weights[0]), float(centres[0]))
    whole = float(weights.sum())
    shares = np.concatenate(([0.0], np.cumsum(weights) / whole))
    shares[-1] = 1.0  # rounding may leave it a unit in the last place short
    curve = tuple(zip(one.bends, np.minimum(shares, 1.0).tolist(), strict=True))
    return Term(one, whole, float(weights @ centres) / whole, curve)


def pieces(term: Term) -> dict[str, Any]:
    """A term as it stands in a parameter file."""
    plain = {"input": term.input.name, "weight": term.weight, "centre": term.centre}
    if not term.curve:
        return plain
    return {**plain, "curve": [{"at": at, "share": share} for at, share in term.curve]}
