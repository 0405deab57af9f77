from dataclasses import dataclass
from typing import ClassVar

from scoring.models.betageometric import BetaGeometric


@dataclass(frozen=True, slots=True)
class BGNBD(BetaGeometric):
    """Beta-geometric / NBD model: one may stop after each repeat purchase.

    Source: Fader, Hardie and Lee 2005, "Counting Your Customers the Easy Way", Marketing Science
    24(2); P(alive) from their note of 2008. Who bought only once is alive with probability 1, so
    rank churn by `p_no_purchase`.

    Example:
        >>> model = BGNBD(0.243, 4.414, 0.793, 2.426)
        >>> model.p_alive([2, 0], [30.43, 0], 38.86).round(4)
        array([0.7266, 1.    ])
        >>> model.expected_purchases([2], [30.43], [38.86], 39.0).round(6)
        array([1.226028])
    """

    name: ClassVar[str] = "bgnbd"
    first_opportunities: ClassVar[int] = 0
