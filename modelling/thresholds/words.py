"""What a search for thresholds found, in sentences for people."""

from modelling.thresholds.choosing import ThresholdChoice
from modelling.thresholds.search import ThresholdSearch
from streams.outbox.phrases import money


def advice(found: ThresholdSearch, currency: str) -> str:
    """Which threshold to take and what it brings, in a sentence."""
    best = found.recommended
    if best.at is None:
        return f"Warn of nobody. {best.why}"
    return f"Take {best.middle:.4g}: {brings(best.at, currency)}. {best.why}"


def brings(one: ThresholdChoice, currency: str) -> str:
    """What a threshold brings, in words.

    >>> brings(ThresholdChoice(0.3, 12.04, 0.64, 0.84, 21.0, None), "USD")
    '12.0 warnings a day, precision 64%, recall 84%, median lead 21 days'
    """
    lead = "no lead" if one.lead_days is None else f"median lead {one.lead_days:.0f} days"
    profit = [] if one.profit is None else [f"expected profit {money(one.profit, currency)} a day"]
    per_day = f"{one.warnings_per_day:.3g}"
    if one.warnings_per_day >= 1.0:
        per_day = f"{one.warnings_per_day:,.1f}"
    parts = (
        f"{per_day} warnings a day",
        f"precision {share(one.precision)}",
        f"recall {share(one.recall)}",
        lead,
        *profit,
    )
    return ", ".join(parts)


def complaint(found: ThresholdSearch, currency: str) -> str | None:
    """That the file's own threshold is much worse, None where it is not."""
    if found.own is None or not found.is_own_much_worse:
        return None
    return (
        f"The file's own threshold, {found.own.threshold:.4g}, is much worse on this period: "
        f"{brings(found.own, currency)}."
    )


def share(figure: float | None) -> str:
    """A share of 1, in whole percent.

    >>> share(0.844), share(None)
    ('84%', 'none')
    """
    return "none" if figure is None else f"{figure:.0%}"
