"""Merchant categories as eight groups of need: what a customer buys, and how that shifts.

The groups partition the four-digit codes of ISO 18245; where a code lies in two rows, the later row
counts.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

CODES: Final = 10_000


class Category(IntEnum):
    """Groups of merchant categories."""

    OTHER = 0
    GROCERIES = 1
    DINING = 2
    TRAVEL = 3
    TRANSPORT = 4
    SHOPPING = 5
    LEISURE = 6
    HOUSEHOLD = 7


# First and last code of each stretch.
GROUPS: Final = (
    (Category.TRAVEL, ((3000, 3999), (4411, 4411), (4511, 4511), (4722, 4722), (7011, 7033))),
    (Category.TRANSPORT, ((4011, 4131), (4784, 4789), (5511, 5599), (5983, 5983), (7511, 7549))),
    (Category.TRAVEL, ((7512, 7519),)),
    (Category.HOUSEHOLD, ((4812, 4900), (5200, 5271), (5712, 5722), (6300, 6300), (6513, 6513))),
    (Category.HOUSEHOLD, ((7210, 7299), (8011, 8299), (5912, 5912))),
    (Category.SHOPPING, ((5300, 5399), (5611, 5699), (5732, 5734), (5931, 5999))),
    (Category.TRANSPORT, ((5541, 5542), (5983, 5983))),
    (Category.HOUSEHOLD, ((5975, 5976), (5995, 5995))),
    (Category.GROCERIES, ((5300, 5300), (5411, 5499), (5921, 5921))),
    (Category.DINING, ((5811, 5814),)),
    (Category.LEISURE, ((5735, 5735), (5815, 5818), (5940, 5947), (7800, 7999))),
)


def _table() -> NDArray[np.uint8]:
    table = np.zeros(CODES, np.uint8)
    for category, stretches in GROUPS:
        for first, last in stretches:
            table[first : last + 1] = category
    return table


TABLE: Final = _table()


def categories(codes: Sequence[str]) -> NDArray[np.uint8]:
    """Group merchant category codes.

    Args:
        codes: four digits each.

    Returns:
        `Category` values, shape (len(codes),), dtype uint8.

    >>> [Category(group).name for group in categories(["5411", "3001", "0000"])]
    ['GROCERIES', 'TRAVEL', 'OTHER']
    """
    grouped: NDArray[np.uint8] = TABLE[np.array(codes, "U4").astype(np.int64)]
    return grouped
