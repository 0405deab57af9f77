"""What a query counts in a warehouse is what the files' path counts, on real engines."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import warehouse_engines as engines
from histories import cdnow_sample, complete_journey
from warehouse_cases import PLAIN, WHOLE, WarehouseCase, hostile, local_times
from warehouse_engines import Warehouse, WarehouseRefusalError

from modelling.bulk.lots import below, lot
from modelling.history import Columns
from modelling.leaving.consenting import withdrew
from modelling.warehouse import read_customers, read_lives, summary_sql

pytestmark = pytest.mark.slow
ENGINES = {
    "duckdb": lambda: nullcontext(engines.duckdb),
    "postgres": engines.postgres,
    "spark": engines.spark,
}
PARAMETERS = [
    "duckdb",
    pytest.param("postgres", marks=pytest.mark.warehouse),
    pytest.param("spark", marks=pytest.mark.warehouse),
]


@pytest.fixture(scope="module", params=PARAMETERS)
def warehouse(request: pytest.FixtureRequest) -> Iterator[tuple[str, Warehouse]]:
    with ENGINES[request.param]() as run:
        yield request.param, run


def agrees(case: WarehouseCase, warehouse: tuple[str, Warehouse], folder: Path) -> None:
    dialect, run = warehouse
    case.agrees(run, dialect, folder)


def test_the_cdnow_log_by_days(warehouse: Any, tmp_path: Path) -> None:
    table = cdnow_sample().with_columns(pl.col("Tag").str.to_date())
    columns = Columns(
        **{**PLAIN_NAMES, "customer_id": "Kunde", "event_time": "Tag", "amount": "Betrag"}
    )
    window = {"until": date(1997, 9, 30), "holdout": date(1998, 6, 30), "time_type": "date"}
    agrees(WarehouseCase(table, columns, window), warehouse, tmp_path)
    (tmp_path / "whole").mkdir()
    agrees(WarehouseCase(table, columns, {"time_type": "date"}), warehouse, tmp_path / "whole")


def test_the_complete_journey_log_by_the_shops_clocks(warehouse: Any, tmp_path: Path) -> None:
    names = {"customer_id": "household_id", "event_time": "at", "amount": "value"}
    columns, zone = Columns(**{**PLAIN_NAMES, **names}), "America/New_York"
    window = {"until": date(2017, 9, 30), "holdout": date(2017, 12, 31)}
    agrees(WarehouseCase(complete_journey(), columns, window, zone=zone), warehouse, tmp_path)


PLAIN_NAMES = {name: getattr(PLAIN, name) for name in PLAIN.__dataclass_fields__}
ZONES = (
    "America/Santiago",  # midnight is skipped, and struck twice
    "America/St_Johns",  # changes at a minute past midnight, for years by two hours
    "Antarctica/Troll",  # by two hours
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Zurich",
    "Pacific/Apia",  # a whole day is skipped
    "UTC",
)


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_the_clocks(zone: str, warehouse: Any, tmp_path: Path) -> None:
    times = local_times(zone, 1985, 2025)
    times = times or [datetime(2024, 3, 31, 1, 30), datetime(2024, 4, 1)]  # noqa: DTZ001
    table = pl.DataFrame(
        {
            "customer_id": [f"c{n % 97}" for n in range(len(times))],
            "event_time": times,
            "amount": [n % 50 for n in range(len(times))],
        }
    )
    agrees(WarehouseCase(table, zone=zone), warehouse, tmp_path)


def test_instants_are_counted_by_the_days_of_the_book(warehouse: Any, tmp_path: Path) -> None:
    start = datetime(2024, 3, 30, 20, tzinfo=UTC)
    times = [start + timedelta(minutes=30 * n) for n in range(120)]
    table = pl.DataFrame(
        {
            "customer_id": [f"c{n % 7}" for n in range(120)],
            "event_time": pl.Series(times, dtype=pl.Datetime("us", "UTC")),
            "amount": [Decimal(n) / 8 for n in range(120)],
        }
    )
    options = {"time_type": "instant", "until": date(2024, 3, 31), "holdout": date(2024, 4, 1)}
    agrees(WarehouseCase(table, options=options, zone="Europe/Zurich"), warehouse, tmp_path)


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
@pytest.mark.parametrize("unit", ["major", "minor"])
def test_amounts_are_exact(currency: str, unit: str, warehouse: Any, tmp_path: Path) -> None:
    texts = [
        "0.29",
        "1.005",
        "1.015",
        "-1.025",
        " 7 ",
        "1e2",
        "2.5E-1",
        "+3",
        ".5",
        "4.",
        "0",
        "-0",
    ]
    texts += ["", "nan", "NaN", "x", "1,5", "inf", "1e14", "99999999999.99", "10000000000000", "-5"]
    texts += [f"{n / 1000:.3f}" for n in range(0, 3000, 7)]
    for values in (texts, [float(t) if _is_float(t) else None for t in texts]):
        table = pl.DataFrame(
            {
                "customer_id": [f"c{n % 11}" for n in range(len(values))],
                "event_time": [
                    date(2024, 1, 1) + timedelta(days=n % 90) for n in range(len(values))
                ],
                "amount": values,
            }
        )
        options = {"time_type": "date", "unit": unit}
        folder = tmp_path / str(table.schema["amount"])
        folder.mkdir()
        agrees(WarehouseCase(table, options=options, currency=currency), warehouse, folder)


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_whole_numbers_decimals_and_gaps(warehouse: Any, tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "customer_id": [17850.0, 17850.0, None, 17851.0, 3.0],
            "event_time": [date(2024, 1, n) for n in (1, 2, 3, 4, 5)],
            "amount": pl.Series([Decimal("1.005"), Decimal("2.015"), None, Decimal(3), None]).cast(
                pl.Decimal(12, 3)
            ),
        }
    )
    agrees(WarehouseCase(table, options={"time_type": "date"}), warehouse, tmp_path)


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/Santiago"])
def test_all_columns_and_all_troubles(zone: str, warehouse: Any, tmp_path: Path) -> None:
    options = {"until": date(2024, 4, 10), "holdout": date(2024, 4, 15)}
    case = WarehouseCase(hostile(3_000), WHOLE, options, "CHF", zone)
    agrees(case, warehouse, tmp_path)


def test_duckdb_s_optimiser_changes_nothing(tmp_path: Path) -> None:
    options = {"until": date(2024, 4, 10), "holdout": date(2024, 4, 15)}
    names = {name: getattr(WHOLE, name) for name in WHOLE.__dataclass_fields__}
    unread = dict.fromkeys(("purpose", "granted", "legal_basis"))  # or it takes half a minute
    columns = Columns(**{**names, **unread})
    case = WarehouseCase(hostile(1_000), columns, options, "CHF", "Europe/Zurich")
    case.agrees(partial(engines.duckdb, optimises=True), "duckdb", tmp_path)


def test_refunds_find_when_what_they_take_back_was(warehouse: Any, tmp_path: Path) -> None:
    table = hostile(2_000).drop("reversed_time")
    names = {name: getattr(WHOLE, name) for name in WHOLE.__dataclass_fields__}
    agrees(
        WarehouseCase(table, Columns(**{**names, "reversed_time": None}), {}, "CHF"),
        warehouse,
        tmp_path,
    )


@pytest.mark.parametrize(
    ("unread", "gone"), [(("legal_basis", "score"), 6), (("granted",), 0)]
)  # who says neither says nothing
def test_who_withdrew_consent_is_left_out_as_of_files(
    unread: tuple[str, ...], gone: int, warehouse: Any, tmp_path: Path
) -> None:
    names = {name: getattr(WHOLE, name) for name in WHOLE.__dataclass_fields__}
    columns = Columns(**{**names, **dict.fromkeys(unread)})
    case = WarehouseCase(hostile(1_200), columns, {"until": date(2024, 4, 1)}, "CHF")
    log = case.read(tmp_path, date(2024, 4, 1)).events()
    assert withdrew(log).sum() == gone
    agrees(case, warehouse, tmp_path)


def test_a_refund_that_names_the_first_purchase_is_no_repeat_purchases(
    warehouse: Any, tmp_path: Path
) -> None:
    days = (1, 1, 5, 9)
    table = pl.DataFrame(
        {
            "customer_id": ["ann"] * 4,
            "event_time": [datetime(2024, 1, day, 12 + n) for n, day in enumerate(days)],  # noqa: DTZ001
            "amount": [10.0, 20.0, 40.0, 5.0],
            "type": ["purchase"] * 3 + ["refund"],
            "event_id": ["e1", "e2", "e3", "e4"],
            "reverses": [None, None, None, "e1"],
            "reversed_time": [None, None, None, datetime(2024, 1, 5, 3)],  # noqa: DTZ001
        }
    )
    names = {name: name for name in table.columns if name != "customer_id"}
    case = WarehouseCase(table, Columns(**{**PLAIN_NAMES, **names}))
    agrees(case, warehouse, tmp_path)
    dialect, run = warehouse
    made = run(table, summary_sql(case.query(dialect), "customers"), tmp_path / "again.parquet")
    assert read_customers(made, case.book).summary.monetary_value.tolist() == [4_000.0]


def test_customers_are_drawn_by_their_id_alone(warehouse: Any, tmp_path: Path) -> None:
    dialect, run = warehouse
    table = pl.DataFrame(
        {
            "customer_id": [f"c{n % 200}" for n in range(1_000)],
            "event_time": [date(2024, 1, 1) + timedelta(days=n % 90) for n in range(1_000)],
            "amount": [1.0] * 1_000,
        }
    )
    case = WarehouseCase(table, options={"time_type": "date", "share": 0.3})
    made = run(table, summary_sql(case.query(dialect), "lives"), tmp_path / "drawn.parquet")
    lives = read_lives(made, case.book)
    drawn = {name for name in table["customer_id"] if lot(name) < below(0.3)}
    assert 40 < len(drawn) < 80
    assert set(lives.frame["customer_id"]) == drawn
    assert lives.share == 0.3
    assert lives.cleaning.left_out["not_drawn"] == 1_000 - 5 * len(drawn)


def test_a_column_of_times_of_another_type_is_refused(warehouse: Any, tmp_path: Path) -> None:
    dialect, run = warehouse
    table = pl.DataFrame({"customer_id": ["a"], "event_time": [date(2024, 1, 1)], "amount": [1.0]})
    case = WarehouseCase(table, options={"time_type": "instant"})
    with pytest.raises(WarehouseRefusalError, match="by --time-type instant, got"):
        run(table, summary_sql(case.query(dialect), "customers"), tmp_path / "c.parquet")
