"""What a backfill tells while it loads, and when it is done."""

from datetime import date

from ebbwatch.cli.pages.backfill import document, page
from modelling.history import Cleaning
from streams.tools.backfill import Loaded

CLEANING = Cleaning(
    rows=541_909,
    used=406_829,
    left_out={"missing_id": 135_080},
    refunds=8_905,
    zero_purchases=40,
    first={
        "missing_id": "shop.csv: row 623, column CustomerID: expected a customer id, got nothing"
    },
    customers=4_372,
    first_day=date(2010, 12, 1),
    last_day=date(2011, 12, 9),
)


def test_a_backfill_tells_what_became_of_the_rows_and_not_only_of_the_events() -> None:
    result = document(Loaded(until=0.0, last_event=None, events=406_829), CLEANING, 1.0)
    assert result["history"]["rows"] == 541_909
    assert result["history"]["left_out"]["missing_id"]["rows"] == 135_080
    told = page(result, CLEANING)
    assert "541909 rows read, 406829 used: 4372 customers, 2010-12-01 to 2011-12-09, 8905" in told
    assert "135080 rows left out as missing_id; first shop.csv: row 623" in told
