"""The whole portfolio, told from the partitions' running histograms without reading a customer."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

import numpy as np

from scoring.model import ScoringModel
from scoring.segments.histograms import QUINTILES, TIERS, Portfolio
from streams.config import Settings
from streams.parameters.file import read_document
from streams.store.opening import opened


@dataclass(frozen=True)
class PortfolioSnapshot:
    """The portfolio as of its clock.

    Attributes:
        portfolio: all partitions' histograms.
        clock: the latest of the partitions' clocks, epoch seconds.
        model: the parameters in use.
    """

    portfolio: Portfolio
    clock: float
    model: ScoringModel

    @property
    def today(self) -> int:
        """Calendar day of the clock."""
        return int(self.model.calendar.day(np.array([self.clock]))[0])

    def rates(self) -> dict[str, float | int | None]:
        """What describes the portfolio, by name; values in minor units."""
        of, days = self.portfolio, self.model.horizon
        return {
            "customers": of.customers,
            "clv_total": of.total_clv,
            "pareto_share": of.pareto_share(),
            "repeat_rate": of.repeat_rate,
            "retention_rate": of.retention_rate(self.today, days),
            "referral_rate": of.referral_rate,
            "net_promoter_score": of.net_promoter_score,
            "warned": of.histogram("warned").get(1, 0),
        }

    def cut_points(self) -> dict[str, tuple[float, ...]]:
        """Cut points that split these customers into fifths and value tiers; days, minor units."""
        of = self.portfolio
        return {
            "recency_days": of.recency_cuts(self.today),
            "frequency": tuple(map(ceil, of.cut_points("frequency", QUINTILES))),
            "monetary_value": of.cut_points("monetary_value", QUINTILES),
            "clv": of.cut_points("clv", TIERS),
        }


async def read_portfolio(settings: Settings, model: ScoringModel) -> PortfolioSnapshot:
    """Read the histograms of every partition.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    numbers = range(settings.partitions)
    async with opened(settings) as store:
        counted = await asyncio.gather(*(store.histograms(number) for number in numbers))
        claims = await asyncio.gather(*(store.peek(number) for number in numbers))
    fields: Counter[str] = Counter()
    for histograms in counted:
        fields.update(histograms)
    return PortfolioSnapshot(Portfolio.of(fields), max(claim.clock for claim in claims), model)


def with_cut_points(document: Mapping[str, Any], found: PortfolioSnapshot) -> dict[str, Any]:
    """A parameter file's document with the cut points that the portfolio proposes.

    What no histogram knows stays as the file, or else the packaged one, has it.
    """
    base = read_document(None)["segments"] | (document.get("segments") or {})
    is_major = document["money_unit"] == "major"
    minor_per_unit = 10.0 ** document["currency_exponent"] if is_major else 1.0
    cuts = {name: list(values) for name, values in found.cut_points().items()}
    for name in ("monetary_value", "clv"):
        cuts[name] = [round(cut / minor_per_unit, 6) for cut in cuts[name]]
    origin = {
        "made_from": f"the running histograms of {found.portfolio.customers} customers as of "
        f"{datetime.fromtimestamp(found.clock, UTC).isoformat()}",
        "currency": document["book_currency"],
    }
    origins = {**(document.get("origins") or {}), "segments": origin}
    return {**document, "segments": {**base, **cuts}, "origins": origins}
