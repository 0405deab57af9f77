"""Where searches begin, in the data's own unit."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np

from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.fit_error import FitError
from scoring.arrays import Floats

PurchaseModelName = Literal["bgnbd", "mbgnbd", "paretonbd"]
CHANCES: Final = frozenset({"leave_probability", "leave_share"})  # sought as log odds

# Leaving: (a, b) of the coin, or (s, beta), beta in mean tenures; from early to hardly ever.
_LEAVING: Final[dict[PurchaseModelName, tuple[tuple[float, float], ...]]] = {
    "bgnbd": ((0.8, 2.4), (0.5, 10.0), (1.5, 1.5), (0.1, 1.0)),
    "mbgnbd": ((0.9, 1.6), (0.5, 10.0), (1.5, 1.5), (0.1, 1.0)),
    "paretonbd": ((0.6, 0.4), (0.3, 3.0), (2.0, 1.0), (0.3, 0.02)),
}
# p, q and the mean spend v p / (q - 1), that of the data being 1.
_SPEND: Final = ((6.0, 4.0), (1.5, 2.0), (30.0, 8.0))


def purchase_starts(model: PurchaseModelName, cells: Cells) -> list[Floats]:
    """Rates by the moments of the NBD, if nobody left early or half did, with ways of leaving."""
    mean = max(float(np.average(cells.x, weights=cells.weight)), 0.5 / cells.customers)
    spread = float(np.average((cells.x - mean) ** 2, weights=cells.weight))
    r = float(np.clip(mean * mean / max(spread - mean, 1e-3 * mean), 0.1, 10.0))
    rates = (r / mean, 0.4 * r / mean)
    return [
        np.log([r, rates[number % 2], *leaving]) for number, leaving in enumerate(_LEAVING[model])
    ]


def spend_starts() -> list[Floats]:
    """From hardly varying to widely varying, about the mean 1."""
    return [np.log([p, q, (q - 1.0) / p]) for p, q in _SPEND]


def given_starts(
    starts: Sequence[Mapping[str, float]], names: Sequence[str], units: Mapping[str, float]
) -> list[Floats]:
    """What is searched over, in the data's unit, of parameters that a caller proposes.

    Raises:
        FitError: One lacks a parameter, or has none that is a finite number above 0.
    """
    return [_given(number, start, names, units) for number, start in enumerate(starts)]


def _given(
    number: int, start: Mapping[str, float], names: Sequence[str], units: Mapping[str, float]
) -> Floats:
    values = np.array([start.get(name, np.nan) / units.get(name, 1.0) for name in names])
    if not ((values > 0.0) & (values < np.inf)).all():
        expected = f"{', '.join(names)}, finite numbers above 0"
        raise FitError(where=f"parameters[{number}]", expected=expected, got=dict(start))
    chance = np.array([name in CHANCES for name in names])
    if (values[chance] >= 1.0).any():
        expected = f"{', '.join(CHANCES.intersection(names))} below 1"
        raise FitError(where=f"parameters[{number}]", expected=expected, got=dict(start))
    logs: Floats = np.log(values)
    logs[chance] -= np.log1p(-values[chance])
    return logs
