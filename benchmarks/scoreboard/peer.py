"""lifetimes: its fits, its expectations and its P(alive), where it has any."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import numpy as np

from modelling.fit.likelihood import PurchaseModelName
from modelling.history import Summary
from scoring.arrays import Floats

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import (  # type: ignore[import-untyped]
        BetaGeoFitter,
        ModifiedBetaGeoFitter,
        ParetoNBDFitter,
        datasets,
    )

FITTERS: Final = {
    "bgnbd": BetaGeoFitter,
    "mbgnbd": ModifiedBetaGeoFitter,
    "paretonbd": ParetoNBDFitter,
}


class Forecast(NamedTuple):
    """What lifetimes says of customers; nan where it has no number.

    Attributes:
        expected: Purchases in the days asked for, shape (customers,).
        p_alive: Shape (customers,).
    """

    expected: Floats
    p_alive: Floats


def forecast(model: PurchaseModelName, summary: Summary, days: float) -> Forecast | None:
    """Fit in days and foretell; None where it does not converge."""
    seen = summary.x, summary.t_x, summary.T
    with _hushed():
        np.random.seed(0)  # noqa: NPY002 - lifetimes draws where to begin from it
        try:
            fitted = FITTERS[model]().fit(*seen)
        except Exception:  # noqa: BLE001 - whatever it raises, it has not fitted
            return None
        expected = fitted.conditional_expected_number_of_purchases_up_to_time(days, *seen)
        alive = fitted.conditional_probability_alive(*seen)
        return Forecast(np.asarray(expected, np.float64), np.asarray(alive, np.float64))


def sample_members() -> list[bytes]:
    """The customers of the papers' CDNOW sample, by the ids of the log it is taken from."""
    names = ["master", "sample", "date", "count", "value"]
    with _hushed():
        rows = datasets.load_dataset(
            "CDNOW_sample.txt", header=None, sep=r"\s+", names=names, dtype=str
        )
    return sorted({f"cdnow-{number}".encode() for number in rows["master"]})


@contextmanager
def _hushed() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
