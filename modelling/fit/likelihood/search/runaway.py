"""What it means for the data that parameters run away."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from modelling.fit.likelihood.search.newton import BOX, OUTSIDE, Summit
from scoring.arrays import Floats

_SHARE: Final = 0.1  # of a direction, to be part of it
_LOOSE: Final = 0.01  # information on a log parameter: a standard error of e^10

_RATES_ALIKE: Final = (
    "Customers do not differ in their rate of buying by more than chance. "
    "One rate for all (a Poisson process) says as much; or give it more customers."
)
_NEVER_AGAIN: Final = (
    "Next to nobody buys again within the time observed, so rates cannot be told. "
    "Observe for longer, or foretell no repeat purchases."
)
_AT_ONCE: Final = (
    "Repeat purchases come at the very beginning and later ones not at all. "
    "Check the times, and that purchases of one day count once."
)
_NOBODY_LEAVES: Final = (
    "Nobody is seen to stop buying, so leaving cannot be told. "
    "Buying alone (the NBD) says as much; or observe for longer."
)
_ALL_LEAVE: Final = (
    "Customers stop as soon as they may. Repeat purchases hold no more than who bought again; "
    "observe for longer or use another model."
)
_LEAVING_ALIKE: Final = (
    "Customers do not differ in how soon they stop by more than chance. "
    "One probability or rate of leaving for all says as much; or give it more customers."
)
_SOME_LEAVE: Final = (
    "Some customers stop at once and the others never. "
    "Split them by that, or observe the others for longer."
)
_SPEND_EQUAL: Final = (
    "Mean spends differ by less than the model can tell. Use the mean over all customers."
)
_SPEND_STEADY: Final = (
    "Mean spends scatter no less over many purchases than over few, as if those of one customer "
    "never varied. Use each customer's own mean."
)
_SPEND_ALIKE: Final = (
    "Customers do not differ in mean spend by more than their purchases do by chance. "
    "Use the mean over all customers."
)
_SPEND_WILD: Final = (
    "Spends are scattered over many orders of magnitude, more widely than the model can tell. "
    "Check the unit and outliers, or winsorise."
)

_BUYING: Final = (
    ("alpha>0", _AT_ONCE),
    ("r>0", _NEVER_AGAIN),
    ("r>infinity", _RATES_ALIKE),
    ("alpha>infinity", _NEVER_AGAIN),
)
_COIN: Final = (
    ("a>infinity b>infinity", _LEAVING_ALIKE),
    ("a>0 b>0", _SOME_LEAVE),
    ("a>0", _NOBODY_LEAVES),
    ("b>infinity", _NOBODY_LEAVES),
    ("a>infinity", _ALL_LEAVE),
    ("b>0", _ALL_LEAVE),
)
_MEANINGS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "bgnbd": (*_BUYING, *_COIN),
    "mbgnbd": (*_BUYING, *_COIN),
    "paretonbd": (
        *_BUYING,
        ("s>infinity beta>infinity", _LEAVING_ALIKE),
        ("s>0 beta>0", _SOME_LEAVE),
        ("s>0", _NOBODY_LEAVES),
        ("beta>infinity", _NOBODY_LEAVES),
        ("s>infinity", _ALL_LEAVE),
        ("beta>0", _ALL_LEAVE),
    ),
    "gammagamma": (
        ("p>infinity q>infinity", _SPEND_EQUAL),
        ("p>infinity", _SPEND_STEADY),
        ("q>infinity", _SPEND_ALIKE),
        ("", _SPEND_WILD),
    ),
}
_UNDECIDED: Final = "The data do not tell these apart. Use a simpler model or more customers."


def runaway(names: tuple[str, ...], summit: Summit, customers: float) -> dict[str, str]:
    """Name the parameters that run away, else those of the flattest direction.

    They are far out, and a side of the box holds them or they can move without loss; a parameter
    that is merely small, such as r where few of many come back, is as curved as any.
    """
    far = np.abs(summit.theta)
    free = (far >= BOX) | (_looseness(summit, customers) > _SHARE)
    way = np.where((far >= OUTSIDE) & free, summit.theta, 0.0)
    if not way.any():
        flattest = np.linalg.eigh(summit.curvature)[1][:, 0]
        upward = flattest if flattest @ summit.gradient >= 0.0 else -flattest
        way = np.where(np.abs(upward) >= _SHARE * np.abs(upward).max(), upward, 0.0)
    pairs = zip(names, way.tolist(), strict=True)
    return {name: "infinity" if sign > 0.0 else "0" for name, sign in pairs if sign}


def _looseness(summit: Summit, customers: float) -> Floats:
    """Each parameter's largest share in a direction that the data leave undetermined."""
    values, vectors = np.linalg.eigh(summit.curvature)
    loose = np.abs(values) * customers < _LOOSE
    shares: Floats = np.abs(vectors * loose).max(axis=1)
    return shares


def meaning(model: str, ways: Mapping[str, str]) -> str:
    """Say what that means for the data and what to do.

    >>> meaning("bgnbd", {"r": "infinity", "alpha": "infinity"}).split(".")[0]
    'Customers do not differ in their rate of buying by more than chance'
    """
    present = {f"{name}>{way}" for name, way in ways.items()}
    for pattern, sentence in _MEANINGS[model]:
        if set(pattern.split()) <= present:
            return sentence
    return _UNDECIDED


def described(ways: Mapping[str, str]) -> str:
    """Say which parameters run where.

    >>> described({"r": "infinity", "alpha": "infinity", "a": "0"})
    'r and alpha run to infinity, a runs to 0'
    """
    parts = []
    for way in ("infinity", "0"):
        names = [name for name, whither in ways.items() if whither == way]
        if names:
            parts.append(f"{' and '.join(names)} {'run' if len(names) > 1 else 'runs'} to {way}")
    return ", ".join(parts)
