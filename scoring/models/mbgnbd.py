from dataclasses import dataclass
from typing import ClassVar

from scoring.models.betageometric import BetaGeometric


@dataclass(frozen=True, slots=True)
class MBGNBD(BetaGeometric):
    """Modified beta-geometric / NBD model: one may stop after the first purchase too.

    Sources: Batislam, Denizel and Filiztekin 2007, "Empirical validation and comparison of models
    for customer base analysis", IJRM 24(3); Hoppe and Wagner 2007, "Customer base analysis: the
    case for a central variant of the Betageometric/NBD Model", Marketing JRM 3(2). Given life it
    is BG/NBD with b + 1 in place of b.

    Example:
        >>> MBGNBD(0.525, 6.183, 0.891, 1.614).p_alive([2, 0], [30.43, 0], 38.86).round(4)
        array([0.7062, 0.3897])
    """

    name: ClassVar[str] = "mbgnbd"
    first_opportunities: ClassVar[int] = 1
