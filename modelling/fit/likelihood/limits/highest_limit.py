"""Which limit a likelihood rises to."""

from typing import Final, NamedTuple

from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.limits.likelihood import LimitLikelihood, limit_likelihoods
from modelling.fit.likelihood.search.highest import Found, highest
from modelling.fit.likelihood.search.starts import PurchaseModelName

WORTH: Final = 1e-3  # of log-likelihood, which no further parameter is taken for


class FoundLimit(NamedTuple):
    """A limit and its maximum."""

    likelihood: LimitLikelihood
    found: Found


def highest_limit(model: PurchaseModelName, cells: Cells) -> FoundLimit:
    """Return the limit of the highest likelihood, of equally high ones that of fewest parameters.

    All limits are tried, as an edge is where the search for it ended and not what it means: where
    customers differ in nothing, r may have run away and a too. One that runs to an edge itself is
    left out, since what it comes to is another of them; the last one, of one rate of buying and
    nobody who leaves, always has a maximum.

    Args:
        model: Whose limits.
        cells: The customers, times in mean tenures, at least one with a repeat purchase.
    """
    tried = [
        FoundLimit(likelihood, highest(likelihood, likelihood.starts()))
        for likelihood in limit_likelihoods(model, cells)
    ]
    inner = [each for each in tried if each.found.is_maximum]
    top = max(each.found.summit.value for each in inner) - WORTH / cells.customers
    return next(each for each in inner if each.found.summit.value >= top)
