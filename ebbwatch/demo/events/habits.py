"""What synthetic customers do: wire events of each sort, valid under the contracts."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any, Final, NamedTuple

import numpy as np

Event = dict[str, Any]

CURRENCY: Final = "USD"
INSTALMENT: Final = 18_500  # minor units


class Shop(NamedTuple):
    """A sort of shop: its category, and the median and log-spread of what is spent there."""

    merchant_category: str
    merchant_id: str
    channel: str
    median: float
    spread: float
    share: float


SHOPS: Final = (
    Shop("5411", "grocer", "pos", 4_200, 0.6, 0.45),
    Shop("5812", "restaurant", "pos", 2_600, 0.5, 0.20),
    Shop("5541", "filling-station", "pos", 2_100, 0.3, 0.15),
    Shop("5651", "clothes-shop", "pos", 6_000, 0.7, 0.10),
    Shop("5942", "book-shop", "online", 1_900, 0.5, 0.10),
)


class Diary:
    """Writes down one customer's events.

    Args:
        customer: the customer's id, which says that the customer is synthetic.
        rng: decides amounts and durations.
    """

    def __init__(self, customer: str, rng: np.random.Generator) -> None:
        self._customer, self._rng, self._numbers = customer, rng, count(1)
        self._card = f"card-{customer}"

    def purchases(self, instants: Sequence[datetime]) -> Iterator[Event]:
        """Card payments, mostly small ones at shops of everyday life."""
        shares = [shop.share for shop in SHOPS]
        picks = self._rng.choice(len(SHOPS), size=len(instants), p=shares)
        for instant, pick in zip(instants, picks.tolist(), strict=True):
            yield self._event("purchase", instant, **self._payment(SHOPS[pick]))

    def repayments(self, instants: Sequence[datetime]) -> Iterator[Event]:
        """Instalments repaid in time."""
        for instant in instants:
            yield self._event("repayment", instant, amount=INSTALMENT, currency=CURRENCY)

    def overdue(self, instants: Sequence[datetime], days: Sequence[int]) -> Iterator[Event]:
        """Reminders of instalments, each some days overdue."""
        for instant, late in zip(instants, days, strict=True):
            yield self._event(
                "instalment_overdue",
                instant,
                amount=INSTALMENT,
                currency=CURRENCY,
                instalment_id=f"{self._customer}:{instant:%Y-%m}",
                days_overdue=late,
            )

    def app_sessions(self, instants: Sequence[datetime]) -> Iterator[Event]:
        """Short looks into the app."""
        durations = self._rng.lognormal(4.5, 0.6, len(instants))
        for instant, seconds in zip(instants, durations.tolist(), strict=True):
            yield self._event("app_session", instant, duration_seconds=round(seconds, 1))

    def survey(self, instant: datetime, score: int) -> Event:
        """An answer to a satisfaction survey, 1 to 5."""
        return self._event("survey", instant, score=score, touchpoint="app:survey")

    def nps(self, instant: datetime, score: int) -> Event:
        """An answer to the net promoter question, 0 to 10."""
        return self._event("nps", instant, score=score, touchpoint="email:nps")

    def complaint(self, instant: datetime) -> Event:
        """A complaint over the telephone, in an angry tone."""
        tone = round(float(self._rng.uniform(-0.9, -0.4)), 2)
        return self._event("complaint", instant, category="service", sentiment=tone)

    def _payment(self, shop: Shop) -> Event:
        amount = round(shop.median * float(np.exp(self._rng.normal(0.0, shop.spread))))
        return {
            "amount": amount,
            "currency": CURRENCY,
            "merchant_category": shop.merchant_category,
            "merchant_id": f"synthetic:{shop.merchant_id}",
            "card_id": self._card,
            "channel": shop.channel,
        }

    def _event(self, kind: str, instant: datetime, **fields: object) -> Event:
        return {
            "event_id": f"synthetic:{self._customer}:{next(self._numbers):04d}",
            "customer_id": self._customer,
            "event_time": instant.isoformat().replace("+00:00", "Z"),
            "type": kind,
            **fields,
        }
