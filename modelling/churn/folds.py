"""Cutting labelled rows into folds such that no customer is in two of them."""

import numpy as np

from scoring.arrays import Bools, Ints


def grouped_folds(customers: Ints, churned: Bools, folds: int, seed: int = 0) -> Ints:
    """Return the fold, 0 to folds - 1, of each row; the same for all rows of a customer.

    Customers who ever churned and customers who never did are dealt out apart, each in random
    order, so that folds are alike.

    Args:
        customers: whose each row is, shape (n,).
        churned: outcomes, shape (n,).
        folds: how many, >= 2.
        seed: of the order; the same seed gives the same folds.

    >>> churned = np.array([True, True, False, False, True, False])
    >>> fold = grouped_folds(np.array([7, 7, 8, 9, 5, 6]), churned, folds=2)
    >>> bool(fold[0] == fold[1]), sorted(set(fold.tolist()))
    (True, [0, 1])
    """
    _, place = np.unique(customers, return_inverse=True)
    ever = np.bincount(place, churned) > 0
    luck = np.random.default_rng(seed).permutation(len(ever))
    order = np.lexsort((luck, ever))
    fold = np.empty(len(ever), np.int64)
    fold[order] = np.arange(len(ever)) % folds
    dealt: Ints = fold[place]
    return dealt
