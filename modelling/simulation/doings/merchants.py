"""Where cards are used: merchants, their categories, and the few that a customer keeps to."""

from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.customers.people import PLACES
from scoring.arrays import Bools, Floats, Ints


class _Sort(NamedTuple):
    """Merchants of one category: share of uses at home, and value by the mean use."""

    category: int
    share: float
    value: float
    is_shopping: bool = False


# Groceries, petrol and shopping are 43% of payments (DCPC 2019); how the rest is parted is assumed.
_HOME: Final = (
    _Sort(5411, 0.22, 0.9),
    _Sort(5499, 0.04, 0.5),
    _Sort(5812, 0.10, 0.9),
    _Sort(5814, 0.14, 0.3),
    _Sort(5541, 0.09, 0.9),
    _Sort(5311, 0.04, 1.5, is_shopping=True),
    _Sort(5651, 0.03, 1.6, is_shopping=True),
    _Sort(5732, 0.01, 3.0, is_shopping=True),
    _Sort(5999, 0.05, 1.0, is_shopping=True),
    _Sort(5912, 0.05, 0.6),
    _Sort(5200, 0.03, 1.6),
    _Sort(4900, 0.02, 2.0),
    _Sort(8011, 0.02, 1.8),
    _Sort(4111, 0.05, 0.3),
    _Sort(4121, 0.03, 0.4),
    _Sort(7832, 0.02, 0.5),
    _Sort(5815, 0.03, 0.4),
    _Sort(4511, 0.01, 6.0),
    _Sort(7011, 0.02, 4.0),
)
_ABROAD: Final = (
    _Sort(5812, 0.35, 0.9),
    _Sort(5411, 0.20, 0.8),
    _Sort(4121, 0.15, 0.5),
    _Sort(7011, 0.15, 4.0),
    _Sort(5999, 0.15, 1.0),
)
AT_HOME: Final = 2_000
MERCHANTS: Final = 2_500  # those from `AT_HOME` on are abroad
RECURRING: Final = (5815, 4899, 7997, 5968)  # what is charged every month
CASH: Final = 6011
HABIT: Final = 0.7  # share of uses at the places a customer keeps to (assumed)


def _placed() -> Ints:
    """Row of each merchant in all sorts, by the sorts' shares, shape (MERCHANTS,)."""
    home = _counted(_HOME, AT_HOME)
    abroad = len(_HOME) + _counted(_ABROAD, MERCHANTS - AT_HOME)
    return np.concatenate([home, abroad])


def _counted(sorts: tuple[_Sort, ...], merchants: int) -> Ints:
    ends = np.cumsum([sort.share for sort in sorts]) / sum(sort.share for sort in sorts)
    return np.searchsorted(ends, (np.arange(merchants) + 0.5) / merchants).astype(np.int64)


_ROWS: Final = _placed()
_SORTS: Final = (*_HOME, *_ABROAD)
CATEGORY: Final = np.array([sort.category for sort in _SORTS])[_ROWS]
IS_SHOPPING: Final = np.array([sort.is_shopping for sort in _SORTS])[_ROWS]


def _values() -> Floats:
    """Value of a use at each merchant by the mean one: 1 in the mean of all at home."""
    values = np.array([sort.value for sort in _SORTS])[_ROWS]
    relative: Floats = values / values[:AT_HOME].mean()
    return relative


VALUE: Final = _values()
_ZIPF: Final = np.cumsum(1.0 / np.arange(1, PLACES + 1)) / np.sum(1.0 / np.arange(1, PLACES + 1))


def kept_places(rng: np.random.Generator, customers: int) -> Ints:
    """Merchants that each customer keeps to, the favourite first, shape (customers, PLACES)."""
    return rng.integers(0, AT_HOME, (customers, PLACES))


def chosen(rng: np.random.Generator, customer: Ints, places: Ints, is_abroad: Bools) -> Ints:
    """The merchant of each use, shape (n,).

    Args:
        rng: decides.
        customer: of each use, shape (n,).
        places: as `kept_places`.
        is_abroad: whether the use is abroad, shape (n,).
    """
    count = len(customer)
    rank = np.searchsorted(_ZIPF, rng.random(count))
    merchant = places[customer, np.minimum(rank, PLACES - 1)]
    elsewhere = rng.random(count) >= HABIT
    merchant = np.where(elsewhere, rng.integers(0, AT_HOME, count), merchant)
    return np.where(is_abroad, rng.integers(AT_HOME, MERCHANTS, count), merchant)
