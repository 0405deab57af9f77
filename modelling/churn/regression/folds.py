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


def folds_of(customers: Ints, known: Ints, folds: Ints) -> Ints:
    """Return the fold of each of some customers, 0 for one of whom none is known.

    Args:
        customers: shape (n,).
        known: customers of which it is known, shape (m,).
        folds: theirs, shape (m,).

    >>> folds_of(np.array([4, 2, 9]), np.array([2, 4]), np.array([0, 3])).tolist()
    [3, 0, 0]
    """
    most = max(int(customers.max(initial=0)), int(known.max(initial=0)))
    by_customer = np.zeros(most + 1, np.int64)
    by_customer[known] = folds
    return by_customer[customers]
