"""The CDNOW purchase log as wire events."""

from importlib import resources
from typing import Final

from ebbwatch.demo.events.habits import Event

FILE: Final = "CDNOW_master.txt"
ROWS: Final = 69_659
CUSTOMERS: Final = 23_570


def purchases() -> list[Event]:
    """Every row of the packaged log as a purchase, by event time, rows of a day in file order."""
    text = resources.files("ebbwatch.demo").joinpath("data", FILE).read_text(encoding="ascii")
    rows = text.splitlines()[1:]
    events = [_purchase(number, row) for number, row in enumerate(rows, start=1)]
    return sorted(events, key=lambda event: event["event_time"])


def _purchase(number: int, row: str) -> Event:
    customer, day, _, dollars = row.split()
    return {
        "event_id": f"{FILE}:{number}",
        "customer_id": f"cdnow-{customer}",
        "event_time": f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00:00Z",
        "type": "purchase",
        "amount": round(float(dollars) * 100),
        "currency": "USD",
        "merchant_category": "5735",
        "merchant_id": "cdnow",
        "card_id": f"card-{customer}",
        "channel": "online",
    }
