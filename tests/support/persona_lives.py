"""What people with a card do: lives written in days from 2025-01-01, and seeded."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np

Event = dict[str, Any]
BEGIN: Final = datetime(2025, 1, 1, 12, tzinfo=UTC)
DAYS: Final = 540
HEADERS: Final = ("event_id", "customer_id", "event_time", "type")


class Life:
    """Writes down what one customer does.

    Args:
        name: of the customer.
    """

    def __init__(self, name: str) -> None:
        self.name, self.events = name, list[Event]()
        self._rng = np.random.default_rng(list(name.encode()))

    def does(self, kind: str, day: float, **fields: object) -> str:
        """Something on a day, at some time of it; returns the event's id."""
        at = BEGIN + timedelta(days=day, hours=float(self._rng.uniform(-5.0, 9.0)))
        number = f"{self.name}-{len(self.events)}"
        told = (number, self.name, at.isoformat(timespec="seconds"), kind)
        self.events.append(dict(zip(HEADERS, told, strict=True)) | fields)
        return number

    def buys(self, day: float, amount: float = 40.0, card: str = "1", **fields: object) -> str:
        """A card payment, in dollars or so; returns its id."""
        spent = round(100 * amount * float(self._rng.lognormal(0.0, 0.3)))
        about = {"currency": "USD", "merchant_category": "5411", "merchant_id": "grocer"}
        about |= {"card_id": f"{self.name}-{card}", "channel": "pos"}
        return self.does("purchase", day, amount=spent, **(about | fields))

    def uses(self, days: Iterable[float]) -> None:
        """Looks into the app."""
        for day in days:
            self.does("app_session", day, duration_seconds=90.0)

    def often(self, start: float, end: float, gap: float) -> Iterator[float]:
        """Days of a rhythm that is even as people's are: Erlang-2 gaps."""
        day = start
        while (day := day + float(self._rng.gamma(2.0, gap / 2.0))) < end:
            yield day

    def shops(self, start: float, end: float, gap: float, amount: float = 40.0) -> None:
        """Buys in such a rhythm."""
        for day in self.often(start, end, gap):
            self.buys(day, amount)


def steady(life: Life) -> None:
    life.shops(0, DAYS, 3.0)
    life.uses(life.often(0, DAYS, 4.0))
    life.does("survey", 200, score=4, touchpoint="app")
    life.does("nps", 400, score=9, touchpoint="app")


def growing(life: Life) -> None:
    for start, gap in ((360, 9.0), (400, 6.0), (450, 4.0), (500, 2.5)):
        life.shops(start, min(start + 50, DAYS), gap, 20.0 + (start - 360) / 3.0)


def seasonal(life: Life) -> None:
    for start in range(0, DAYS, 30):
        busy = start % 360 in {150, 180, 330}  # summer, and before the year's end
        life.shops(start, start + 30, 2.0 if busy else 6.0, 60.0 if busy else 40.0)


def traveller(life: Life) -> None:
    life.shops(0, 300, 3.0)
    for day in life.often(300, 321, 0.5):
        yen = {"currency": "JPY", "book_amount": 3_000, "merchant_id": "kiosk"}
        life.does("purchase", day, **{**_paid(life), **yen, "amount": 4_500})
    life.shops(321, DAYS, 3.0)


def _paid(life: Life) -> dict[str, object]:
    return {"merchant_category": "5812", "card_id": f"{life.name}-1", "channel": "pos"}


def salary_day(life: Life) -> None:
    for month in range(18):
        life.buys(24 + 30.4 * month, 600.0)


def refunding(life: Life) -> None:
    for number, day in enumerate(life.often(0, DAYS - 20, 4.0)):
        bought = life.buys(day, 80.0)
        if number % 2:
            amount, when = (life.events[-1][name] for name in ("amount", "event_time"))
            taken = {"reverses": bought, "reversed_time": when}
            life.does("refund", day + 6, amount=amount, currency="USD", **taken)


def robbed(life: Life) -> None:
    life.shops(0, 250, 3.0)
    for day in (250.1, 250.2, 250.3):
        bought = life.buys(day, 900.0)
        amount = life.events[-1]["amount"]
        taken = {"reverses": bought, "reversed_time": life.events[-1]["event_time"]}
        life.does("chargeback", day + 20, amount=amount, currency="USD", **taken)
    life.does("card_blocked", 251, card_id=f"{life.name}-1", reason="fraud")
    life.does("card_activated", 256, card_id=f"{life.name}-2")
    for day in life.often(256, DAYS, 3.0):
        life.buys(day, card="2")


def away_and_back(life: Life) -> None:
    life.shops(0, 300, 3.0)
    life.shops(390, DAYS, 3.0)


def gone(life: Life) -> None:
    life.shops(0, 380, 3.0)
    life.uses(life.often(0, 380, 4.0))


def withdrawing(life: Life) -> None:
    life.shops(0, 380, 3.0)
    life.uses(life.often(0, 380, 4.0))
    said = {"granted": False, "legal_basis": "consent"}
    life.does("consent_changed", 200, purpose="Direct-Marketing", **said)
    life.does("consent_changed", 440, purpose="profiling", **said)


def ebbing(life: Life) -> None:
    for start, end, gap, amount in ((0, 330, 1.0, 60.0), (330, 400, 3.0, 40.0), (400, DAYS, 8, 30)):
        life.shops(start, end, gap, amount)


def healed(life: Life) -> None:
    life.shops(0, DAYS, 3.0)
    life.does("complaint", 300, category="fees", sentiment=-0.8)
    life.does("survey", 303, score=1, touchpoint="call_centre")
    life.does("survey", 330, score=5, touchpoint="branch")


def cured(life: Life) -> None:
    life.shops(0, DAYS, 3.0)
    for month in range(1, 18):
        due, late = 30.4 * month, month in {10, 11}
        if late:
            for days in (3, 10):
                told = {"instalment_id": f"i{month}", "days_overdue": days}
                life.does("instalment_overdue", due + days, amount=18_500, currency="USD", **told)
            life.does("instalment_cured", due + 15, instalment_id=f"i{month}")
        else:
            life.does("repayment", due, amount=18_500, currency="USD")


def one_card_left(life: Life) -> None:
    for number, day in enumerate(life.often(0, DAYS, 1.5)):
        life.buys(day, card="1" if number % 2 and day < 300 else "2")


def subscribing(life: Life) -> None:
    life.shops(0, DAYS, 3.0)
    for month in range(1, 11):
        _charged(life, month, 1_299, "films", "1" if month < 6 else "2")


def resubscribing(life: Life) -> None:
    life.shops(0, DAYS, 3.0)
    for month in range(1, 19):
        _charged(life, month, 1_299 if month < 11 else 1_799, "films" if month < 6 else "store")


def _charged(life: Life, month: int, amount: int, merchant: str, card: str = "1") -> None:
    """A charge on the fifth of a month, counted from the first."""
    day = (date(2025 + (month - 1) // 12, (month - 1) % 12 + 1, 5) - BEGIN.date()).days
    charge = {"amount": amount, "currency": "USD", "merchant_category": "4899"}
    charge |= {"merchant_id": merchant, "channel": "online", "card_id": f"{life.name}-{card}"}
    life.does("purchase", day, **charge)
