"""What a row of the registry of inputs says."""

from dataclasses import dataclass

import numpy as np

from scoring.arrays import Floats
from scoring.churn._values import Value
from scoring.feature import Feature, InSilence
from scoring.models import PurchaseModel


@dataclass(frozen=True)
class Input:
    """One row of the registry.

    Attributes:
        name: as in parameter files.
        words: for people, such as a scorecard's table.
        unit: what a step of one means.
        value: from the feature matrix (features, n) to (n,), in any batch the same bytes.
        in_silence: how it moves without events; HELD stands still.
        churn_sign: 1 where more of it must not lower the risk, -1 where it must not raise it, 0
            where either may be.
        bends: values between which its log odds may run at slopes of their own, flat beyond the
            outermost, always in the sense of `churn_sign`; none for one straight line.
        rule: the warning rule whose words speak for its points; None describes the customer, and
            is nobody's reason.
    """

    name: str
    words: str
    unit: str
    value: Value
    in_silence: InSilence
    churn_sign: int
    bends: tuple[float, ...] = ()
    rule: str | None = None

    def reads(self, purchases: PurchaseModel) -> frozenset[Feature]:
        """Which features the value is made of."""
        asked = _Asked()
        self.value(asked, purchases)  # type: ignore[arg-type]  # rows are all that it looks at
        return frozenset(asked.features)


class _Asked:
    """A matrix of one customer that notes which of its rows are asked for."""

    def __init__(self) -> None:
        self.features: set[Feature] = set()

    def __getitem__(self, feature: Feature) -> Floats:
        self.features.add(feature)
        return np.full(1, 0.5)
